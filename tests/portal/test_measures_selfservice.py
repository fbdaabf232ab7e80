"""What visits tell: searches, successes, and what became of them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from kb.models import ArticleView, HelpfulVote, SearchQuery
from portal.analytics import selfservice  # noqa: F401 (the measures under test)
from portal.analytics.facts import Facts
from portal.analytics.figures import MEASURES, nearest_rank, wilson_lower_bound
from portal.analytics.window import Window
from tests import factories

NOON = timezone.make_aware(datetime(2026, 3, 4, 12))
WINDOW = Window.of_days(date(2026, 3, 2), date(2026, 3, 8))


def at(minutes):
    return NOON + timedelta(minutes=minutes)


def searched(visit, words, minutes=0, results=5, position=None, **fields):
    return SearchQuery.objects.create(
        visit_key=visit,
        text=words,
        normalised=words,
        results_count=results,
        at=at(minutes),
        clicked_position=position,
        clicked_at=at(minutes + 1) if position else None,
        **fields,
    )


@pytest.fixture
def article(db):
    return factories.article(public=True)


@pytest.fixture
def read(article):
    def read(visit, minutes=0):
        return ArticleView.objects.create(article=article, visit_key=visit, at=at(minutes))

    return read


@pytest.fixture
def voted(article):
    def voted(visit, value, minutes=0):
        return HelpfulVote.objects.create(
            article=article,
            revision=article.published_revision,
            visit_key=visit,
            value=value,
            at=at(minutes),
        )

    return voted


def figure(number):
    return MEASURES[number](Facts(WINDOW, now=WINDOW.end))


@pytest.mark.django_db
def test_the_same_words_in_one_visit_are_one_search():
    searched("a", "lost parcel")
    searched("a", "lost parcel", 5)
    searched("a", "parcel", 6)
    searched("b", "lost parcel")
    assert figure("M1").value == 3


@pytest.mark.django_db
def test_after_half_an_hour_of_quiet_it_is_another_visit():
    searched("a", "lost parcel")
    searched("a", "lost parcel", 31)
    assert figure("M1").value == 2
    assert figure("M8").n == 2


@pytest.mark.django_db
def test_searches_of_the_staff_are_not_counted():
    searched("a", "lost parcel", audience="internal")
    assert figure("M1").value == 0


@pytest.mark.django_db
def test_where_nothing_was_counted_over_there_is_no_percentage():
    assert figure("M2").value is None


@pytest.mark.django_db
def test_zero_results_clicks_and_the_rank_of_the_first_click():
    searched("a", "nothing", results=0)
    searched("b", "first", position=1)
    searched("c", "second", position=2)
    searched("d", "seen only")
    assert figure("M2").value == 0.25
    assert figure("M3").value == pytest.approx(2 / 3)
    assert figure("M4").value == pytest.approx((1 + 0.5 + 0) / 3)


@pytest.mark.django_db
def test_an_opened_result_is_a_click_although_nobody_knows_where_it_stood():
    search = searched("a", "shared link")
    SearchQuery.objects.filter(pk=search.pk).update(clicked_at=at(1))
    searched("a", "something else", 1.5)
    assert (len(figure("M3").counted), figure("M4").value) == (1, 0)
    assert figure("M5").value == 0


@pytest.mark.django_db
def test_other_words_within_two_minutes_and_without_a_click_are_a_refinement():
    searched("a", "vouher")
    searched("a", "voucher", 1)
    searched("b", "clicked", position=1)
    searched("b", "then another", 2)
    searched("c", "slow")
    searched("c", "thinker", 3)
    assert [row.words for row in figure("M5").counted] == ["vouher"]


@pytest.mark.django_db
def test_a_search_became_a_request_when_its_visit_asked_within_a_day():
    searched("a", "lost parcel")
    searched("b", "lost parcel")
    factories.ticket(visit_key="a", received_at=at(20))
    factories.ticket(visit_key="b", received_at=at(25 * 60))
    assert [row.key for row in figure("M6").counted] == ["a"]


def test_only_the_last_vote_of_a_visit_counts(article, voted, read):
    read("a")
    read("b")
    voted("a", "no")
    article.write(by=article.owner, title="Said better")
    again = article.latest_revision
    HelpfulVote.objects.create(
        article=article, revision=again, visit_key="a", value="yes", at=at(5)
    )
    shown = figure("M7")
    assert (shown.value, shown.n) == (1.0, 1)
    assert shown.beside[0].value == 0.5  # one vote for two readings


def test_implied_success_needs_a_reading_and_no_sign_of_trouble(read, voted):
    read("reader")
    searched("seeker", "lost parcel")
    read("doubter")
    voted("doubter", "no", 1)
    read("asker")
    factories.ticket(visit_key="asker", received_at=at(10))
    read("unlucky")
    searched("unlucky", "nothing", 2, results=0)
    assert [visit.key for visit in figure("M8").counted] == ["reader"]
    assert figure("M8").n == 5


def test_each_visit_stands_under_one_of_three_heads(read, voted):
    read("sure")
    voted("sure", "yes", 1)
    read("quiet")
    searched("seeker", "lost parcel")
    read("asker")
    factories.ticket(visit_key="asker", received_at=at(10))
    heads = {
        number: {visit.key for visit in figure(number).counted} for number in ("D1", "D2", "D3")
    }
    assert heads == {"D1": {"sure"}, "D2": {"quiet"}, "D3": {"seeker", "asker"}}
    assert all(figure(number).n == 4 for number in heads)


def test_a_vote_belongs_to_the_visit_it_came_out_of_however_long_they_thought(read, voted):
    read("thorough")
    voted("thorough", "yes", 50)
    read("thorough", 8 * 60)
    read("thorough again", 0)
    voted("thorough again", "no", 50)
    assert [visit.at for visit in figure("D1").counted] == [at(0)]
    assert [visit.at for visit in figure("D2").counted] == [at(8 * 60)]
    assert [visit.key for visit in figure("D3").counted] == ["thorough again"]
    assert "thorough again" not in {visit.key for visit in figure("M8").counted}


def test_saying_yes_raises_the_explicit_success_by_one(voted):
    before = len(figure("M7").counted)
    voted("a", "yes")
    assert len(figure("M7").counted) == before + 1


def test_visits_for_each_person_who_asked(read):
    read("a")
    read("b")
    read("c")
    someone = factories.customer()
    for _n in range(2):
        factories.ticket(customer=someone, received_at=at(5))
    assert figure("M11").value == 3


def test_requests_that_had_looked_here_first(read):
    read("a")
    factories.ticket(visit_key="a", received_at=at(10))
    factories.ticket(visit_key="b", received_at=at(10))
    factories.ticket(channel="phone", received_at=at(10))
    assert figure("M10").value == 0.5


def test_what_lies_outside_the_days_is_not_counted(read):
    read("early", minutes=-60 * 24 * 5)
    read("late", minutes=60 * 24 * 6)
    assert figure("M8").n == 0


def test_a_day_is_as_long_as_our_clocks_say(read):
    """On 25 October the clocks of Berlin go back: that day has 25 hours."""
    with timezone.override(ZoneInfo("Europe/Berlin")):
        window = Window.of_days(date(2026, 10, 25), date(2026, 10, 25))
        midnight = datetime(2026, 10, 24, 22, tzinfo=UTC)
        for key, hours in [("before", -0.1), ("first", 0), ("last", 24.9), ("after", 25)]:
            reading = read(key)
            ArticleView.objects.filter(pk=reading.pk).update(at=midnight + timedelta(hours=hours))
        facts = Facts(window, now=window.end)
        assert sorted(visit.key for visit in MEASURES["M8"](facts).of) == ["first", "last"]
        assert MEASURES["M8"](facts, window.before).n == 1


def test_middle_values_are_those_that_happened():
    assert nearest_rank([30, 90, 150], 50) == 90
    assert nearest_rank([1, 2, 3, 4], 50) == 2
    assert nearest_rank(range(1, 11), 90) == 9
    assert nearest_rank([], 50) is None


def test_one_good_vote_ranks_below_many():
    assert wilson_lower_bound(1, 1) < wilson_lower_bound(40, 50)
    assert wilson_lower_bound(0, 0) == 0
