"""Visits counted by the day: past days from what was kept, the others on the spot.

A visit never outlives its day, because its key does not. So the figures of a stretch of
days are the sums of the days, and a day that is over hardly changes: the worker keeps its
counts, and a page reads sixty rows where it would have read a hundred thousand. What changes
a day all the same (a late line, spam, a person forgotten) is looked for by every page, and
that day is counted on the spot. A figure is as true without the worker; it only takes
longer. The rows behind a figure are always read from the traces themselves.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from django.db.models import DateTimeField, Max, Min, Value
from django.utils import timezone

from feedback.models import Ticket, TicketEvent
from feedback.retention import first_day_of_searches
from kb.models import ArticleView, HelpfulVote, SearchQuery
from portal.analytics.figures import NotKept
from portal.analytics.models import VisitDay
from portal.analytics.parts import PARTS, TOTALS
from portal.analytics.visits import Visits
from portal.analytics.window import Window

# A visit of the evening may still become a request on the next day.
SETTLED_AFTER = timedelta(days=2)
AT_ONCE = 14
MOST = 70
# These change which tickets count, on the day they were received.
CORRECTIONS = ["mark_spam", "mark_duplicate", "undo_close"]
# What days are counted from, with the column that says to which one a row belongs.
TRACES = {
    "searches": (SearchQuery, "at"),
    "readings": (ArticleView, "at"),
    "votes": (HelpfulVote, "at"),
    "tickets": (Ticket, "received_at"),
}


def tally(visits, windows):
    """For each day how many rows each part has, and each total."""
    days = [day for window in windows for day in window.days]
    midnights = [Window.of_days(day, day).start for day in days]
    counts = {day: Counter() for day in days}
    for name, part in PARTS.items():
        for row in part(visits):
            counts[days[bisect_right(midnights, row.at) - 1]][name] += 1
    for name, (part, worth) in TOTALS.items():
        for row in PARTS[part](visits):
            counts[days[bisect_right(midnights, row.at) - 1]][name] += worth(row)
    return counts


class Days:
    """The counts of every day of a window and of the one before it.

    Before the first day of which all traces are there, a count stays as it was kept: enough to
    compare with, but there are no rows to show for it. Where none was kept, none is known.
    """

    def __init__(self, window, first_whole):
        self.window, self.first_whole = window, first_whole
        first, last = window.before.first, window.last
        kept = {
            one.day: one
            for one in VisitDay.objects.filter(day__range=(first, last)).order_by("day")
        }
        for day in _changed_since_counted(kept, first_whole):
            del kept[day]
        self.counts = {day: one.counts for day, one in kept.items()}
        self.kept_at = min((one.counted_at for one in kept.values()), default=None)
        missing = [day for day in _span(max(first, first_whole), last) if day not in kept]
        if missing:
            self.counts |= count(missing)

    def of(self, name, window):
        """The count of each day of the window."""
        if window == self.window and window.first < self.first_whole:
            raise NotKept
        if not self.counts.keys() >= set(window.days):
            raise NotKept
        return {day: self.counts[day].get(name, 0) for day in window.days}


def _changed_since_counted(kept, first_whole):
    """Days of which something came to light after they were counted, in one query."""
    kept = {day: one for day, one in kept.items() if day >= first_whole}
    if not kept:
        return set()
    rows = list(kept.values())
    seen = {name: min(one.seen.get(name, 0) for one in rows) for name in TRACES}
    changes = _came_to_light(seen, min(one.counted_at for one in rows), max(kept))
    changed = set()
    for then, at in changes:
        # A visit of the evening may have asked on the next morning.
        for day in (_day(then), _day(then) - timedelta(days=1)):
            if day in kept and (at is None or at >= kept[day].counted_at):
                changed.add(day)
    return changed


def _came_to_light(seen, since, last):
    """(the moment it is about, when it became known): traces written down late, tickets that
    stopped or began to count, customers whose visits were made unknown.
    """
    unknown = Value(None, output_field=DateTimeField())
    end = Window.of_days(last, last).end + timedelta(days=1)
    # By number, of which there are few; by time SQLite would look through a year of them.
    late = [
        model.objects.filter(pk__gt=seen[name])
        .exclude(**{f"{when}__gte": end})
        .order_by()
        .values_list(when, unknown)
        for name, (model, when) in TRACES.items()
    ]
    events = TicketEvent.objects.filter(type__in=CORRECTIONS, at__gte=since).order_by()
    people = Ticket.objects.filter(anonymised_at__gte=since).order_by()
    return events.values_list("ticket__received_at", "at").union(
        people.values_list("received_at", "anonymised_at"), *late
    )


def _day(at):
    return timezone.localtime(at).date()


def _stretches(days):
    """Days that follow each other, as windows."""
    stretch = []
    for day in days:
        if stretch and day - stretch[-1] != timedelta(days=1):
            yield Window.of_days(stretch[0], stretch[-1])
            stretch = []
        stretch.append(day)
    if stretch:
        yield Window.of_days(stretch[0], stretch[-1])


class CountedRows(Sequence):
    """Rows of which the number is known, read only when somebody wants to see them."""

    def __init__(self, number, read):
        self.number, self._read, self._rows = number, read, None

    def __len__(self):
        return self.number if self._rows is None else len(self._rows)

    def __getitem__(self, index):
        if self._rows is None:
            self._rows = self._read()
        return self._rows[index]


def keep(now=None):
    """The worker's: count the days that are over and not kept, and those that have changed.

    The others are found to be as they were counted: the stamp says up to when.
    """
    now, seen = now or timezone.now(), _newest()
    last = timezone.localdate(now) - SETTLED_AFTER
    oldest, first_whole = _first_day(), first_day_of_searches(now)
    if oldest is None:
        return 0
    kept = {one.day: one for one in VisitDay.objects.only("day", "counted_at", "seen")}
    changed = _changed_since_counted(kept, first_whole)
    # Days older than what is still kept of their searches stay as they were counted.
    first = max(oldest, first_whole)
    due = [day for day in _span(first, last) if day in changed or day not in kept]
    # The newest are looked at most; older ones, of a portal that has just moved in, come later.
    due = due[-MOST:]
    for start in range(0, len(due), AT_ONCE):
        _keep(count(due[start : start + AT_ONCE]), now, seen)
    unchanged = VisitDay.objects.filter(day__in=kept.keys() - changed)
    unchanged.update(counted_at=now, seen=seen)
    return len(due)


def _newest():
    """How far each kind of trace has been written down."""
    return {
        name: model.objects.aggregate(newest=Max("pk"))["newest"] or 0
        for name, (model, _when) in TRACES.items()
    }


def count(days):
    """The days counted now, from the traces themselves."""
    windows = list(_stretches(days))
    return tally(Visits(*windows), windows)


def _keep(counts, now, seen):
    VisitDay.objects.bulk_create(
        [
            VisitDay(day=day, counts=found, counted_at=now, seen=seen)
            for day, found in counts.items()
        ],
        update_conflicts=True,
        unique_fields=["day"],
        update_fields=["counts", "counted_at", "seen"],
    )


def _first_day():
    """The day of the oldest trace there is."""
    oldest = [model.objects.aggregate(at=Min("at"))["at"] for model in (SearchQuery, ArticleView)]
    moments = [at for at in oldest if at]
    return _day(min(moments)) if moments else None


def _span(first, last):
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
