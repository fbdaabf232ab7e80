"""What curators teach the search works at once, without a rebuild."""

import pytest

from kb.models import Pin, Synonym
from kb.search import search
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(search_index):
    made = {
        title: factories.article(title, public=True, resolution=f"<p>{text}</p>")
        for title, text in {
            "Get a refund": "We pay it within five days.",
            "Send an order back": "Print the label and wait for the money.",
            "Pay by card": "Cards of all banks. The money leaves at once, back to shopping.",
        }.items()
    }
    search_index()
    return made


def titles(results):
    return [hit.article.title for hit in results]


def test_a_synonym_finds_what_the_typed_word_does_not(shelf):
    assert "Get a refund" not in titles(search("reimbursement", exact=True))
    Synonym.objects.create(words="reimbursement, refund")
    results = search("reimbursement")
    assert titles(results) == ["Get a refund"]
    assert results.corrected is None


def test_a_synonym_of_several_words_needs_all_of_them_in_order(shelf):
    Synonym.objects.create(words="refund, money back")
    assert "Get a refund" in titles(search("money back"))
    assert "Get a refund" not in titles(search("back money"))


def test_a_one_way_synonym_leads_only_from_its_first_word(shelf):
    Synonym.objects.create(words="chargeback, refund", is_one_way=True)
    assert titles(search("chargeback")) == ["Get a refund"]
    Synonym.objects.create(words="refund, plastic", is_one_way=True)
    assert not search("plastic").hits


def test_a_pinned_answer_comes_first_however_it_is_asked(shelf):
    assert titles(search("paying with cards"))[0] == "Pay by card"
    Pin.objects.create(words="pay card", article=shelf["Send an order back"])
    assert titles(search("How can I pay by card?"))[0] == "Send an order back"
    assert titles(search("pay by card twice"))[0] == "Pay by card"


def test_a_pinned_internal_article_stays_unseen(shelf):
    Pin.objects.create(words="refund", article=factories.article("How we refund"))
    assert "How we refund" not in titles(search("refund"))


def test_quoted_words_stand_together(shelf):
    assert titles(search('"for the money"')) == ["Send an order back"]
    assert titles(search('"leaves at once" refund')) == ["Pay by card"]


def test_quotes_that_nothing_holds_are_set_aside(shelf):
    assert titles(search('"refund money quickly"'))[0] == "Get a refund"


@pytest.mark.parametrize("code", ["E-1042", "ISO-8859-1", "C++", "C#", "3.5.1", "4711-0815"])
def test_codes_are_found_as_they_are_and_never_corrected(search_index, code):
    factories.article(
        "Another code", public=True, resolution="<p>E-1043 ISO-8859-2 C 3.5.2 4711</p>"
    )
    wanted = factories.article("The code", public=True, resolution=f"<p>About {code} here.</p>")
    search_index()
    results = search(f"what is {code}")
    assert results.hits[0].article == wanted
    assert results.corrected is None
