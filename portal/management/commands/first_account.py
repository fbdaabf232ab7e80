from django.core.management.base import BaseCommand, CommandError

from portal.models import User
from portal.signin import letters


class Command(BaseCommand):
    help = "Make the first account and print the link, good once and for an hour, that opens it."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("email")

    def handle(self, *, username, email, **options):
        others = User.objects.filter(is_superuser=True, is_active=True)
        if any(user.has_usable_password() for user in others):
            raise CommandError("There is an administrator already; invitations are theirs to send.")
        user, _is_new = User.objects.update_or_create(
            username=username,
            defaults={"email": email, "is_staff": True, "is_superuser": True, "is_active": True},
        )
        user.set_unusable_password()
        user.save()
        self.stdout.write(letters.first_link(user))
