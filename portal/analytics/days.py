"""Visits counted by the day: past days from what was kept, the others on the spot.

A visit never outlives its day, because its key does not. So the figures of a stretch of
days are the sums of the days, and a day that is over hardly changes: the worker keeps its
counts, and a page reads sixty rows where it would have read a hundred thousand. A figure is
as true without the worker; it only takes longer. The rows behind a figure are always read
from the traces themselves.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Min
from django.utils import timezone

from feedback.models import TicketEvent
from kb.models import ArticleView, SearchQuery
from portal.analytics.models import VisitDay
from portal.analytics.parts import PARTS, TOTALS
from portal.analytics.visits import Visits
from portal.analytics.window import Window

# Lines of the journal may come in late, and a vote may still be changed today.
SETTLED_AFTER = timedelta(days=2)
# Counted again every night: what staff correct, they correct soon.
COUNTED_AGAIN = timedelta(days=35)
AT_ONCE = 14
# These change which tickets count, on the day they were received.
CORRECTIONS = ["mark_spam", "mark_duplicate", "undo_close"]


def tally(visits):
    """For each day how many rows each part has, and each total."""
    counts = defaultdict(Counter)
    for name, part in PARTS.items():
        for row in part(visits):
            counts[_day(row.at)][name] += 1
    for name, (part, worth) in TOTALS.items():
        for row in PARTS[part](visits):
            counts[_day(row.at)][name] += worth(row)
    return counts


def _day(moment):
    return timezone.localtime(moment).date()


class Days:
    """The counts of every day between two, both included."""

    def __init__(self, first, last):
        kept = {
            one.day: one
            for one in VisitDay.objects.filter(day__range=(first, last)).order_by("day")
        }
        for day in _corrected(kept):
            kept.pop(day, None)
        self.counts = {day: one.counts for day, one in kept.items()}
        self.kept_at = max((one.counted_at for one in kept.values()), default=None)
        missing = [day for day in Window.of_days(first, last).days if day not in kept]
        for stretch in _stretches(missing):
            fresh = tally(Visits(stretch.start, stretch.end))
            self.counts.update((day, fresh[day]) for day in stretch.days)

    def of(self, name, window):
        """The count of each day of the window."""
        return {day: self.counts[day].get(name, 0) for day in window.days}


def _corrected(kept):
    """Days on which a ticket stopped or began to count after they were counted."""
    if not kept:
        return set()
    since = min(one.counted_at for one in kept.values())
    changed = TicketEvent.objects.filter(type__in=CORRECTIONS, at__gte=since)
    days = set()
    for received_at, at in changed.values_list("ticket__received_at", "at"):
        # A visit of the evening may have asked on the next morning.
        for day in (_day(received_at), _day(received_at) - timedelta(days=1)):
            if day in kept and at >= kept[day].counted_at:
                days.add(day)
    return days


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


class DayRows(Sequence):
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
    """The worker's: count the days that are over and not kept, and the last weeks again."""
    now = now or timezone.now()
    last = timezone.localdate(now) - SETTLED_AFTER
    first = _first_day()
    if first is None or first > last:
        return 0
    again = last - COUNTED_AGAIN
    kept = set(VisitDay.objects.filter(day__lt=again).values_list("day", flat=True))
    # Days older than what is still kept of their searches stay as they were counted.
    due = [day for day in _span(first, last) if day not in kept]
    for start in range(0, len(due), AT_ONCE):
        for stretch in _stretches(due[start : start + AT_ONCE]):
            _keep(stretch, now)
    return len(due)


def _keep(stretch, now):
    fresh = tally(Visits(stretch.start, stretch.end))
    VisitDay.objects.bulk_create(
        [VisitDay(day=day, counts=dict(fresh[day]), counted_at=now) for day in stretch.days],
        update_conflicts=True,
        unique_fields=["day"],
        update_fields=["counts", "counted_at"],
    )


def _first_day():
    """The day of the oldest trace there is."""
    oldest = [model.objects.aggregate(at=Min("at"))["at"] for model in (SearchQuery, ArticleView)]
    moments = [at for at in oldest if at]
    return _day(min(moments)) if moments else None


def _span(first, last):
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
