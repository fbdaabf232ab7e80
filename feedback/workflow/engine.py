"""The one function through which a ticket moves."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from feedback.models import Note, Ticket
from feedback.people import is_manager
from feedback.workflow import guards, returning
from feedback.workflow.act import Act
from feedback.workflow.errors import MoveRefused, StaleTicket
from feedback.workflow.table import CLOCK, CUSTOMER, MANAGER, MOVES, OWNER


def move(ticket, name, *, by=None, actor=None, version=None, now=None, raised=(), **details):
    """Move the ticket on; write down who did it, what was said and promised; tell the customer.

    Everything is one transaction. The row is locked before it is read: when two people
    press the same button, one moves the ticket and the other is told that it has moved.
    `version` is the ticket's version the person was looking at, `raised` the angry words they
    were shown while they wrote. The given ticket is brought up to date. Returns the event of
    the move; a customer's words on a closed request may belong to another ticket, which is
    then the event's.
    """
    spec = MOVES[name]
    actor = actor or ("staff" if by is not None else "customer")
    now = now or timezone.now()
    if name == "add_message":
        ticket = returning.survivor(ticket)
    with transaction.atomic():
        locked = Ticket.objects.select_for_update().get(pk=ticket.pk)
        if version is not None and int(version) != locked.version:
            raise StaleTicket(locked)
        _allow(spec, locked, by, actor)
        if name == "add_message" and (event := returning.follow_up(locked, now, **details)):
            return event
        act = Act(locked, name, by=by, actor=actor, now=now, raised=raised)
        act.target = spec.target or locked.stage
        spec.effect(act, **details)
        event = act.enter(act.target, act.name, **act.data)
        act.finish()
    _bring_up_to_date(ticket, locked)
    return event


def available_moves(ticket, user=None):
    """The moves this person may try now; without a person, the customer's."""
    actor = "customer" if user is None else "staff"
    return [name for name, spec in MOVES.items() if _refusal(spec, ticket, user, actor) is None]


def why_not(ticket, name, user):
    """In words, why this person may not make this move now; None when they may."""
    return _refusal(MOVES[name], ticket, user, "staff")


def note(ticket, by, body):
    """What colleagues tell each other. It moves nothing, and no customer ever sees it."""
    body = (body or "").replace("\x00", "").strip()
    guards.refuse_unless(body, _("Write a line first."))
    with transaction.atomic():
        written = Note.objects.create(ticket=ticket, author=by, body=body, at=timezone.now())
        ticket.events.create(
            type="note",
            from_stage=ticket.stage,
            to_stage=ticket.stage,
            actor=by,
            actor_kind="staff",
            data={"note": written.pk},
        )
    return written


def _allow(spec, ticket, by, actor):
    if refusal := _refusal(spec, ticket, by, actor):
        raise MoveRefused(refusal)


def _refusal(spec, ticket, by, actor):
    """Why this person may not make this move now; None when they may."""
    if not _is_theirs(spec, by, actor):
        return _("This step is somebody else's to take.")
    if ticket.stage not in spec.sources:
        return _("The request is at “%s” now; this step belongs elsewhere.") % (
            ticket.get_stage_display()
        )
    if actor == "staff":
        try:
            guards.not_about(ticket, by)
            if spec.who == OWNER:
                guards.mine_to_write(ticket, by)
        except MoveRefused as refusal:
            return str(refusal)
        if ticket.is_safety_concern and not is_manager(by):
            return _("Managers look after this one.")
    return None


def _is_theirs(spec, by, actor):
    if actor == "system":
        return True
    if spec.who in (CUSTOMER, CLOCK):
        return actor == spec.who
    if actor != "staff" or by is None or not by.is_active:
        return False
    return is_manager(by) if spec.who == MANAGER else by.has_perm("feedback.work_ticket")


def _bring_up_to_date(ticket, locked):
    for field in Ticket._meta.concrete_fields:
        setattr(ticket, field.attname, getattr(locked, field.attname))
    ticket._state.fields_cache.clear()
    getattr(ticket, "_prefetched_objects_cache", {}).clear()
