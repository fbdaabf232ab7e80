"""Tickets as their events tell of them, so that a figure about last month stays true.

A `Case` is one ticket with its history. What is a matter of record (kind, channel,
who asked) is read from the ticket; what happened, and when, only from the events.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from operator import attrgetter

from django.db.models import Q

from feedback.models import Message, Ticket, TicketEvent

CLOSED, CLOSING = Ticket.Stage.CLOSED, Ticket.Stage.CLOSING
NOT_COUNTED = [Ticket.Outcome.SPAM, Ticket.Outcome.DUPLICATE]
# How a ticket ended, by the event that ended it.
OUTCOMES = {
    "confirm": Ticket.Outcome.SATISFIED,
    "close_unanswered": Ticket.Outcome.UNANSWERED,
    "final_answer": Ticket.Outcome.FINAL,
    "thank": Ticket.Outcome.THANKED,
    "withdraw": Ticket.Outcome.WITHDRAWN,
    "mark_duplicate": Ticket.Outcome.DUPLICATE,
    "mark_spam": Ticket.Outcome.SPAM,
}
# Told elsewhere: by the ticket, by the promises, and by what staff write for each other.
NOT_READ = [
    "received",
    *("promise_made", "promise_settled", "promise_late", "promise_released", "note"),
    *("promotion_begun", "promoted"),
]
# After these it is the customer's turn, until one of those.
HANDS_OVER = {"ask", "resolve", "answer_now"}
TAKES_BACK = {
    *("add_message", "told_already", "correct_need", "change_plan", "choose_option"),
    *("not_yet", "ask_manager"),
    *("reopen", "go_on", "state_need", "send_plan", "answer_now", "resolve", "escalate"),
}
STATES_A_NEED = ("state_need", "answer_now", "reopen")
ANSWERS_A_NEED = ("confirm_need", "correct_need")


@dataclass(slots=True, eq=False)
class Event:
    at: datetime
    type: str
    from_stage: str
    to_stage: str
    actor_id: int | None

    @property
    def outcome(self):
        return OUTCOMES.get(self.type, "")


@dataclass(slots=True, eq=False)
class Said:
    """A message a colleague wrote to the customer."""

    pk: int
    at: datetime
    type: str
    tone_report: list | None

    @property
    def is_flagged(self):
        return any(hit.get("kept", True) for hit in self.tone_report or ())


@dataclass(slots=True, eq=False)
class Case:
    pk: int
    kind: str
    channel: str
    category_id: int | None
    business_area: str | None
    customer_id: int
    has_address: bool
    owner_id: int | None
    follows_id: int | None
    received_at: datetime
    first_reply_due: datetime | None
    next_due_at: datetime | None
    complaint_cause: str
    events: list[Event] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)

    @property
    def first_reply_at(self):
        return self.said[0].at if self.said else None

    def first(self, *types):
        """When the first event of these kinds happened, or None."""
        return next((event.at for event in self.events if event.type in types), None)

    def has(self, *types, until=None):
        return any(
            event.type in types and (until is None or event.at < until) for event in self.events
        )

    def closing_in(self, window):
        """The last event in the window that closed the ticket, or None."""
        closings = [e for e in self.events if _closes(e) and e.at in window]
        return closings[-1] if closings else None

    def stage_at(self, moment):
        """The stage it stood in just before that moment."""
        stage = Ticket.Stage.GREETING
        for event in self.events:
            if event.at >= moment:
                break
            stage = event.to_stage or stage
        return stage

    def reached_closing_before(self, moment):
        """The last time an answer had been sent and only the customer's word was missing."""
        reached = [e.at for e in self.events if _reaches_closing(e) and e.at <= moment]
        return reached[-1] if reached else None

    def reached_closing_in(self, window):
        return any(_reaches_closing(event) and event.at in window for event in self.events)

    def reopened_between(self, start, end):
        return any(event.type == "reopen" and start < event.at <= end for event in self.events)

    def waits_for_customer(self):
        """(from, until) of each time it was the customer's turn; None where it still is."""
        since = None
        for event in self.events:
            if since and event.type in TAKES_BACK:
                yield since, event.at
                since = None
            offers_choice = event.type == "send_plan" and event.to_stage == Ticket.Stage.AGREEING
            if event.type in HANDS_OVER or offers_choice:
                since = event.at
        if since:
            yield since, None

    def need_answers(self):
        """(when, whether it was right) for each need statement the customer answered."""
        answer = None
        for event in self.events:
            if event.type in STATES_A_NEED and answer:
                yield answer
                answer = None
            elif event.type in ANSWERS_A_NEED:
                answer = event.at, event.type == "confirm_need"
        if answer:
            yield answer

    @property
    def owner_changes(self):
        """How often it went from one colleague to another."""
        # Who claims is the new owner; a ticket is only ever assigned to somebody else.
        owners = [
            event.actor_id if event.type == "claim" else event
            for event in self.events
            if event.type in ("claim", "assign")
        ]
        return sum(one != other for one, other in pairwise(owners))


def held_now():
    """Open tickets that somebody has, whenever they came in."""
    return _read_cases(Ticket.objects.open().exclude(owner=None))


def _closes(event):
    return event.to_stage == CLOSED and event.from_stage != CLOSED


def _reaches_closing(event):
    return event.to_stage == CLOSING and event.from_stage != CLOSING


class Cases:
    """Every ticket that was open, or was closed, at some time between two moments."""

    def __init__(self, start, end):
        alive = Ticket.objects.filter(Q(closed_at=None) | Q(closed_at__gte=start))
        # What came later is an exception: as a condition, SQLite would look all tickets of years
        # up by their receipt instead of these few by their closing.
        alive = alive.exclude(received_at__gte=end).exclude(outcome__in=NOT_COUNTED)
        self.all = _read_cases(alive)
        self._closed = {}
        self.by_pk = {case.pk: case for case in self.all}
        self._read_events(alive)
        self._read_messages(alive)
        self.followers = defaultdict(list)
        for case in self.all:
            if case.follows_id:
                self.followers[case.follows_id].append(case.received_at)

    def _read_events(self, alive):
        rows = TicketEvent.objects.filter(ticket__in=alive).exclude(type__in=NOT_READ)
        rows = rows.order_by("ticket_id", "pk")
        for ticket_id, *event in rows.values_list(
            "ticket_id", "at", "type", "from_stage", "to_stage", "actor_id"
        ):
            self.by_pk[ticket_id].events.append(Event(*event))

    def _read_messages(self, alive):
        rows = (
            Message.objects.filter(
                ticket__in=alive,
                direction=Message.Direction.OUT,
                author_kind=Message.AuthorKind.CSR,
            )
            .exclude(type=Message.Type.CLAIM_NOTE)
            .order_by("ticket_id", "pk")
        )
        for ticket_id, *said in rows.values_list("ticket_id", "pk", "at", "type", "tone_report"):
            self.by_pk[ticket_id].said.append(Said(*said))

    def received(self, window):
        return [case for case in self.all if case.received_at in window]

    def closed(self, window):
        """(case, closing) for each ticket closed in the window, once each."""
        if window not in self._closed:
            pairs = ((case, case.closing_in(window)) for case in self.all)
            self._closed[window] = [(case, closing) for case, closing in pairs if closing]
        return self._closed[window]

    def open_at(self, moment):
        return [
            case
            for case in self.all
            if case.received_at < moment and case.stage_at(moment) != CLOSED
        ]


def _read_cases(tickets):
    rows = tickets.order_by().values_list(
        "pk",
        "kind",
        "channel",
        "category_id",
        "category__business_area",
        "customer_id",
        "customer__email",
        "owner_id",
        "follows_id",
        "received_at",
        "first_reply_due",
        "next_due_at",
        "complaint_cause",
    )
    cases = [Case(*row[:6], bool(row[6]), *row[7:]) for row in rows]
    return sorted(cases, key=attrgetter("received_at", "pk"))
