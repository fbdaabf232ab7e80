"""Business time is right over weekends, holidays and clock changes, proven minute by minute."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.hours import Calendar, NeverOpen
from feedback.models import Holiday, OpeningHours, ReplyRound

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)
# Odd on purpose: a lunch break, a short Friday, and Sunday night over both clock changes.
HOURS = {
    0: [(time(9), time(12)), (time(13), time(17, 30))],
    1: [(time(9), time(17))],
    3: [(time(8), time(20))],
    4: [(time(9), time(12, 15))],
    6: [(time(0, 30), time(5))],
}
HOLIDAYS = frozenset({date(2026, 4, 3), date(2026, 4, 6), date(2026, 10, 26), date(2026, 12, 25)})
CALENDAR = Calendar(
    hours=HOURS,
    holidays=HOLIDAYS,
    rounds=(time(9, 30), time(2, 30), time(17)),
    zone=BERLIN,
)
# The last Sundays of March and October, when clocks change in Berlin.
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def is_open_by_the_wall_clock(at):
    """What somebody in the room would say, looking at the clock and the door."""
    local = at.astimezone(BERLIN)
    if local.date() in HOLIDAYS:
        return False
    return any(opens <= local.time() < closes for opens, closes in HOURS.get(local.weekday(), ()))


def brute_minutes(a, b):
    minutes = int((b - a) / MINUTE)
    return sum(is_open_by_the_wall_clock(a + n * MINUTE) for n in range(minutes))


moments = st.one_of(
    st.datetimes(datetime(2026, 3, 26), datetime(2026, 4, 8)),
    st.datetimes(datetime(2026, 10, 22), datetime(2026, 10, 30)),
    st.datetimes(datetime(2026, 12, 20), datetime(2026, 12, 31)),
).map(lambda naive: naive.replace(second=0, microsecond=0, tzinfo=UTC))


@settings(max_examples=60, deadline=None)
@given(moments, st.integers(0, 5 * 24 * 60))
def test_minutes_between_are_those_a_person_would_count(a, length):
    b = a + length * MINUTE
    assert CALENDAR.business_minutes(a, b) == brute_minutes(a, b)
    assert CALENDAR.business_minutes(b, a) == -brute_minutes(a, b)


@settings(max_examples=60, deadline=None)
@given(moments, st.integers(1, 1500))
def test_adding_minutes_arrives_when_so_many_have_passed_and_not_a_minute_sooner(at, minutes):
    end = CALENDAR.add_business_minutes(at, minutes)
    assert brute_minutes(at, end) == minutes
    assert brute_minutes(at, end - MINUTE) == minutes - 1


@settings(max_examples=100, deadline=None)
@given(moments)
def test_the_next_opening_is_the_first_open_minute(at):
    opening = CALENDAR.next_opening(at)
    assert CALENDAR.is_open(opening)
    assert CALENDAR.is_open(at) == is_open_by_the_wall_clock(at)
    assert brute_minutes(at, opening) == 0


@settings(max_examples=100, deadline=None)
@given(moments)
def test_the_next_round_is_on_a_working_day_and_none_is_skipped(at):
    round_ = CALENDAR.next_round(at)
    assert round_ >= at
    assert CALENDAR.is_working_day(round_.astimezone(BERLIN).date())
    between = (at + n * MINUTE for n in range(int((round_ - at) / MINUTE)))
    walls = [moment.astimezone(BERLIN) for moment in between]
    missed = [w for w in walls if w.time() in CALENDAR.rounds and w.fold == 0]
    assert not any(CALENDAR.is_working_day(wall.date()) for wall in missed)


def test_a_time_in_the_missing_hour_moves_to_the_next_minute_there_is():
    assert CALENDAR.at(SPRING, time(2, 30)) == datetime(2026, 3, 29, 3, 0, tzinfo=BERLIN)


def test_a_time_in_the_doubled_hour_is_the_first_of_the_two():
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert CALENDAR.at(AUTUMN, time(2, 30)) == first


def test_a_night_shift_is_an_hour_shorter_in_spring_and_longer_in_autumn():
    def worked(day):
        start = datetime.combine(day, time(0), tzinfo=BERLIN)
        return CALENDAR.business_minutes(start, start + timedelta(days=1)) / 60

    assert (worked(SPRING), worked(AUTUMN), worked(date(2026, 5, 3))) == (3.5, 5.5, 4.5)


def test_working_days_skip_weekends_and_holidays_and_keep_the_time_of_day():
    thursday = datetime(2026, 4, 2, 10, 7, tzinfo=BERLIN)
    # Friday and Monday are Easter; Sunday is a working night here.
    assert CALENDAR.add_working_days(thursday, 2) == datetime(2026, 4, 7, 10, 7, tzinfo=BERLIN)
    assert CALENDAR.next_working_day(thursday) == datetime(2026, 4, 5, 0, 30, tzinfo=BERLIN)


def test_a_calendar_that_is_never_open_says_so_instead_of_searching_for_ever():
    closed = Calendar(hours={0: [(time(9), time(17))]}, holidays=frozenset(
        date(2026, 1, 1) + timedelta(days=n) for n in range(800)
    ), zone=BERLIN)  # fmt: skip
    with pytest.raises(NeverOpen):
        closed.next_opening(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.django_db
def test_the_calendar_is_what_the_manager_entered():
    OpeningHours.objects.all().delete()
    ReplyRound.objects.all().delete()
    OpeningHours.objects.create(weekday=2, opens=time(10), closes=time(11))
    ReplyRound.objects.create(at=time(10, 30))
    Holiday.objects.create(date=date(2026, 11, 25), name="Closed")
    calendar = Calendar.load()
    tuesday = datetime(2026, 11, 24, 12, tzinfo=calendar.zone)
    assert calendar.next_round(tuesday) == datetime(2026, 12, 2, 10, 30, tzinfo=calendar.zone)
    assert calendar.closes_at(datetime(2026, 12, 2, 10, 10, tzinfo=calendar.zone)).hour == 11


@pytest.mark.django_db
def test_a_house_that_has_entered_nothing_keeps_office_hours():
    OpeningHours.objects.all().delete()
    ReplyRound.objects.all().delete()
    saturday = datetime(2026, 11, 21, 22, tzinfo=UTC)
    assert Calendar.load().next_round(saturday) == datetime(2026, 11, 23, 17, tzinfo=UTC)
