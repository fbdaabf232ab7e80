"""How a ticket begins: its words, the first promise and the acknowledgement, all or nothing."""

from django.utils import timezone

from feedback import files as file_store
from feedback import known, mail, promises, situations, wording
from feedback.hours import Calendar
from feedback.models import Message, Promise, Ticket, TicketEvent

Type = Message.Type


def open_ticket(customer, *, body, files=(), now=None, **fields):
    """Inside the caller's transaction: the ticket and everything that comes with it."""
    now = now or timezone.now()
    ticket = Ticket(customer=customer, original_words=body, received_at=now, **fields)
    ticket.search_words = known.masked(ticket.search_words, ticket)
    ticket.situation = situations.detect(ticket, f"{ticket.subject}\n{body}")
    ticket.priority = situations.priority(ticket)
    # Who is upset is answered as soon as a complaint is.
    is_upset = ticket.situation == Ticket.Situation.UPSET
    haste = Ticket.Kind.COMPLAINT if is_upset else ticket.kind
    calendar = Calendar.load()
    due_at = promises.first_reply_due(haste, now, calendar)
    back_at = None if calendar.is_open(now) else calendar.next_opening(now)
    ticket.first_reply_due = ticket.next_due_at = due_at
    ticket.save()
    original = ticket.messages.create(
        direction=Message.Direction.IN,
        author_kind=Message.AuthorKind.CUSTOMER,
        type=Type.ORIGINAL,
        body=body,
        channel=ticket.channel,
        at=now,
    )
    file_store.attach(original, files)
    acknowledgement = ticket.messages.create(
        direction=Message.Direction.OUT,
        author_kind=Message.AuthorKind.SYSTEM,
        type=Type.ACKNOWLEDGEMENT,
        body=wording.acknowledgement(ticket, due_at, back_at),
        at=now,
    )
    ticket.promises.create(
        kind=Promise.Kind.FIRST_REPLY,
        what=wording.first_reply(),
        due_at=due_at,
        made_at=now,
        message=acknowledgement,
    )
    TicketEvent.objects.create(
        ticket=ticket,
        type="received",
        to_stage=ticket.stage,
        actor_kind="customer",
        at=now,
        data={"kind": ticket.kind, "channel": ticket.channel},
    )
    mail.queue_message(ticket, acknowledgement, now=now)
    return ticket
