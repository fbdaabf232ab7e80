import json

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder

from feedback.exporting import export
from feedback.models import Customer


class Command(BaseCommand):
    help = "Everything we hold about the customer with this e-mail address, as JSON."

    def add_arguments(self, parser):
        parser.add_argument("email")

    def handle(self, *, email, **options):
        customer = Customer.objects.filter(email=email.strip().casefold()).first()
        if customer is None:
            raise CommandError(f"There is no customer with the address {email}.")
        data = json.dumps(export(customer), cls=DjangoJSONEncoder, indent=2, ensure_ascii=False)
        self.stdout.write(data)
