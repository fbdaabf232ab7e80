"""The promise ledger: what was said will be done, by when, and whether it was.

Every function here is called with the ticket locked by a move. A promise once made is
never changed: it is settled, or renewed by another.
"""

from datetime import timedelta

from feedback.models import Promise, ServiceTarget

Kind, State = Promise.Kind, Promise.State
# A written word keeps these by itself.
KEPT_BY_A_WORD = [Kind.FIRST_REPLY, Kind.UPDATE]
# How long after the time a late promise may stay without a notice, in business minutes.
GRACE = 60
REMIND_BEFORE = 240
# Nobody promises a first reply sooner than this, in business minutes.
SHORTEST_FIRST_REPLY = 30


def target_for(kind):
    """How fast we mean to be for this kind; a fair default where nothing is entered."""
    return ServiceTarget.objects.filter(kind=kind).first() or ServiceTarget(
        kind=kind, first_reply=240, update_interval=480, escalation_reply=120
    )


def first_reply_due(kind, at, calendar):
    """The next reply round that leaves time to read, or the target if that is sooner."""
    by_round = calendar.next_round(calendar.add_business_minutes(at, SHORTEST_FIRST_REPLY))
    by_target = calendar.add_business_minutes(at, target_for(kind).first_reply)
    return min(by_round, by_target)


def next_word_due(ticket, at, calendar):
    """By when the customer hears from us again when nothing else is promised."""
    return calendar.add_business_minutes(at, target_for(ticket.kind).update_interval)


def word_after_a_late_promise_due(at, calendar):
    """The first reply round of the next working day."""
    return calendar.next_round(calendar.next_working_day(at) + timedelta(minutes=1))


def settle(promise, at):
    """Kept, or kept late."""
    promise.state = State.KEPT if at <= promise.due_at else State.KEPT_LATE
    promise.done_at = at
    promise.save(update_fields=["state", "done_at"])


def release(promise, at, reason=""):
    """The customer no longer needs it."""
    promise.state = State.RELEASED
    promise.done_at = at
    promise.reason = promise.reason or reason[:200]
    promise.save(update_fields=["state", "done_at", "reason"])


def renewed(promise, at, reason):
    """Make room for the promise that takes this one's place."""
    promise.state = State.RENEWED
    promise.done_at = at
    promise.reason = reason[:200]
    promise.save(update_fields=["state", "done_at", "reason"])


def had_a_dated_promise(ticket):
    """Whether anything but the next word was ever promised in a sent message."""
    return (
        ticket.promises.exclude(kind__in=[*KEPT_BY_A_WORD, Kind.MANAGER])
        .exclude(message=None)
        .exists()
    )


def still_to_do(ticket):
    """Open promises that a written word alone does not keep."""
    return ticket.promises.open().exclude(kind__in=KEPT_BY_A_WORD)
