from django.core.management.base import BaseCommand, CommandError

from portal import audit
from portal.models import AuditEntry


class Command(BaseCommand):
    help = "Check that the audit trail is as it was written, entry by entry."

    def handle(self, **options):
        broken = list(audit.broken_links())
        if broken:
            raise CommandError("\n".join(broken))
        self.stdout.write(f"{AuditEntry.objects.count()} entries, each as it was written.")
