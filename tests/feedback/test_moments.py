"""A colleague types a time, whatever the clocks do that night."""

from datetime import UTC, datetime

import pytest
from django import forms
from django.utils import timezone

from feedback.admin.moments import MomentField


@pytest.fixture(autouse=True)
def _in_berlin(settings):
    settings.TIME_ZONE = "Europe/Berlin"
    timezone.get_default_timezone.cache_clear()
    yield
    timezone.get_default_timezone.cache_clear()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-11-24T12:00", datetime(2026, 11, 24, 11, 0, tzinfo=UTC)),
        ("2026-10-25T02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # clocks show it twice
        ("2026-11-24T12:00+00:00", datetime(2026, 11, 24, 12, 0, tzinfo=UTC)),
    ],
)
def test_every_time_a_clock_shows_is_one_moment(typed, meant):
    assert MomentField().clean(typed) == meant


@pytest.mark.parametrize(
    "typed", ["2026-02-30T12:00", "tomorrow", "2026-11-24T25:00", "2026-03-29T02:30"]
)
def test_what_no_clock_shows_is_handed_back(typed):
    with pytest.raises(forms.ValidationError):
        MomentField().clean(typed)


def test_a_time_may_be_left_out_where_it_need_not_be():
    assert MomentField(required=False).clean("") is None
