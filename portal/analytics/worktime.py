"""Business minutes between many pairs of moments, at the price of two look-ups each."""

from bisect import bisect_right
from datetime import datetime
from functools import cached_property

from feedback.hours import Calendar, NeverOpen

MINUTE = 60


class WorkTime:
    """The calendar of a stretch of time, laid out once with running totals."""

    def __init__(self, start, end, calendar=None):
        self.calendar = calendar or Calendar.load(with_rounds=False)
        self.opens, self.closes, self.worked = [], [], []
        total, moment = 0.0, start
        while moment < end:
            try:
                opens = self.calendar.next_opening(moment)
            except NeverOpen:
                break
            closes = self.calendar.closes_at(opens)
            self.opens.append(opens.timestamp())
            self.closes.append(closes.timestamp())
            self.worked.append(total)
            total += self.closes[-1] - self.opens[-1]
            moment = closes

    def minutes(self, a, b):
        """Whole minutes of work from a to b."""
        return int((self._until(b) - self._until(a)) // MINUTE)

    def days(self, a, b):
        """Working days begun after the day of a, up to and with the day of b."""
        zone = self.calendar.zone
        first, last = a.astimezone(zone).date(), b.astimezone(zone).date()
        return bisect_right(self._dates, last) - bisect_right(self._dates, first)

    @cached_property
    def _dates(self):
        zone = self.calendar.zone
        return sorted({datetime.fromtimestamp(opens, zone).date() for opens in self.opens})

    def _until(self, moment):
        at = moment.timestamp()
        n = bisect_right(self.opens, at) - 1
        if n < 0:
            return 0.0
        return self.worked[n] + min(at, self.closes[n]) - self.opens[n]
