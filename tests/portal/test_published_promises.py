"""The promises we kept, for everybody to read, when the organisation says so."""

from datetime import timedelta

import pytest
from django.utils import timezone

from feedback import ledger
from feedback.models import Organisation, Promise
from portal.analytics import pledges  # noqa: F401 (the measure compared with)
from portal.analytics.facts import Facts
from portal.analytics.figures import MEASURES
from portal.analytics.window import Window
from tests import factories

LAST_DAY = timezone.localdate().replace(day=1) - timedelta(days=1)
MONTH = Window.of_days(LAST_DAY.replace(day=1), LAST_DAY)


@pytest.fixture
def promises(db):
    """One of every fate, all due in the middle of last month."""
    due = MONTH.start + timedelta(days=14)
    for state, done in (
        ("kept", -1),
        ("kept", -2),
        ("kept-late", 1),
        ("late", None),
        ("open", None),
        ("renewed", -1),
        ("renewed", 1),
        ("released", -1),
    ):
        Promise.objects.create(
            ticket=factories.ticket(received_at=MONTH.start),
            what="a word",
            due_at=due,
            state=state,
            done_at=due + timedelta(hours=done) if done else None,
        )
    Promise.objects.create(
        ticket=factories.ticket(outcome="spam", stage="closed"), what="x", due_at=due, state="late"
    )


@pytest.fixture
def home(visitor):
    return lambda: visitor.get("/").content.decode()


def test_the_public_figure_is_the_managers(promises):
    figure = MEASURES["M22"](Facts(MONTH))
    found = ledger.kept_on_time(MONTH.start, MONTH.end)
    assert (found.kept, found.due) == (len(figure.counted), figure.n) == (2, 6)


def test_the_home_page_shows_it_only_when_switched_on(promises, home):
    assert "promises on time" not in home()
    organisation = Organisation.get()
    organisation.publishes_promises = True
    organisation.save()
    assert "Last month we kept 2 of 6 promises on time." in home()


def test_without_a_promise_due_there_is_nothing_to_boast_of(db, home):
    Organisation.objects.create(name="Askwell", publishes_promises=True)
    assert "promises on time" not in home()
