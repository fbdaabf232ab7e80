import sys

from django.core.management.base import BaseCommand, CommandError

from kb import importing
from kb.privacy import gate
from kb.search import keeping

READ_AT_ONCE = 2_000  # some ten seconds; more would hold up whoever brings in a hundred thousand


class Command(BaseCommand):
    help = "Bring articles in from JSON lines or a folder of Markdown files."

    def add_arguments(self, parser):
        parser.add_argument("file", help="JSON lines, or a folder of Markdown files.")
        parser.add_argument("--markdown", action="store_true", help="The bodies are Markdown.")
        parser.add_argument("--draft", action="store_true", help="For colleagues only, to check.")

    def handle(self, *, file, markdown, draft, **options):
        try:
            whole = importing.size(file)
        except OSError as problem:
            raise CommandError(f"{file}: {problem.strerror}") from None
        bar = Bar(self.stderr, whole)
        records = importing.read(file, is_markdown=markdown)
        outcome = importing.run(records, is_draft=draft, progress=bar.show)
        bar.finish()
        keeping.compare_and_mend()  # found at once, worker or none
        for place, reason in outcome.problems:
            self.stderr.write(f"{place}: {reason}")
        for place, reason in outcome.left_out:
            self.stderr.write(f"{place}, without an image: {reason}")
        self.stdout.write(
            f"{outcome.created} created, {outcome.updated} updated, "
            f"{outcome.unchanged} unchanged, {len(outcome.problems)} left out"
        )
        self._scan()

    def _scan(self):
        """The gate reads what went public; of very many the worker reads the rest."""
        if held := gate.rescan(READ_AT_ONCE):
            self.stdout.write(
                f"{len(held)} may show personal data; they are public, and flagged for a publisher "
                "(what is the company's own belongs among the public values)"
            )
        if left := gate.unread().count():
            self.stdout.write(
                f"{left} are still to be read by the privacy gate; the worker does it"
            )


class Bar:
    """A progress bar for somebody who is watching; silent in a log file."""

    def __init__(self, stream, whole):
        self.stream, self.whole, self.shown = stream, max(1, whole), -1
        self.is_watched = sys.stderr.isatty()

    def show(self, done):
        percent = min(100, 100 * done // self.whole)
        if self.is_watched and percent != self.shown:
            self.shown = percent
            self.stream.write(f"\r[{'=' * (percent // 4):<25}] {percent:3} %", ending="")

    def finish(self):
        if self.is_watched:
            self.stream.write("")
