"""The calm composer hears the words that anger, however they are written."""

import time

import pytest

from feedback import tone
from feedback.models import TonePair

pytestmark = pytest.mark.django_db

SEED = {
    1: ["it's our policy", "its our policy", "it is our policy", "company policy", "policy is"],
    2: ["I can't", "we don't", "I cannot", "I can not", "we're unable"],
    3: ["what seems to be the problem", "what's the problem", "what is your problem"],
    4: ["I don't know", "I do not know", "no idea"],
    5: ["you should have", "you should've", "you ought to have", "you were supposed to"],
    6: ["why didn't you", "why did you not", "why haven't you"],
    7: ["the only thing we can do", "all we can do", "the only option"],
    8: ["I don't handle that", "it's not my job", "not my department", "that's not us"],
}
TRIGGERS = [(group, words) for group, phrases in SEED.items() for words in phrases]
DISGUISES = {
    "as typed": lambda words: words,
    "curly apostrophes": lambda words: words.replace("'", "’"),
    "capitals": str.upper,
    "a line break": lambda words: words.replace(" ", "\n"),
    "two spaces": lambda words: words.replace(" ", "  "),
}


@pytest.mark.parametrize("disguise", DISGUISES.values(), ids=DISGUISES)
@pytest.mark.parametrize(("group", "words"), TRIGGERS)
def test_each_trigger_is_found_with_its_own_calm_words(group, words, disguise):
    text = f"Hello Maria, {disguise(words)} here."
    hit = next(hit for hit in tone.check(text) if hit.group == group)
    assert hit.level == "confirm"
    assert hit.calm
    assert text[hit.start : hit.end] == hit.words
    # "I don't handle that" is found by its first words; the rest is the writer's.
    assert hit.words in disguise(words)


def test_the_first_offer_is_the_seeds_own_wording():
    offers = {words: tone.check(words)[0].calm[0] for words in ("I can't", "I don't know")}
    assert offers == {"I can't": "I can", "I don't know": "I can find out"}


def test_false_friends_are_advice_only():
    (hit,) = tone.check("I can’t wait to help you.")
    assert hit.level == "advise"


def test_the_customers_quoted_words_are_never_checked():
    text = "Thank you.\n> I can't open it\n  > it's our policy, they said\nI can help."
    assert tone.check(text) == []


def test_a_trigger_does_not_reach_across_a_quoted_line_or_a_full_stop():
    assert tone.check("All I\n> quoted\ncan't") == []
    assert tone.check("That is all I. Can not?") == []


def test_whole_words_only():
    assert tone.check("Mexican'tal scan't it. I candle. Hawaii cannoted.") == []


def test_the_longer_trigger_wins_where_two_begin_together():
    (hit,) = tone.check("We don't handle that.")
    assert hit.group == 8


def test_a_pair_added_by_the_manager_is_heard_at_once_and_one_switched_off_is_not():
    pair = TonePair.objects.create(group=9, triggers="calm down", calm="I hear you", why="Never.")
    assert [hit.group for hit in tone.check("Now CALM   DOWN please")] == [9]
    TonePair.objects.filter(pk=pair.pk).update(is_active=False)
    assert tone.check("Now CALM   DOWN please") == []


def test_a_browser_gets_positions_as_it_counts_them():
    text = "😀😀 I can't"
    (hit,) = tone.for_browser(text)
    (same,) = tone.check(text)
    assert (hit["start"], hit["end"]) == (same.start + 2, same.end + 2)


@pytest.mark.parametrize("text", ["I" + " " * 50_000, "'" * 50_000, "can'" * 12_000, "> " * 25_000])
def test_no_text_keeps_it_busy(text):
    """Work that grew with the square of the text would take minutes here, not a moment."""
    began = time.process_time()
    tone.check(text)
    assert time.process_time() - began < 10
