import json
import sys

from django.core.management.base import BaseCommand, CommandError

from kb import exporting


class Command(BaseCommand):
    help = "Write every article as JSON lines that import_articles takes back."

    def add_arguments(self, parser):
        parser.add_argument("file", help="Where to write; - for the standard output.")

    def handle(self, *, file, **options):
        if file == "-":
            self.write(sys.stdout)
            return
        try:
            with open(file, "w", encoding="utf-8") as out:
                written = self.write(out)
        except OSError as problem:
            raise CommandError(f"{file}: {problem.strerror}") from None
        self.stdout.write(f"{written} articles written to {file}")

    def write(self, out):
        written = 0
        for record in exporting.records():
            out.write(json.dumps(record, ensure_ascii=False) + "\n")
            written += 1
        return written
