"""What must always hold for tickets, promises and closings."""

from datetime import timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, Value, Window
from django.db.models.functions import Lag
from django.utils import timezone

from feedback import promises
from feedback.hours import Calendar
from feedback.models import (
    Escalation,
    Message,
    Promise,
    Ticket,
    TicketArticleLink,
    TicketEvent,
)
from feedback.people import UNSETTLED
from feedback.workflow.clock import CLOSE_AFTER
from kb.invariants import holds

Stage, Kind, Outcome, Knowledge = Ticket.Stage, Ticket.Kind, Ticket.Outcome, Ticket.Knowledge
ANSWERED = [Outcome.SATISFIED, Outcome.UNANSWERED, Outcome.FINAL]
# The clock may be a little behind before a promise counts as forgotten.
SLACK = timedelta(minutes=15)


@holds("I1", "One submission is one ticket, one original message, one promise, one acknowledgement")
def whole_beginnings():
    parts = {
        "original message": Count("messages", filter=Q(messages__type=Message.Type.ORIGINAL)),
        "acknowledgement": Count("messages", filter=Q(messages__type=Message.Type.ACKNOWLEDGEMENT)),
        "first-reply promise": Count(
            "promises",
            filter=Q(promises__kind=Promise.Kind.FIRST_REPLY, promises__renews=None),
        ),
    }
    for name, count in parts.items():
        for ticket in Ticket.objects.annotate(n=count).exclude(n=1):
            yield f"{ticket.reference} has {ticket.n} of: {name}"
    for ticket in _written_to().annotate(n=_ACKNOWLEDGED).exclude(n=1):
        yield f"{ticket.reference} has {ticket.n} of: mail that acknowledges it"


def _written_to():
    """The tickets of customers we can write to, erased ones left out."""
    return Ticket.objects.filter(anonymised_at=None).exclude(customer__email=None)


_ACKNOWLEDGED = Count("emails", filter=Q(emails__kind=Message.Type.ACKNOWLEDGEMENT))


@holds(
    "I2", "Every complaint's acknowledgement is handed to mail, or listed as not yet acknowledged"
)
def complaints_are_acknowledged():
    for ticket in _written_to().filter(kind=Kind.COMPLAINT).annotate(n=_ACKNOWLEDGED).filter(n=0):
        yield f"{ticket.reference} is a complaint without an acknowledgement in the outbox"


@holds("I3", "Every open ticket past Greeting has an active owner, or was given back to the team")
def open_tickets_are_owned():
    past_greeting = Ticket.objects.open().exclude(stage=Stage.GREETING)
    for ticket in past_greeting.filter(owner__is_active=False):
        yield f"{ticket.reference} is owned by somebody who has left"
    for ticket in past_greeting.filter(owner=None):
        handed = ticket.events.filter(data__has_key="owner").last()
        if handed is None or handed.data["owner"] is not None:
            yield f"{ticket.reference} is in {ticket.stage} and nobody's"


@holds("I5", "Every open ticket has a next date")
def open_tickets_have_a_date():
    dated = Promise.objects.filter(ticket=OuterRef("pk")).filter(
        Q(state=Promise.State.OPEN) | Q(state=Promise.State.LATE, notice_sent_at=None)
    )
    is_waiting = Q(waiting_on=Ticket.WaitingOn.CUSTOMER, remind_at__isnull=False)
    for ticket in Ticket.objects.open().exclude(is_waiting).filter(~Exists(dated)):
        yield f"{ticket.reference} waits on {ticket.waiting_on} without a date"


@holds("I6", "A complaint or request in Delivering has had a dated promise in a sent message")
def deliveries_are_promised():
    delivering = Ticket.objects.filter(
        stage=Stage.DELIVERING, kind__in=[Kind.COMPLAINT, Kind.REQUEST]
    )
    for ticket in delivering:
        if not promises.had_a_dated_promise(ticket):
            yield f"{ticket.reference} is being delivered without a written date"


@holds("I8", "No promise is late without a late notice once the grace has passed")
def nothing_is_silently_late():
    now, calendar = timezone.now(), Calendar.load()
    late = Promise.objects.filter(
        ticket__is_safety_concern=False,
        notice_sent_at=None,
        state__in=[Promise.State.OPEN, Promise.State.LATE],
        due_at__lt=now,
    ).exclude(ticket__stage=Stage.CLOSED)
    for promise in late.select_related("ticket"):
        if calendar.add_business_minutes(promise.due_at, promises.GRACE) + SLACK < now:
            yield f"{promise.ticket.reference}: “{promise.what}” is late and nobody was told"


@holds("I9", "Only the customer, the clock or a manager closes; each closing has its proof")
def closings_are_proven():
    closed = Ticket.objects.filter(stage=Stage.CLOSED)

    def by(actor_kind, type):
        return Exists(
            TicketEvent.objects.filter(
                ticket=OuterRef("pk"), type=type, actor_kind=actor_kind, at=OuterRef("closed_at")
            )
        )

    for ticket in closed.filter(~by("customer", "confirm"), outcome=Outcome.SATISFIED):
        yield f"{ticket.reference} is closed as settled without the customer's answer"
    for ticket in closed.filter(~by("staff", "final_answer"), outcome=Outcome.FINAL):
        yield f"{ticket.reference} is closed as final without a manager's answer"
    reminded = TicketEvent.objects.filter(
        ticket=OuterRef("pk"), type="remind", at__lte=OuterRef("closed_at") - timedelta(days=1)
    )
    asked = Message.objects.filter(
        ticket=OuterRef("pk"),
        type=Message.Type.VERIFICATION,
        at__lte=OuterRef("closed_at") - CLOSE_AFTER,
    )
    unanswered = closed.filter(outcome=Outcome.UNANSWERED)
    for ticket in unanswered.filter(
        ~by("clock", "close_unanswered") | ~Exists(reminded) | ~Exists(asked)
    ):
        yield f"{ticket.reference} is closed as unanswered without question, reminder and waiting"
    for ticket in closed.filter(outcome=Outcome.THANKED).exclude(kind=Kind.COMPLIMENT):
        yield f"{ticket.reference} is a {ticket.kind} closed with a thank-you"


@holds("I10", "No ticket closes with an open escalation or an open promise")
def closed_tickets_leave_nothing_open():
    closed = Ticket.objects.filter(stage=Stage.CLOSED)
    open_promise = Promise.objects.open().filter(ticket=OuterRef("pk"))
    open_escalation = Escalation.objects.filter(ticket=OuterRef("pk"), state__in=UNSETTLED)
    for ticket in closed.filter(Exists(open_promise)):
        yield f"{ticket.reference} is closed with an open promise"
    for ticket in closed.filter(Exists(open_escalation)):
        yield f"{ticket.reference} is closed with an open escalation"


@holds("I12", "Past Delivering, a ticket has a knowledge decision, and what it names exists")
def knowledge_is_decided():
    past = Ticket.objects.filter(Q(stage=Stage.CLOSING) | Q(outcome__in=ANSWERED)).exclude(
        kind=Kind.COMPLIMENT
    )
    Relation = TicketArticleLink.Relation

    def linked(relation):
        return Exists(TicketArticleLink.objects.filter(ticket=OuterRef("pk"), relation=relation))

    for ticket in past.exclude(knowledge__in=Knowledge.values):
        yield f"{ticket.reference} was answered without a knowledge decision"
    for ticket in past.filter(
        knowledge=Knowledge.NOT_NEEDED, knowledge_reason="", anonymised_at=None
    ):
        yield f"{ticket.reference} needs no article, and nobody said why"
    for ticket in past.filter(~linked(Relation.SOLVED_BY), knowledge=Knowledge.LINKED):
        yield f"{ticket.reference} is solved by an article, but no article is linked"
    # Whoever promised to write it up has a day to do so.
    answered_long_ago = Exists(
        TicketEvent.objects.filter(
            ticket=OuterRef("pk"),
            to_stage=Stage.CLOSING,
            at__lt=timezone.now() - timedelta(days=1),
        )
    )
    to_be_written = past.filter(answered_long_ago, knowledge=Knowledge.DRAFTED)
    for ticket in to_be_written.filter(~linked(Relation.CREATED_FROM)):
        yield f"{ticket.reference} was written up, but no article came of it"


@holds("I13", "Every stage was entered by an event, from the stage before it")
def stages_follow_each_other():
    last = TicketEvent.objects.filter(ticket=OuterRef("pk")).order_by("-pk").values("to_stage")[:1]
    for ticket in Ticket.objects.annotate(told=last).exclude(told=F("stage")):
        yield f"{ticket.reference} is in {ticket.stage}, but its history ends in {ticket.told}"
    before = Window(Lag("to_stage", default=Value("")), partition_by="ticket", order_by="pk")
    for event in TicketEvent.objects.annotate(before=before).exclude(before=F("from_stage")):
        yield (
            f"event {event.pk} of ticket {event.ticket_id} begins in {event.from_stage}, "
            f"but the one before it ended in {event.before}"
        )


@holds("I32", "A complaint about a person is never owned by that person")
def nobody_judges_themselves():
    for ticket in Ticket.objects.filter(about_person=F("owner")).exclude(owner=None):
        yield f"{ticket.reference} is owned by whom it is about"
