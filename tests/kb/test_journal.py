import pytest
from django.test import RequestFactory
from django.utils import timezone

from kb import demand, journal, visits, voting
from kb.models import ArticleFlag, ArticleView, HelpfulVote, SearchQuery, VisitSalt
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _spool(settings, tmp_path):
    settings.JOURNAL_DIR = tmp_path


@pytest.fixture
def article(publisher):
    article = factories.article(by=publisher)
    article.publish(by=publisher)
    return article


def test_a_search_is_masked_before_it_touches_the_disk(tmp_path):
    journal.record("search", visit="v", text="order of maria@mail.se", results=2)
    assert "maria" not in next(tmp_path.iterdir()).read_text()
    journal.ingest(everything=True)
    assert SearchQuery.objects.get().text == "order of …"


def test_a_page_view_writes_nothing_to_the_database(django_assert_num_queries):
    journal.record("search", visit="v", text="warm up: the number shapes are read once")
    with django_assert_num_queries(0):
        journal.record("search", visit="v", text="kettle", results=1)
        journal.record("view", visit="v", article=1)


def test_the_first_result_opened_is_the_click_of_its_search(article):
    journal.record("search", visit="v", text="Lost parcel!", results=3)
    journal.record("view", visit="v", article=article.pk, text="lost parcel", position=2)
    journal.ingest(everything=True)
    search = SearchQuery.objects.get()
    assert (search.clicked_article, search.clicked_position) == (article, 2)


def test_somebody_elses_search_gets_no_click(article):
    journal.record("search", visit="one", text="parcel", results=3)
    journal.record("view", visit="two", article=article.pk, text="parcel", position=1)
    journal.ingest(everything=True)
    assert SearchQuery.objects.get().clicked_article is None


def test_reloading_an_article_is_the_same_reading(article):
    for _ in range(3):
        journal.record("view", visit="v", article=article.pk)
    journal.ingest(everything=True)
    assert ArticleView.objects.count() == 1


def test_a_file_that_was_read_before_a_crash_counts_once(article, tmp_path):
    journal.record("view", visit="v", article=article.pk)
    path = next(tmp_path.iterdir())
    lines = path.read_bytes()
    journal.ingest(everything=True)
    path.write_bytes(lines)  # as if the power had gone before the file was removed
    assert journal.ingest(everything=True) == 0
    assert (ArticleView.objects.count(), path.exists()) == (1, False)


def test_a_line_cut_short_by_a_crash_costs_only_itself(article, tmp_path):
    journal.record("view", visit="v", article=article.pk)
    with next(tmp_path.iterdir()).open("a") as spool:
        spool.write('{"kind": "vi')
    journal.ingest(everything=True)
    assert ArticleView.objects.count() == 1


def test_a_full_disk_does_not_cost_the_reader_the_page(settings, tmp_path, caplog):
    settings.JOURNAL_DIR = tmp_path / "file"
    settings.JOURNAL_DIR.write_text("in the way")
    journal.record("view", visit="v", article=1)
    assert "journal" in caplog.text


def _request(address, agent="Firefox"):
    return RequestFactory().get("/", REMOTE_ADDR=address, headers={"user-agent": agent})


def test_a_visit_key_tells_visitors_apart_and_names_nobody():
    one, two = visits.visit_key(_request("192.0.2.1")), visits.visit_key(_request("192.0.2.2"))
    assert one == visits.visit_key(_request("192.0.2.1"))
    assert one != two
    assert "192" not in one


def test_yesterdays_salt_is_thrown_away():
    VisitSalt.objects.create(day="2020-01-01", salt=b"old")
    visits.turn_salts()
    assert not VisitSalt.objects.filter(day="2020-01-01").exists()
    assert VisitSalt.objects.filter(day__gte=timezone.localdate()).count() == 2


def test_a_vote_counts_once_a_visit_and_can_be_changed(article):
    voting.cast(article, visit_key="v", value="no")
    voting.cast(article, visit_key="v", value="yes")
    assert [vote.value for vote in HelpfulVote.objects.all()] == ["yes"]


def test_not_yet_with_words_lands_on_the_curators_list_without_a_name(article):
    voting.cast(
        article, visit_key="v", value="no", comment="Still broken, call me: +44 20 7946 0958"
    )
    flag = ArticleFlag.objects.get()
    assert (flag.state, flag.raised_by) == (ArticleFlag.State.OPEN, None)
    assert "7946" not in flag.comment + HelpfulVote.objects.get().comment


def test_an_accepted_flag_takes_the_check_mark_away(article, publisher):
    flag = voting.flag(article, reason="wrong", by=publisher)
    voting.take_flag(flag, by=publisher)
    article.refresh_from_db()
    assert article.confidence == article.Confidence.NOT_VALIDATED


def test_what_helps_more_readers_stands_first(article, publisher):
    other = factories.article(by=publisher)
    other.publish(by=publisher)
    for visit in "ab":
        voting.cast(other, visit_key=visit, value="yes")
    voting.cast(article, visit_key="c", value="yes")
    assert list(type(article).objects.public().by_demand()) == [other, article]


def test_the_app_above_adds_what_it_counts(article, monkeypatch):
    monkeypatch.setattr(demand, "_counters", {})
    demand.register("uses", 5, lambda pks, since: {article.pk: 2})
    demand.refresh_all()
    article.refresh_from_db()
    assert article.demand == 10
