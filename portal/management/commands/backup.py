from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from portal.backup import BackupTrouble, back_up


class Command(BaseCommand):
    help = "Copy database and attachments into a new folder while the portal serves."

    def add_arguments(self, parser):
        parser.add_argument("folder")

    def handle(self, *, folder, **options):
        try:
            manifest = back_up(folder, connection)
        except BackupTrouble as trouble:
            raise CommandError(trouble) from None
        self.stdout.write(f"{len(manifest['files'])} files in {folder}, each with its checksum.")
