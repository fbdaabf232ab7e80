"""Past days are counted once and kept; a figure is the same with them and without."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from feedback import retention
from feedback.workflow import move
from kb.models import ArticleView, HelpfulVote, SearchQuery
from portal.analytics import days, selfservice  # noqa: F401 (the measures under test)
from portal.analytics.facts import Facts
from portal.analytics.figures import MEASURES
from portal.analytics.models import VisitDay
from portal.analytics.window import Window
from portal.analytics.wording import tile
from tests import factories

NUMBERS = ["M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "M10", "M11", "D1", "D2", "D3", "S7"]
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon(time_machine):
    """No midnight passes while days are counted."""
    time_machine.move_to(NOON)


@pytest.fixture
def a_week(db):
    article = factories.article(public=True)
    for n in range(24):
        at, key = NOON - timedelta(days=n % 7), f"v{n}"
        SearchQuery.objects.create(
            text="words",
            normalised=f"words {n % 5}",
            visit_key=key,
            at=at,
            results_count=n % 3,
            clicked_position=n % 4 or None if n % 3 else None,
        )
        ArticleView.objects.create(article=article, visit_key=key, at=at + timedelta(minutes=1))
        HelpfulVote.objects.create(
            article=article,
            revision=article.published_revision,
            visit_key=key,
            value="yes" if n % 4 else "no",
            at=at + timedelta(minutes=2),
        )
        if n % 6 == 0:
            factories.ticket(visit_key=key, received_at=at + timedelta(minutes=9))


def figures():
    facts = Facts(Window.latest(14))
    return {
        number: (figure.value, figure.n, len(figure.counted))
        for number in NUMBERS
        if (figure := MEASURES[number](facts))
    }


def test_kept_days_change_no_figure(a_week):
    before = figures()
    assert days.keep() == 5  # the two youngest days are left to settle
    assert figures() == before
    assert before["M1"][0] == 24


def test_a_page_reads_only_the_days_that_are_not_kept(a_week, django_assert_max_num_queries):
    days.keep()
    first = min(VisitDay.objects.values_list("day", flat=True))
    for n in range(1, 20):
        earlier = first - timedelta(days=n)
        VisitDay.objects.create(day=earlier, counts={}, counted_at=timezone.now())
    with django_assert_max_num_queries(6):
        Facts(Window.latest(7)).part("searches", Window.latest(7))


def test_keeping_twice_keeps_one_row_a_day(a_week):
    days.keep()
    days.keep()
    assert VisitDay.objects.count() == 5


def test_a_ticket_found_to_be_spam_corrects_its_day_at_once(a_week, sam):
    before = figures()
    ticket = factories.ticket(visit_key="v3", received_at=NOON - timedelta(days=3))
    days.keep()
    assert figures()["M6"][2] == before["M6"][2] + 1
    move(ticket, "mark_spam", by=sam, reason="an advertisement")
    assert figures() == before


def test_the_rows_are_as_many_as_the_kept_number_says(a_week):
    days.keep()
    facts = Facts(Window.latest(14))
    for number in NUMBERS:
        figure = MEASURES[number](facts)
        said = len(figure.counted)
        assert len(list(figure.counted)) == said, number


def test_without_any_trace_nothing_is_kept(db):
    assert days.keep() == 0


# --- Days of which the rows are forgotten ------------------------------------------


@pytest.fixture
def forgotten(a_week, time_machine):
    """Thirteen months later the worker has kept the counts and let the rows go."""
    days.keep()
    time_machine.move_to(NOON + timedelta(days=400))
    retention.run()
    assert not SearchQuery.objects.exists()
    return Window.of_days((NOON - timedelta(days=6)).date(), NOON.date())


def test_a_figure_and_its_list_end_together(forgotten, signed_in, sam):
    facts = Facts(forgotten)
    browser = signed_in(sam)
    for number in NUMBERS:
        figure = MEASURES[number](facts)
        assert (figure.value, len(figure.counted)) == (None, 0), number
        page = browser.get(reverse("measures:rows", args=[number]) + f"?{forgotten.query}")
        assert (page.context["total"], page.status_code) == (0, 200)
    page = browser.get(reverse("measures:section", args=["self-service"]) + f"?{forgotten.query}")
    assert f"from {date_format(facts.kept_from)} on" in page.content.decode()


def test_tickets_of_so_long_ago_are_still_there(forgotten):
    assert MEASURES["M48"](Facts(forgotten)).value == 4


def test_a_window_that_reaches_back_a_little_too_far_is_not_half_counted(forgotten):
    today = timezone.localdate()
    first = Facts(Window.latest(7)).kept_from
    SearchQuery.objects.create(text="w", normalised="w", visit_key="v", results_count=1)
    assert MEASURES["M1"](Facts(Window.of_days(first, today))).value == 1
    early = Window.of_days(first - timedelta(days=1), today)
    assert MEASURES["M1"](Facts(early)).value is None


def test_kept_counts_are_still_compared_with(forgotten):
    searches = VisitDay.objects.values_list("counts__searches", flat=True)
    assert sum(searches) > 0
    last = VisitDay.objects.latest("day").day
    window = Window.of_days(last + timedelta(days=1), last + timedelta(days=5))
    assert MEASURES["M1"](Facts(window), window.before).value == sum(searches)


def test_days_nobody_kept_are_compared_with_nothing(forgotten):
    VisitDay.objects.all().delete()
    facts = Facts(Window.latest(390))
    assert MEASURES["M1"](facts).value == 0
    assert tile(MEASURES["M1"], facts).change_text == "nothing to compare with"


def test_a_forgotten_day_stays_as_it_was_counted(forgotten, sam):
    counted = {one.day: one.counts for one in VisitDay.objects.all()}
    ticket = factories.ticket(received_at=NOON - timedelta(days=3))
    move(ticket, "mark_spam", by=sam, reason="an advertisement")
    days.keep()
    assert {one.day: one.counts for one in VisitDay.objects.filter(day__in=counted)} == counted
