"""What search leaves alone: words it cannot know, and words that say nothing."""

import pytest

from kb.search import search
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shelf(search_index):
    factories.article("How do I descale my kettle?", public=True, resolution="<p>With acid.</p>")
    factories.article("Seals and how to change them", public=True, resolution="<p>Pull.</p>")
    search_index()


@pytest.mark.parametrize("words", ["my frother howls like a wolf", "how do I frobnicate"])
def test_an_answer_that_shares_only_question_words_is_no_answer(words):
    assert not search(words).hits


def test_a_question_of_question_words_only_is_answered_by_them():
    assert search("how do I").hits


@pytest.mark.parametrize("word", ["howls", "squeals"])
def test_a_word_two_letters_off_is_another_word(word):
    assert search(word).corrected is None


def test_one_slip_is_repaired():
    assert search("ketle").corrected == "kettle"
    assert search("dsecale").corrected == "descale"


def test_only_words_that_tell_something_are_marked():
    (hit,) = search("how do I descale my kettle").hits[:1]
    assert hit.title == "How do I <mark>descale</mark> my <mark>kettle</mark>?"
