"""The stretch of time a figure speaks of, in the organisation's own days."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

DEFAULT_DAYS = 28
LONGEST = 400


@dataclass(frozen=True)
class Window:
    """From the start up to, and without, the end."""

    start: datetime
    end: datetime

    def __contains__(self, moment):
        return moment is not None and self.start <= moment < self.end

    @classmethod
    def of_days(cls, first: date, last: date):
        """Whole days, both ends included, by the clock on our wall."""
        last = min(max(first, last), first + timedelta(days=LONGEST - 1))
        return cls(_midnight(first), _midnight(last + timedelta(days=1)))

    @classmethod
    def latest(cls, days=DEFAULT_DAYS, *, now=None):
        """The last so many days, today among them."""
        today = timezone.localdate(now)
        return cls.of_days(today - timedelta(days=days - 1), today)

    @property
    def first(self):
        return timezone.localdate(self.start)

    @property
    def last(self):
        return timezone.localdate(self.end) - timedelta(days=1)

    @property
    def days(self):
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    @property
    def before(self):
        """As many days directly before: what the figures are compared with."""
        return self.of_days(
            self.first - timedelta(days=len(self.days)), self.first - timedelta(days=1)
        )

    @property
    def query(self):
        return f"from={self.first:%Y-%m-%d}&to={self.last:%Y-%m-%d}"

    def shifted(self, days):
        return Window(self.start + timedelta(days=days), self.end + timedelta(days=days))

    def until_now(self, now):
        """The moment up to which things can have happened."""
        return min(self.end, now)


def _midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))
