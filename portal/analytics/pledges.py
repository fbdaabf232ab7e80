"""What we promised, and what became of it: M22 to M26."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from feedback.models import Promise
from portal.analytics.cases import CLOSED, NOT_COUNTED
from portal.analytics.figures import Part, count, measure, middle, share_where

State = Promise.State
# Business minutes after the due time by which an honest notice has gone out.
GRACE = 60


@dataclass(slots=True, eq=False)
class Pledge:
    pk: int
    ticket_id: int
    kind: str
    due_at: datetime
    state: str
    done_at: datetime | None
    notice_sent_at: datetime | None

    @property
    def was_moved_in_time(self):
        return self.state == State.RENEWED and self.done_at and self.done_at <= self.due_at

    @property
    def is_kept(self):
        return self.state == State.KEPT

    @property
    def is_broken(self):
        """Not done by its time: done later, told late, or still open."""
        return not self.is_kept and not self.is_left_out

    @property
    def is_left_out(self):
        return self.state == State.RELEASED or self.was_moved_in_time


def read_pledges(start, end):
    rows = Promise.objects.filter(due_at__gte=start, due_at__lt=end).exclude(
        ticket__outcome__in=NOT_COUNTED
    )
    return [
        Pledge(*row)
        for row in rows.values_list(
            "pk", "ticket_id", "kind", "due_at", "state", "done_at", "notice_sent_at"
        )
    ]


def due(facts, window):
    """Promises whose time lies in the window and has come, or that are settled already."""
    return [
        pledge
        for pledge in facts.pledges
        if pledge.due_at in window and (pledge.due_at <= facts.now or pledge.state != State.OPEN)
    ]


@measure(
    "M22",
    _("Promises kept on time"),
    _(
        "Kept, of all that were due: kept, kept late and late. Renewed before the due time and "
        "released are left out and counted beside it."
    ),
    target="95%",
)
def kept_on_time(facts, window):
    all_due = due(facts, window)
    counted = [pledge for pledge in all_due if not pledge.is_left_out]
    renewed = [pledge for pledge in all_due if pledge.was_moved_in_time]
    released = [pledge for pledge in all_due if pledge.state == State.RELEASED]
    return share_where(
        counted,
        lambda pledge: pledge.is_kept,
        beside=[
            Part("renewed", _("renewed in time"), renewed),
            Part("released", _("released"), released),
        ],
    )


@measure(
    "M23",
    _("Promises renewed"),
    _("Renewed before due, of all settled promises due; a high figure means careless dates."),
    better=-1,
)
def renewal_rate(facts, window):
    settled = [p for p in due(facts, window) if p.state not in (State.OPEN, State.LATE)]
    return share_where(settled, lambda pledge: pledge.was_moved_in_time)


@measure(
    "M24",
    _("How late"),
    _("Business minutes from due to done, over promises kept late. Median."),
    unit="minutes",
    better=-1,
)
def lateness(facts, window):
    late = [p for p in due(facts, window) if p.state == State.KEPT_LATE and p.done_at]
    return middle([(p, facts.work.minutes(p.due_at, p.done_at)) for p in late])


@measure(
    "M25",
    _("Silent late promises"),
    _("Late for more than a business hour without a late notice to the customer."),
    unit="count",
    better=-1,
    target="0",
)
def silent(facts, window):
    moment = window.until_now(facts.now)
    return count(
        [
            pledge
            for pledge in due(facts, window)
            if pledge.state in (State.OPEN, State.LATE)
            and not pledge.notice_sent_at
            and facts.work.minutes(pledge.due_at, moment) > GRACE
        ]
    )


@measure(
    "M26",
    _("Tickets without a next date"),
    _("Open tickets with neither an open promise nor a reminder date."),
    unit="count",
    better=-1,
    target="0",
)
def without_next_date(facts, window):
    moment = window.until_now(facts.now)
    return count(
        [
            case
            for case in facts.cases.open_at(moment)
            if case.stage_at(facts.now) != CLOSED and case.next_due_at is None
        ]
    )
