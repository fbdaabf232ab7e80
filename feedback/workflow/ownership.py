"""What happens to a colleague's tickets when they leave."""

from django.db import transaction

from feedback.models import Ticket


def return_tickets_of(user):
    """Their open tickets go back to the team, each with an event; how many there were."""
    from feedback.workflow.engine import move

    owned = list(Ticket.objects.owned_by(user))
    with transaction.atomic():
        for ticket in owned:
            move(ticket, "release", actor="system", reason="left")
    return len(owned)
