"""The five stages as a parcel's journey: what is behind, what is now, what comes."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from feedback.models import Ticket
from feedback.people import name_of

STAGES = [stage for stage in Ticket.Stage if stage != Ticket.Stage.CLOSED]


@dataclass(frozen=True)
class Step:
    """One of the five, as the customer sees it."""

    label: str
    words: str
    is_done: bool = False
    is_current: bool = False
    at: datetime | None = None


def steps(ticket, events, promises):
    """The five steps of this ticket; `events` and `promises` are its own, already fetched."""
    current = len(STAGES) if ticket.stage == Ticket.Stage.CLOSED else STAGES.index(ticket.stage)
    if ticket.stage == Ticket.Stage.CLOSED and (left := _left_early(ticket, events)) is not None:
        current = left
    return [_step(ticket, n, stage, current, events, promises) for n, stage in enumerate(STAGES)]


def _left_early(ticket, events):
    """Where a ticket was when it was withdrawn or turned out to be another's twin."""
    settled = {Ticket.Outcome.SATISFIED, Ticket.Outcome.UNANSWERED, Ticket.Outcome.FINAL,
               Ticket.Outcome.THANKED}  # fmt: skip
    if ticket.outcome in settled:
        return None
    closing = [event for event in events if event.to_stage == Ticket.Stage.CLOSED]
    return STAGES.index(closing[-1].from_stage) if closing and closing[-1].from_stage else 0


def _step(ticket, n, stage, current, events, promises):
    is_done, is_current = n < current, n == current and ticket.is_open
    if is_done:
        words = _done_words(ticket, stage)
    elif is_current:
        words = _current_words(ticket, stage, promises)
    else:
        words = ""
    at = _reached_end_of(stage, events) if is_done else None
    return Step(stage.label, words, is_done, is_current, at)


def _reached_end_of(stage, events):
    order = [*STAGES, Ticket.Stage.CLOSED]
    ends = [
        event.at
        for event in events
        if event.from_stage == stage
        and event.to_stage in order
        and order.index(event.to_stage) > order.index(stage)
    ]
    return ends[-1] if ends else None


def _done_words(ticket, stage):
    owner = name_of(ticket.owner) or _("Our team")
    return {
        Ticket.Stage.GREETING: _("%s has taken this on.") % owner,
        Ticket.Stage.UNDERSTANDING: _("You and %s agree on what is needed.")
        % (name_of(ticket.owner) or _("our team")),
        Ticket.Stage.AGREEING: _("The plan is set."),
        Ticket.Stage.DELIVERING: _("Done."),
        Ticket.Stage.CLOSING: _("All settled. Thank you."),
    }[stage]


def _current_words(ticket, stage, promises):
    owner = name_of(ticket.owner) or _("Our team")
    if stage == Ticket.Stage.DELIVERING:
        coming = next((p for p in promises if p.state == p.State.OPEN), None)
        if coming:
            return _("We are doing it. Next: %s") % coming.what
        return _("We are doing it.")
    return {
        Ticket.Stage.GREETING: _("We have your message."),
        Ticket.Stage.UNDERSTANDING: _("%s is making sure we understand you right.") % owner,
        Ticket.Stage.AGREEING: _("We are settling what happens and when."),
        Ticket.Stage.CLOSING: _("Did this settle it for you?"),
    }[stage]
