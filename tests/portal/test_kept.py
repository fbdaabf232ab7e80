"""Pages kept for a moment: cheap for many readers, and never yesterday's."""

import re

import pytest

from feedback.models import ContactChannel
from kb.journal import ingest
from kb.models import ArticleView, SearchQuery
from kb.search import keeping as keeping_index
from portal import chores, kept
from tests import factories

BROWSER = {"HTTP_USER_AGENT": "Mozilla/5.0 (X11) Firefox/150"}


@pytest.fixture(autouse=True)
def keeping(settings, db, tmp_path, pages_are_kept):
    settings.JOURNAL_DIR = tmp_path / "journal"


@pytest.fixture
def article():
    return factories.article("How do I return a kettle?", public=True)


def words(client, address="/"):
    return client.get(address, **BROWSER).content.decode()


def test_the_second_reader_costs_no_query(client, article, django_assert_num_queries):
    address = article.get_absolute_url()
    first = words(client, address)
    with django_assert_num_queries(0):
        assert words(client, address) == first


def test_what_is_saved_is_seen_at_once(client, article, django_capture_on_commit_callbacks):
    words(client)
    with django_capture_on_commit_callbacks(execute=True):
        ContactChannel.objects.create(kind="phone", value="+1 555 0199")
    assert "555 0199" in words(client)


def test_what_is_withdrawn_is_gone_at_once(client, article, django_capture_on_commit_callbacks):
    address = article.get_absolute_url()
    words(client, address)
    with django_capture_on_commit_callbacks(execute=True):
        article.audience = "internal"
        article.save()
    assert client.get(address, **BROWSER).status_code == 410


def test_a_colleagues_page_is_neither_kept_nor_shown_to_a_reader(client, signed_in, dana):
    article = factories.article("Only for us", public=False)
    address = article.get_absolute_url()
    assert signed_in(dana).get(address).status_code == 200
    assert client.get(address, **BROWSER).status_code == 404


def test_each_reading_and_each_search_is_noted_kept_or_not(client, article):
    address = article.get_absolute_url()
    for agent in ("one", "two", "three"):
        client.get(address, HTTP_USER_AGENT=f"Mozilla/5.0 {agent}")
        client.get("/search/?q=kettle", HTTP_USER_AGENT=f"Mozilla/5.0 {agent}")
    ingest(everything=True)
    assert ArticleView.objects.count() == 3
    assert SearchQuery.objects.values("visit_key").distinct().count() == 3


def test_a_page_that_did_not_change_is_not_sent_again(client, article):
    address = article.get_absolute_url()
    etag = client.get(address, **BROWSER)["ETag"]
    again = client.get(address, **BROWSER, HTTP_IF_NONE_MATCH=etag)
    assert (again.status_code, again.content) == (304, b"")


def test_a_search_asked_again_costs_no_query_and_is_noted_again(
    client, article, django_assert_num_queries
):
    keeping_index.apply_changes()
    words(client, "/search/?q=kettle")
    with django_assert_num_queries(0):
        assert "How do I return" in words(client, "/search/?q=kettle")
    ingest(everything=True)
    assert SearchQuery.objects.count() >= 1


def test_what_is_newly_found_is_not_hidden_behind_a_kept_page(client, article):
    words(client, "/search/?q=kettle")
    factories.article("Where does the kettle come from?", public=True)
    chores.apply_changes()
    assert "come from?" in words(client, "/search/?q=kettle")


def test_a_page_with_a_form_is_kept_for_nobody(client):
    keys = {
        re.search(r'name="key" value="(\w+)"', words(client, "/search/?q=zebra"))[1] for _ in "12"
    }
    assert len(keys) == 2


def test_a_page_stays_on_the_shelf_until_its_time_is_over(monkeypatch):
    shelf = kept.Shelf()
    shelf.put("page", "words")
    assert shelf.get("page") == "words"
    monkeypatch.setattr(kept, "SECONDS", 0)
    shelf.put("page", "words")
    assert shelf.get("page") is None


def test_what_is_over_leaves_the_shelf_with_the_next_page(monkeypatch):
    shelf = kept.Shelf()
    monkeypatch.setattr(kept, "SECONDS", 0)
    shelf.put("yesterday's", "words")
    shelf.put("today's", "words")
    assert list(shelf._pages) == ["today's"]


def test_a_full_shelf_lets_the_oldest_page_go(monkeypatch):
    monkeypatch.setattr(kept, "MOST", 2)
    shelf = kept.Shelf()
    for name in ("first", "second", "first", "third"):  # made anew, it is young again
        shelf.put(name, "words")
    assert [shelf.get(name) for name in ("first", "second", "third")] == ["words", None, "words"]
