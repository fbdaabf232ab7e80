import os
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from kb import visits
from kb.models import Article
from portal import accounts, chores
from portal.models import User


class Command(BaseCommand):
    help = "Make ready to serve: folders, migrations, demo content if empty, index, static files."

    def handle(self, **options):
        self.look_at_database()
        for folder in ("INDEX_DIR", "ATTACHMENT_DIR", "PICTURE_DIR", "MAIL_DIR", "JOURNAL_DIR"):
            getattr(settings, folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        call_command("migrate", interactive=False, verbosity=0)
        visits.turn_salts()  # so that no reader's page has to write one
        if settings.DEMO:
            self.fill_demo()
        self.ready_index()
        call_command("collectstatic", interactive=False, verbosity=0)
        self.say_where()

    def look_at_database(self):
        """A lost or damaged database is said aloud; an empty one is never begun in its place."""
        if connection.vendor != "sqlite":
            return
        file = Path(connection.settings_dict["NAME"])
        found, tables = "ok", []
        if file.exists():
            try:
                with connection.cursor() as cursor:
                    cursor.execute("PRAGMA quick_check(1)")
                    ((found,),) = cursor.fetchall()
                    tables = connection.introspection.table_names(cursor)
            except DatabaseError as error:
                found = str(error)
        if found != "ok":
            raise CommandError(
                f"{file} is damaged: {found}. Nothing was touched; restore a backup "
                "(manage.py restore) beside it."
            )
        # Whoever opens a database that is gone leaves an empty one behind.
        for folder in (settings.ATTACHMENT_DIR, settings.PICTURE_DIR) if not tables else ():
            if folder.is_dir() and any(folder.iterdir()):
                raise CommandError(
                    f"{file} is missing while its {folder.name} are here. Restore a backup "
                    f"(manage.py restore), or move the {folder.name} away to begin anew."
                )

    def fill_demo(self):
        accounts.ensure_demo_staff(os.environ["DEMO_PASSWORD"])
        if not Article.objects.exists():
            self.stdout.write("Writing the demo company's articles and requests …")
            call_command("seed_demo")

    def ready_index(self):
        if any(settings.INDEX_DIR.iterdir()):
            return  # the worker brings it up to date
        self.stdout.write("Building the search index …")
        chores.build_index()

    def say_where(self):
        self.stdout.write(f"\nAskwell answers at {settings.SITE_URL}/")
        if settings.DEMO:
            names = ", ".join(accounts.DEMO_STAFF)
            self.stdout.write(
                f"Staff sign in at {settings.SITE_URL}/admin/ as {names}; "
                f"the password of all of them: {os.environ['DEMO_PASSWORD']}"
            )
        else:
            self.stdout.write(f"Staff sign in at {settings.SITE_URL}/admin/")
            if not User.objects.exists():
                self.stdout.write("Open the first account: manage.py first_account NAME EMAIL")
