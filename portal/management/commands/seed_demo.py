import os
import secrets

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from feedback.models import Ticket
from kb.models import Article
from portal import accounts
from portal.demo.clock import Diary
from portal.demo.desk import lay_out_the_desk
from portal.demo.library import write_the_articles
from portal.demo.playing import play_the_stories
from portal.demo.readers import let_people_read
from portal.demo.shop import announce_the_known_issues, open_the_shop
from portal.models import User


class Command(BaseCommand):
    help = "Fill an empty portal with a company, its answers and its customers' requests."

    def handle(self, **options):
        if Article.objects.exists() or Ticket.objects.exists():
            self.stdout.write("There is content already; nothing was changed.")
            return
        with transaction.atomic():
            self.let_staff_in()
            open_the_shop()
            users = {user.username: user for user in User.objects.all()}
            write_the_articles(users["sam"])
            diary = Diary(timezone.now())
            announce_the_known_issues(diary)
            play_the_stories(diary)
            lay_out_the_desk(diary, users)
            let_people_read(diary)
        self.stdout.write(
            f"{Article.objects.count()} articles and {Ticket.objects.count()} requests are there."
        )

    def let_staff_in(self):
        """The four colleagues; their password is said once when nobody has set one."""
        if User.objects.filter(username__in=accounts.DEMO_STAFF).count() == len(
            accounts.DEMO_STAFF
        ):
            return
        password = os.environ.get("DEMO_PASSWORD") or secrets.token_urlsafe(12)
        accounts.ensure_demo_staff(password)
        if not os.environ.get("DEMO_PASSWORD"):
            self.stdout.write(f"The demo staff sign in with the password {password}")
