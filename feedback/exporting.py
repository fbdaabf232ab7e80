"""A person's data, whole, in a form they can read and take elsewhere."""

from django.forms.models import model_to_dict

from feedback.models import KnownIssueFollower

CUSTOMER_FIELDS = (
    "name", "call_me", "email", "phone", "preferred_channel", "preferred_detail",
    "preferred_time", "language", "created_at",
)  # fmt: skip
TICKET_FIELDS = (
    "reference", "kind", "channel", "subject", "original_words", "remedy_sought", "order_number",
    "facts", "feeling", "personal_remarks", "need_statement", "customer_tasks", "stage",
    "outcome", "complaint_cause", "search_words", "may_be_quoted", "received_at", "closed_at",
)  # fmt: skip


def export(customer):
    """Everything we hold about this customer; colleagues appear by their first name only."""
    return {
        "customer": _fields(customer, CUSTOMER_FIELDS),
        "followed issues": [
            {"issue": follower.known_issue.title, "at": follower.at, "told_at": follower.told_at}
            for follower in KnownIssueFollower.objects.filter(customer=customer)
        ],
        "requests": [_ticket(ticket) for ticket in customer.tickets.order_by("received_at")],
    }


def _ticket(ticket):
    survey = getattr(ticket, "survey", None)
    return _fields(ticket, TICKET_FIELDS) | {
        "messages": [_message(m) for m in ticket.messages.prefetch_related("attachments")],
        "notes": [{"at": note.at, "words": note.body} for note in ticket.notes.all()],
        "promises": [
            _fields(promise, ("kind", "what", "due_at", "state", "made_at", "done_at", "reason"))
            for promise in ticket.promises.order_by("made_at")
        ],
        "managers asked": [
            _fields(each, ("raised_at", "reason", "tried", "outcome", "settled_at"))
            for each in ticket.escalations.order_by("raised_at")
        ],
        "history": [{"what": e.type, "at": e.at, "by": e.actor_kind} for e in ticket.events.all()],
        "mails": [
            {"subject": mail.subject, "sent_at": mail.sent_at, "text": mail.text}
            for mail in ticket.emails.filter(to=ticket.customer.email or "")
        ],
        "survey": survey and model_to_dict(survey, ["score", "is_settled", "comment"]),
    }


def _message(message):
    return {
        "at": message.at,
        "direction": message.direction,
        "by": message.author.get_short_name() if message.author else message.author_kind,
        "type": message.type,
        "words": message.body,
        "files": [{"name": a.name, "size": a.size} for a in message.attachments.all()],
    }


def _fields(row, names):
    return {name: getattr(row, name) for name in names}
