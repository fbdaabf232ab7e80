from django.core.management.base import CommandError
from haystack.management.commands import rebuild_index

from kb.search import keeping, vectors


class Command(rebuild_index.Command):
    """Haystack's command; for our own engines it builds beside the serving index, then switches."""

    help = "Builds the search index anew beside the one that is served, then switches to it."

    def handle(self, **options):
        ours = {backend.connection_alias: backend for backend in keeping.followers()}
        wanted = options["using"] or list(ours)
        if not ours:
            return super().handle(**options)
        for alias in wanted:
            if alias not in ours:
                raise CommandError(f"There is no search connection {alias!r} of our own.")
            count = keeping.rebuild(ours[alias], self._progress(options["verbosity"]))
            if options["verbosity"]:
                self.stdout.write(f"{alias}: {count} articles")
        while vectors.catch_up():
            pass  # found by their words meanwhile

    def _progress(self, verbosity):
        def tell(done):
            if verbosity and done % 5000 == 0:
                self.stdout.write(f"  {done}…")

        return tell
