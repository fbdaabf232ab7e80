from feedback.management.commands.export_customer import Command as Plain
from portal import audit


class Command(Plain):
    """The same, and the audit trail says that it was done."""

    def handle(self, *, email, **options):
        whose = audit.customer_at(email)
        if whose:  # written down first: what has gone out cannot be called back
            audit.record("export", target=whose)
        super().handle(email=email, **options)
