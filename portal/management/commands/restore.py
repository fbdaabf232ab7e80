from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from portal import chores
from portal.backup import BackupTrouble, restore


class Command(BaseCommand):
    help = "Put a backup back, into an empty database; then migrate and build the index."
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("folder")

    def handle(self, *, folder, **options):
        try:
            manifest = restore(folder, connection)
        except BackupTrouble as trouble:
            raise CommandError(trouble) from None
        call_command("migrate", interactive=False, verbosity=0)
        chores.build_index()
        self.stdout.write(f"The state of {manifest['at']} is back.")
