from django.core.management.base import BaseCommand

from kb.invariants import in_order


class Command(BaseCommand):
    help = "Check on live data what must always hold; a line for each violation, exit 1 if any."

    def handle(self, **options):
        found = 0
        for invariant in in_order():
            violations = list(invariant.violations())
            found += len(violations)
            mark = "broken" if violations else "holds "
            self.stdout.write(f"{invariant.number:4} {mark} {invariant.sentence}")
            for violation in violations:
                self.stdout.write(self.style.ERROR(f"     {violation}"))
        self.stdout.write(f"{found} violations." if found else "Everything holds.")
        if found:
            raise SystemExit(1)
