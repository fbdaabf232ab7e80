"""What each move of the clock leaves behind. Each checks that it is still due."""

from datetime import timedelta

from feedback import mail, people, promises, wording
from feedback.models import Message, Ticket
from feedback.workflow import guards

Stage, Type, WaitingOn = Ticket.Stage, Message.Type, Ticket.WaitingOn
# Seven days after the question, and never before the reminder could be read.
CLOSE_AFTER = timedelta(days=7)
READING_WORKING_DAYS = 2
NOT_DUE = "not due"


def remind(act):
    """Once, when the customer has not answered; it says what happens without an answer."""
    _waited_long_enough(act)
    guards.refuse_unless(act.ticket.reminded_at is None, NOT_DUE)
    asked = act.ticket.messages.filter(direction=Message.Direction.OUT).last()
    until = max(
        asked.at + CLOSE_AFTER, act.calendar.add_working_days(act.now, READING_WORKING_DAYS)
    )
    act.ticket.reminded_at = act.now
    act.ticket.remind_at = until
    act.say(Type.REMINDER, wording.reminder(act.ticket, until))


def close_unanswered(act):
    _waited_long_enough(act)
    guards.refuse_unless(act.ticket.reminded_at is not None, NOT_DUE)
    act.close(Ticket.Outcome.UNANSWERED)
    act.say(Type.THANK_YOU, wording.closed_unanswered(act.ticket))


def go_on(act):
    """A question stayed unanswered: the owner goes on with what there is."""
    _waited_long_enough(act)
    guards.refuse_unless(act.ticket.reminded_at is not None, NOT_DUE)
    act.our_turn()
    due_at = act.next_word_due
    act.say(Type.NEWS, wording.going_on_without_answer(act.ticket.owner, due_at))
    act.promise_next_word(due_at)


def assume_agreement(act):
    guards.refuse_unless(act.ticket.agreement == Ticket.Agreement.PROPOSED, NOT_DUE)
    act.ticket.agreement = Ticket.Agreement.ASSUMED


def late_notice(act):
    """The honest notice for all that is late, with the time of the next word."""
    ticket = act.ticket
    late = [
        promise
        for promise in ticket.promises.late().filter(notice_sent_at=None)
        if act.calendar.add_business_minutes(promise.due_at, promises.GRACE) <= act.now
    ]
    guards.refuse_unless(late, NOT_DUE)
    act.data["promises"] = [promise.pk for promise in late]
    untold = [promise for promise in late if not _was_written_to_since(ticket, promise.due_at)]
    if untold:
        due_at = promises.word_after_a_late_promise_due(act.now, act.calendar)
        act.say(Type.LATE_NOTICE, wording.late(untold, ticket.owner, due_at))
        act.promise_next_word(due_at)
    for promise in late:
        promise.notice_sent_at = act.now
        promise.save(update_fields=["notice_sent_at"])


def move_escalation(act):
    """The manager who was asked has left: another takes it up, and the customer hears who."""
    escalation = act.open_escalation()
    guards.refuse_unless(
        escalation is not None and (escalation.to is None or not people.is_manager(escalation.to)),
        NOT_DUE,
    )
    manager = people.manager_for(act.ticket, besides=escalation.raised_by)
    guards.refuse_unless(manager is not None, NOT_DUE)
    act.data.update(escalation=escalation.pk, manager=manager.pk)
    escalation.to = manager
    escalation.save(update_fields=["to"])
    act.say(Type.NEWS, wording.another_manager(manager))
    mail.queue_alert("escalated", act.ticket, [manager], now=act.now, of=escalation)


def _was_written_to_since(ticket, moment):
    """The owner has sent something since: the customer knows, and a notice would be noise."""
    return ticket.messages.filter(
        author_kind=Message.AuthorKind.CSR, direction=Message.Direction.OUT, at__gte=moment
    ).exists()


def _waited_long_enough(act):
    ticket = act.ticket
    guards.refuse_unless(
        ticket.waiting_on == WaitingOn.CUSTOMER
        and ticket.remind_at is not None
        and ticket.remind_at <= act.now,
        NOT_DUE,
    )
