"""How fast we answer, and what is still waiting: M13 to M21."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from feedback.models import Ticket
from portal.analytics.cases import CLOSED
from portal.analytics.figures import Part, count, measure, middle, share, share_where

ACKNOWLEDGED_WITHIN = timedelta(seconds=60)
OUTER_LIMIT = timedelta(hours=24)
# First contact and reopening are looked at once two weeks have shown whether it held.
MATURITY = timedelta(days=14)
AGES = [(0, 1), (2, 3), (4, 7), (8, None)]
Kind, Outcome = Ticket.Kind, Ticket.Outcome


def matured(window):
    return window.shifted(-MATURITY.days)


@measure(
    "M13",
    _("Acknowledged within a minute"),
    _("Tickets with an address whose acknowledgement was sent within 60 seconds of receipt."),
    target="100%",
)
def acknowledged(facts, window):
    received = [case for case in facts.cases.received(window) if case.has_address]
    in_time = [case for case in received if _was_acknowledged(facts, case)]
    of_complaints = _share_of_kind(received, in_time, Kind.COMPLAINT, _("complaints"))
    return share(in_time, of=received, beside=[of_complaints])


def _share_of_kind(cases, counted, kind, label):
    """The same share among the tickets of one kind."""
    of = [case for case in cases if case.kind == kind]
    number = sum(case.kind == kind for case in counted)
    return Part(f"of-{kind}", label, of, number / len(of) if of else None, "percent")


def _was_acknowledged(facts, case):
    sent = facts.acknowledged.get(case.pk)
    return sent is not None and sent - case.received_at <= ACKNOWLEDGED_WITHIN


@measure(
    "M14",
    _("Time to the first reply"),
    _("Business minutes from receipt to the first message a colleague wrote. Median."),
    unit="minutes",
    better=-1,
)
def first_response_time(facts, window):
    received = facts.cases.received(window)
    replied = [case for case in received if case.first_reply_at]
    waiting = [case for case in received if not case.first_reply_at]
    return middle(
        [(case, facts.work.minutes(case.received_at, case.first_reply_at)) for case in replied],
        beside=[Part("unanswered", _("without a reply so far"), waiting)],
    )


@measure(
    "M15",
    _("First reply when promised"),
    _(
        "Tickets answered by their first-reply time, of all whose first-reply time lies in the "
        "window and is over, or that have been answered."
    ),
)
def first_reply_in_time(facts, window):
    due = [
        case
        for case in facts.cases.all
        if case.first_reply_due in window
        and (case.first_reply_due <= facts.now or case.first_reply_at)
    ]
    return share_where(
        due, lambda case: case.first_reply_at and case.first_reply_at <= case.first_reply_due
    )


@measure(
    "M16",
    _("Time until somebody takes it"),
    _("Business minutes from receipt to the first claim. Median."),
    unit="minutes",
    better=-1,
)
def unclaimed_time(facts, window):
    claimed = [(case, case.first("claim", "assign")) for case in facts.cases.received(window)]
    return middle([(case, facts.work.minutes(case.received_at, at)) for case, at in claimed if at])


@measure(
    "M17",
    _("Time to resolution"),
    _(
        "Business minutes from receipt to the last entry to Closing, over tickets closed. "
        "Median; beside it the same without the time we waited for the customer."
    ),
    unit="minutes",
    better=-1,
)
def resolution_time(facts, window):
    solved = [
        (case, reached)
        for case, closing in facts.cases.closed(window)
        if (reached := case.reached_closing_before(closing.at))
    ]
    timed = [(case, facts.work.minutes(case.received_at, at)) for case, at in solved]
    ours = [
        minutes - waiting_minutes(facts, case, at)
        for (case, minutes), (_case, at) in zip(timed, solved, strict=True)
    ]
    rows = [case for case, _minutes in timed]
    return middle(timed, beside=[Part("ours", _("our time"), rows, middle_value(ours), "minutes")])


def middle_value(values):
    return middle([(None, value) for value in values]).value


def waiting_minutes(facts, case, until):
    """How long we waited for the customer before that moment."""
    return sum(
        facts.work.minutes(start, min(end or until, until))
        for start, end in case.waits_for_customer()
        if start < until
    )


def _contacts(case):
    """Messages a colleague wrote, less the notices that something is late."""
    return [said for said in case.said if said.type != "late-notice"]


def solved_at_first_contact(facts, case, closing):
    return (
        closing.outcome in (Outcome.SATISFIED, Outcome.UNANSWERED)
        and len(_contacts(case)) == 1
        and not case.has("not_yet")
        and not case.reopened_between(closing.at, closing.at + MATURITY)
        and not any(
            closing.at < at <= closing.at + MATURITY for at in facts.cases.followers[case.pk]
        )
    )


@measure(
    "M18",
    _("Settled at first contact"),
    _(
        "Closed two weeks before the window's days as settled or unanswered, after exactly one "
        "message from a colleague, with no Not yet, not reopened and not followed by another "
        "ticket within 14 days; compliments left out."
    ),
)
def first_contact_resolution(facts, window, shifted=True):
    closed = facts.cases.closed(matured(window) if shifted else window)
    closed = [(case, closing) for case, closing in closed if case.kind != Kind.COMPLIMENT]
    solved = [case for case, closing in closed if solved_at_first_contact(facts, case, closing)]
    cases = [case for case, _closing in closed]
    kinds = ((Kind.COMPLAINT, _("complaints")), (Kind.QUESTION, _("questions")))
    beside = [_share_of_kind(cases, solved, kind, label) for kind, label in kinds]
    return share(solved, of=cases, beside=beside)


@measure(
    "M19",
    _("Reopened"),
    _("Closed two weeks before the window's days and reopened within 14 days."),
    better=-1,
)
def reopen_rate(facts, window):
    closed = facts.cases.closed(matured(window))
    return share(
        [
            case
            for case, closing in closed
            if case.reopened_between(closing.at, closing.at + MATURITY)
        ],
        of=[case for case, _closing in closed],
    )


@measure(
    "M20",
    _("Open tickets"),
    _("Tickets open at the end of the window, by stage and by age in working days."),
    unit="count",
    better=-1,
)
def backlog(facts, window):
    moment = window.until_now(facts.now)
    waiting = facts.cases.open_at(moment)
    stages = [(case, case.stage_at(moment)) for case in waiting]
    by_stage = [
        Part(f"in-{stage}", stage.label, [case for case, stood in stages if stood == stage])
        for stage in Ticket.Stage
        if stage != CLOSED
    ]
    by_age = []
    for low, high in AGES:
        label = f"{low}-{high}" if high is not None else f"{low}+"
        rows = [
            case
            for case in waiting
            if low <= facts.work.days(case.received_at, moment) <= (high or 10**6)
        ]
        by_age.append(Part(f"age-{low}", _("%s working days") % label, rows))
    oldest = min(waiting, key=lambda case: case.received_at, default=None)
    age = Part(
        "oldest",
        _("oldest, in working days"),
        [oldest] if oldest else [],
        facts.work.days(oldest.received_at, moment) if oldest else None,
        "number",
    )
    return count(waiting, beside=[*by_stage, *by_age, age])


@measure(
    "M21",
    _("No reply within 24 hours"),
    _("Tickets received that had no reply from a colleague 24 clock hours later."),
    unit="count",
    better=-1,
)
def over_a_day(facts, window):
    return count(
        [
            case
            for case in facts.cases.received(window)
            if (limit := case.received_at + OUTER_LIMIT) <= facts.now
            and not (case.first_reply_at and case.first_reply_at <= limit)
        ]
    )
