"""The story of a ticket: what was said, what happened, what colleagues noted, in their order."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from feedback.models import Attachment, Escalation

# What is told of each event beside the messages; an event not listed here has a message of its own.
WORDS = {
    "claim": _("took this on"),
    "confirm_need": _("says: that's right"),
    "correct_need": _("corrects what we understood"),
    "accept_plan": _("says: that works for me"),
    "change_plan": _("would like to change the plan"),
    "choose_option": _("chose one of the ways"),
    "assume_agreement": _("no answer to the plan: taken as agreed"),
    "keep_step": _("finished a step"),
    "release_promise": _("released a promise"),
    "confirm": _("says: yes, settled"),
    "not_yet": _("says: not yet"),
    "told_already": _("says: I already told you this"),
    "withdraw": _("no longer needs it"),
    "escalate": _("brought in a manager"),
    "ask_manager": _("asks for a manager"),
    "acknowledge_escalation": _("takes the escalation up"),
    "close_unanswered": _("closed: no answer to our question"),
    "mark_duplicate": _("put together with another"),
    "took_over": _("took over the words of a double"),
    "mark_spam": _("closed as spam"),
    "undo_close": _("opened it again"),
    "change_kind": _("changed the kind"),
    "set_facts": _("noted facts"),
    "mark_mistake": _("marked it as our mistake"),
    "set_safety": _("raised a safety concern"),
}
REASONS = dict(Escalation.Reason.choices)
ACTORS = {"customer": _("Customer"), "clock": _("Clock"), "system": _("System")}


@dataclass(frozen=True)
class Entry:
    kind: str
    at: datetime
    item: object
    words: str = ""
    who: str = ""
    reason: str = ""


def entries(ticket):
    """Messages, events and notes, oldest first; four queries at most, however long it is."""
    events = list(ticket.events.select_related("actor"))
    has_notes = any(event.type == "note" for event in events)
    told = [
        *(Entry("message", message.at, message) for message in _messages(ticket)),
        *(Entry("note", note.at, note) for note in (_notes(ticket) if has_notes else ())),
        *(
            Entry("event", event.at, event, WORDS[event.type], _who(event), _reason(event))
            for event in events
            if _is_told(event)
        ),
    ]
    return sorted(told, key=lambda entry: (entry.at, entry.kind == "event"))


def _messages(ticket):
    files = Attachment.objects.filter(message=OuterRef("pk"))
    messages = list(
        ticket.messages.select_related("author", "email").annotate(has_files=Exists(files))
    )
    prefetch_related_objects([m for m in messages if m.has_files], "attachments")
    return messages


def _notes(ticket):
    return ticket.notes.select_related("author")


def _is_told(event):
    """A claim has a message of its own, unless it came along with an answer."""
    return event.type in WORDS and (event.type != "claim" or "via" in event.data)


def _reason(event):
    reason = event.data.get("reason") or ""
    return REASONS.get(reason, reason)


def _who(event):
    return event.actor.get_short_name() if event.actor else ACTORS.get(event.actor_kind, "")
