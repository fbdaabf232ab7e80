"""The demo's time machine: what happens inside `standing_at` happens at that moment."""

import re
from contextlib import contextmanager
from datetime import datetime, time, timedelta

from django.utils import timezone

from feedback.hours import Calendar

MINUTES_AGO = re.compile(r"(\d+) minutes? ago")
DAYS_AGO = re.compile(r"(\d+) days? ago (\d\d:\d\d)")
DAYS_LATER = re.compile(r"\+(\d+) (\d\d:\d\d)")


class _AnyDatetime(type):
    def __instancecheck__(cls, value):
        return isinstance(value, datetime)


@contextmanager
def standing_at(moment):
    """All of Django, defaults of model fields too, reads this moment as now."""

    class Standing(datetime, metaclass=_AnyDatetime):
        @classmethod
        def now(cls, tz=None):
            return moment.astimezone(tz)

    running, timezone.datetime = timezone.datetime, Standing
    try:
        yield
    finally:
        timezone.datetime = running


class Diary:
    """Turns "3 days ago 10:05" and "+2 17:00" into moments; days are working days."""

    def __init__(self, now):
        self.now = now
        self.calendar = Calendar.load()

    def moment(self, words, received=None):
        if found := MINUTES_AGO.fullmatch(words):
            return self.now - timedelta(minutes=int(found[1]))
        if found := DAYS_AGO.fullmatch(words):
            return self._at(self._working_day(self.now, -int(found[1])), found[2])
        found = DAYS_LATER.fullmatch(words)
        return self._at(self._working_day(received, int(found[1])), found[2])

    def rounds(self, since):
        """A few moments of every working day at which the clockwork looks."""
        day = timezone.localtime(since).date()
        while day <= timezone.localtime(self.now).date():
            for hour in ("10:35", "13:05", "15:35", "18:00"):
                moment = self._at(day, hour)
                if since <= moment <= self.now and self.calendar.is_working_day(day):
                    yield moment
            day += timedelta(days=1)

    def _working_day(self, start, days):
        day, step = timezone.localtime(start).date(), 1 if days > 0 else -1
        while days:
            day += timedelta(days=step)
            if self.calendar.is_working_day(day):
                days -= step
        return day

    def _at(self, day, clock):
        return self.calendar.at(day, time.fromisoformat(clock))
