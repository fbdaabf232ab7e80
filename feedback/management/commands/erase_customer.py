from django.core.management.base import BaseCommand, CommandError

from feedback.erasing import erase
from feedback.models import Customer


class Command(BaseCommand):
    help = "Erase everything the customer with this e-mail address left with us."

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("--dry-run", action="store_true", help="Only say what would go.")

    def handle(self, *, email, dry_run, **options):
        customer = Customer.objects.filter(email=email.strip().casefold()).first()
        if customer is None:
            raise CommandError(f"There is no customer with the address {email}.")
        for name, number in erase(customer, is_dry_run=dry_run).items():
            self.stdout.write(f"{number:6} {name}")
        self.stdout.write("Nothing was erased: a dry run." if dry_run else "Erased.")
