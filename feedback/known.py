"""Who must not be recognised: everything a ticket knows about the people in it."""

from django.utils.translation import gettext as _

from feedback.models import Attachment, Message, Ticket
from kb import privacy
from kb.privacy import Kind, KnownValue


def known_values(ticket):
    """What we asked the customer for, what they told beside it, and who answered."""
    files = Attachment.objects.filter(message__ticket=ticket).values_list("name", flat=True)
    surnames = sorted({person.last_name for person in staff(ticket) if person.last_name})
    letters = ticket.messages.filter(direction=Message.Direction.IN).values_list("body", flat=True)
    return [
        *asked_for(ticket),
        *(KnownValue(Kind.FILE, name) for name in files if name),
        *(KnownValue(Kind.NAME, name, str(_("our team"))) for name in surnames),
        *privacy.told_in(ticket.original_words, ticket.facts, *letters),
    ]


def asked_for(ticket):
    """What the form asks for."""
    customer = ticket.customer
    values = [
        (Kind.NAME, customer.name, ""),
        (Kind.NAME, customer.call_me, ""),
        (Kind.EMAIL, customer.email, ""),
        (Kind.PHONE, customer.phone, ""),
        (Kind.REFERENCE, ticket.order_number, _("your order number")),
        (Kind.REFERENCE, ticket.reference, _("your reference")),
    ]
    return [KnownValue(kind, value, str(words)) for kind, value, words in values if value]


def masked(words, ticket):
    """Words of this ticket as they may be kept where nobody knows whose they were."""
    return privacy.mask(words, asked_for(ticket))[:200]


def with_tickets(rows):
    """Rows that count the same words of several tickets, each with one of these."""
    rows = list(rows)
    tickets = Ticket.objects.select_related("customer").in_bulk({row["ticket"] for row in rows})
    return [(row, tickets[row.pop("ticket")]) for row in rows]


def staff(ticket):
    """Who answered it and whose it is."""
    wrote = {m.author for m in ticket.messages.select_related("author") if m.author}
    return wrote | ({ticket.owner} if ticket.owner else set())
