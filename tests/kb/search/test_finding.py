"""What people find."""

import re

import pytest

from kb import markup
from kb.models import AlternateQuestion
from kb.search import keeping, search, similar, suggest
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(search_index):
    made = {
        "address": factories.article(
            "Change the delivery address",
            public=True,
            resolution="<p>Open an order.</p><h2>After dispatch</h2><p>Ask the carrier's hub.</p>",
        ),
        "invoice": factories.article(
            "Get an invoice", public=True, resolution="<p>Every invoice is under Orders.</p>"
        ),
        "secret": factories.article(
            "Zebra procedure", resolution="<p>How we handle invoice fraud.</p>"
        ),
    }
    search_index()
    return made


def titles(results):
    return [hit.article.title for hit in results]


def test_any_word_may_match_and_the_best_comes_first(shelf):
    results = search("how can I change where my order is delivered to")
    assert titles(results)[0] == "Change the delivery address"
    assert not results.is_fallback


def test_an_alternate_question_finds_its_article(shelf, search_index):
    AlternateQuestion.objects.create(article=shelf["invoice"], text="Where is my bill?")
    search_index()
    assert titles(search("where is my bill"))[0] == "Get an invoice"


def test_a_misspelt_word_is_repaired_and_said(shelf):
    results = search("invioce")
    assert titles(results) == ["Get an invoice"]
    assert (results.corrected, results.corrected_from) == ("invoice", "invioce")


def test_the_words_as_typed_are_kept_when_asked_for(shelf):
    assert not search("invioce", exact=True).hits


def test_suggestions_are_the_first_results(shelf):
    text = "change invo"
    assert suggest(text)
    assert titles(suggest(text)) == titles(search(text))


def test_a_visitor_meets_nothing_of_an_internal_article(shelf, dana):
    assert titles(search("zebra fraud")) == []
    assert search("zebar").corrected is None
    assert titles(search("zebra fraud", dana))[0] == "Zebra procedure"


def test_a_withdrawn_article_is_gone_before_the_index_hears_of_it(shelf):
    article = shelf["invoice"]
    article.audience = "internal"
    article.save()
    assert titles(search("invoice")) == []


def test_a_section_leads_to_its_heading(shelf):
    hit = search("carrier hub").hits[0]
    assert hit.section == "After dispatch"
    assert hit.url.endswith("#after-dispatch")
    assert "<mark>carrier&#x27;s</mark> <mark>hub</mark>" in hit.snippet


def test_a_table_is_told_in_sentences(shelf):
    table = (
        "<table><tr><th>What</th><th>How long</th></tr>"
        "<tr><td><p>Opened teabags &amp; tins</p></td><td>they stay yours: tell us.</td></tr>"
        "<tr><td>Gift cards</td><td>14 days</td></tr></table>"
    )
    factories.article("What comes back?", public=True, resolution=table)
    keeping.apply_changes()
    snippet = re.sub("</?mark>", "", search("opened teabags").hits[0].snippet)
    assert "Opened teabags &amp; tins, they stay yours: tell us. Gift cards, 14 days." in snippet


def test_similar_articles_leave_the_article_itself_out(shelf):
    twin = factories.article("Change the address of delivery", public=True)
    keeping.apply_changes()
    assert titles(similar(twin))[0] == "Change the delivery address"
    assert twin.title not in titles(similar(twin))


def test_a_category_narrows_the_results(shelf):
    category = shelf["invoice"].category
    assert titles(search("invoice order", category=category)) == ["Get an invoice"]


HOSTILE = [
    "", " ", "a", "the", "???", "x" * 10_000, "\x00", "\ud800 invoice", "\u202e invoice",
    "<script>alert(1)</script>", "'; DROP TABLE kb_article; --", "[a TO zzzz]", "word~50 *a*",
    " ".join(f"w{n}" for n in range(500)), "title:invoice AND NOT order", '"', "( ( (", "ẞ" * 300,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_is_typed_is_answered(shelf, text):
    results = search(text)
    assert not results.is_fallback
    assert all("<script" not in hit.snippet + hit.title for hit in results)


def test_emphasis_leaves_no_gap_in_a_sentence_and_blocks_stay_apart():
    html = "<p>Open <strong>My orders</strong>, add H<sub>2</sub>O.</p><p>Done.</p>"
    assert markup.to_text(html) == "Open My orders, add H2O. Done."
