"""A customer writes on a request that is closed: where do their words belong?

Within the window they open it again, which is the move's own effect. Here are the two
other cases: the words of a duplicate belong to the ticket that took it over, and long
after closing they begin a new one that follows the old.
"""

from datetime import timedelta

from feedback.models import Ticket
from feedback.workflow import opening

REPEAT_WITHIN = timedelta(minutes=10)


def survivor(ticket):
    """The ticket that took this one over, however many hands it went through."""
    seen = set()
    while (
        ticket.outcome == Ticket.Outcome.DUPLICATE
        and ticket.duplicate_of is not None
        and ticket.pk not in seen
    ):
        seen.add(ticket.pk)
        ticket = ticket.duplicate_of
    return ticket


def follow_up(locked, now, body, files=()):
    """The event of a new ticket that follows this one; None while it can still be reopened.

    Pressing twice leads to the same one.
    """
    if locked.is_open or locked.reopen_until is None or now <= locked.reopen_until:
        return None
    latest = locked.followed_by.filter(
        original_words=body, received_at__gte=now - REPEAT_WITHIN
    ).first()
    ticket = latest or opening.open_ticket(
        locked.customer,
        body=body,
        files=files,
        now=now,
        follows=locked,
        kind=locked.kind,
        subject=locked.subject,
        category=locked.category,
        channel=locked.channel,
        order_number=locked.order_number,
        about_person=locked.about_person,
    )
    return ticket.events.get(type="received")
