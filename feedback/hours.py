"""When we work: the arithmetic of business time.

Every moment that comes in or goes out knows its time zone. Inside, a working day is a
list of stretches in UTC, so that weekends, holidays and clock changes are settled once,
where the stretches are made.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from feedback.models import Holiday, OpeningHours, ReplyRound

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
# Beyond this many days without a working one, the calendar has none.
HORIZON = 400
# What holds until somebody has entered anything: office hours, an answer at their end.
OFFICE_HOURS = {weekday: [(time(9), time(17))] for weekday in range(5)}
LAST_ROUND = (time(17),)


class NeverOpen(Exception):
    """The calendar has no working time within more than a year."""


@dataclass(frozen=True)
class Calendar:
    """Opening hours, holidays and reply rounds, ready to be asked."""

    hours: dict[int, list[tuple[time, time]]] = field(default_factory=lambda: OFFICE_HOURS)
    holidays: frozenset[date] = frozenset()
    rounds: tuple[time, ...] = LAST_ROUND
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo(settings.TIME_ZONE))

    @classmethod
    def load(cls, *, with_rounds=True):
        hours = {}
        for row in OpeningHours.objects.all():
            hours.setdefault(row.weekday, []).append((row.opens, row.closes))
        return cls(
            hours=hours or OFFICE_HOURS,
            holidays=frozenset(Holiday.objects.values_list("date", flat=True)),
            rounds=(with_rounds and tuple(ReplyRound.objects.values_list("at", flat=True)))
            or LAST_ROUND,
        )

    def is_open(self, at: datetime) -> bool:
        return any(opens <= at < closes for opens, closes in self._stretches(self._day(at)))

    def is_working_day(self, day: date) -> bool:
        return bool(self.hours.get(day.weekday())) and day not in self.holidays

    def next_opening(self, at: datetime) -> datetime:
        """This very moment if we are open, else when we open next."""
        opens, _closes = next(self._stretches_after(at))
        return max(at, opens)

    def closes_at(self, at: datetime) -> datetime | None:
        """When the stretch we are in ends; None while we are closed."""
        return next((c for o, c in self._stretches(self._day(at)) if o <= at < c), None)

    def add_business_minutes(self, at: datetime, minutes: int) -> datetime:
        """The moment when so many minutes of work have passed."""
        left = timedelta(minutes=minutes)
        for opens, closes in self._stretches_after(at):
            start = max(at, opens)
            if start + left <= closes:
                return start + left
            left -= closes - start

    def business_minutes(self, a: datetime, b: datetime) -> int:
        """Whole minutes of work between two moments; negative when b comes first."""
        if b < a:
            return -self.business_minutes(b, a)
        worked = timedelta()
        day = self._day(a)
        while day <= self._day(b):
            for opens, closes in self._stretches(day):
                worked += max(timedelta(), min(b, closes) - max(a, opens))
            day += DAY
        return worked // MINUTE

    def next_round(self, at: datetime) -> datetime:
        """The first reply round that is not over yet."""
        for day in self._working_days(self._day(at)):
            for round_ in sorted(self.rounds):
                if (moment := self.at(day, round_)) >= at:
                    return moment

    def next_working_day(self, at: datetime) -> datetime:
        """When we open on the first working day after today."""
        day = next(self._working_days(self._day(at) + DAY))
        return next(self._stretches(day))[0]

    def add_working_days(self, at: datetime, days: int) -> datetime:
        """The same time of day, so many working days later."""
        later = self._working_days(self._day(at) + DAY)
        for _ in range(days):
            day = next(later)
        return self.at(day, at.astimezone(self.zone).time())

    def at(self, day: date, clock: time) -> datetime:
        """The moment our clocks show this time: the first of two, or the next there is."""
        naive = datetime.combine(day, clock)
        while True:
            moment = naive.replace(tzinfo=self.zone).astimezone(UTC)
            if moment.astimezone(self.zone).replace(tzinfo=None, fold=0) == naive:
                return moment
            # Clocks skip this time: go on to the first minute they show again.
            naive = naive.replace(second=0, microsecond=0) + MINUTE

    def _day(self, at):
        return at.astimezone(self.zone).date()

    def _stretches(self, day):
        if day not in self.holidays:
            for opens, closes in sorted(self.hours.get(day.weekday(), ())):
                yield self.at(day, opens), self.at(day, closes)

    def _working_days(self, day):
        for _ in range(HORIZON):
            if self.is_working_day(day):
                yield day
            day += DAY
        raise NeverOpen("No opening hours within a year: check hours and holidays.")

    def _stretches_after(self, at):
        for day in self._working_days(self._day(at)):
            for opens, closes in self._stretches(day):
                if closes > at:
                    yield opens, closes
