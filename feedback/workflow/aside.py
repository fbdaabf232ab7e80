"""Not a ticket after all: the same as another, or spam; and taking that back."""

from datetime import timedelta

from django.utils.translation import gettext as _

from feedback import wording
from feedback.models import Message, Ticket, TicketEvent
from feedback.workflow import guards

Stage, Outcome, Type = Ticket.Stage, Ticket.Outcome, Message.Type
UNDO_DAYS = 30


def mark_duplicate(act, of, reason):
    """The surviving ticket takes over what was said; the customer keeps access and is told."""
    ticket = act.ticket
    of = Ticket.objects.select_for_update().get(pk=of.pk)
    guards.refuse_unless(of.pk != ticket.pk, _("Choose the other ticket."))
    guards.refuse_unless(of.is_open, _("The other ticket is closed: choose an open one."))
    guards.refuse_unless(
        of.customer_id == ticket.customer_id,
        _("The other ticket is another customer's: their words stay apart."),
    )
    act.data.update(of=of.pk, reason=guards.reason_given(reason))
    ticket.duplicate_of = of
    act.close(Outcome.DUPLICATE)
    act.say(Type.NEWS, wording.merged(of))
    _hand_over_messages(act, of)


def mark_spam(act, reason):
    act.data["reason"] = guards.reason_given(reason)
    act.close(Outcome.SPAM)


def undo_close(act, reason=""):
    ticket = act.ticket
    guards.refuse_unless(
        ticket.outcome in (Outcome.SPAM, Outcome.DUPLICATE),
        _("Only what was closed as spam or as the same as another can be undone."),
    )
    guards.refuse_unless(
        ticket.closed_at >= act.now - timedelta(days=UNDO_DAYS),
        _("It was closed more than thirty days ago."),
    )
    closing = ticket.events.filter(to_stage=Stage.CLOSED).order_by("-pk").first()
    was = ticket.outcome
    act.data.update(was=was, reason=reason)
    act.target = closing.from_stage
    ticket.outcome, ticket.closed_at, ticket.reopen_until = "", None, None
    ticket.duplicate_of = None
    if ticket.owner is not None and not ticket.owner.is_active:
        ticket.owner = None
    act.data["owner"] = ticket.owner_id
    act.our_turn()
    due_at = act.next_word_due
    act.say(Type.NEWS, wording.unmerged(due_at), mailed=was == Outcome.DUPLICATE)
    act.promise_next_word(due_at)


def _hand_over_messages(act, survivor):
    """Copy what the customer said; the original keeps its own, unedited."""
    for message in act.ticket.messages.filter(direction=Message.Direction.IN):
        copy = survivor.messages.create(
            direction=message.direction,
            author_kind=message.author_kind,
            type=Type.ADDITION,
            body=message.body,
            channel=message.channel,
            at=message.at,
        )
        for file in message.attachments.all():
            file.pk, file.message = None, copy
            file.save(force_insert=True)
    survivor.version += 1
    survivor.save(update_fields=["version"])
    TicketEvent.objects.create(
        ticket=survivor,
        type="took_over",
        from_stage=survivor.stage,
        to_stage=survivor.stage,
        actor=act.by,
        actor_kind=act.actor,
        at=act.now,
        data={"from": act.ticket.pk},
    )
