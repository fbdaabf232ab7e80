import os

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from kb.models import Article
from portal import accounts, chores


class Command(BaseCommand):
    help = "Make ready to serve: folders, migrations, demo content if empty, index, static files."

    def handle(self, **options):
        for folder in ("INDEX_DIR", "ATTACHMENT_DIR", "MAIL_DIR", "JOURNAL_DIR"):
            getattr(settings, folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        call_command("migrate", interactive=False, verbosity=0)
        if settings.DEMO:
            self.fill_demo()
        self.ready_index()
        call_command("collectstatic", interactive=False, verbosity=0)
        self.say_where()

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
        self.stdout.write("Ctrl-C stops it.\n")
