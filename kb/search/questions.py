"""What somebody typed, understood: words with their weights, spelling repaired, phrases kept."""

import math
import re
from collections import Counter
from dataclasses import dataclass, field

from kb.search import analysis, correction
from kb.search.curated import synonyms
from kb.search.ranking import Word
from kb.search.schema import TITLE_IN_TEXT

MAX_WORDS = 32
MAX_GIST = 5_000  # characters
# A word still being typed stands for the words of the index that begin so.
COMPLETIONS = 8
SHORTEST_BEGINNING = 2
_PHRASE = re.compile(r'["“„«]([^"“”„«»]+)["”“»]')


@dataclass
class Question:
    """A question as the ranking takes it."""

    text: str
    words: list[Word] = field(default_factory=list)
    phrases: list[list[str]] = field(default_factory=list)
    # The words as repaired, when any was.
    corrected: str | None = None


def understand(text, ranking, exact=False):
    """Read a visitor's words. They are words only: no field names, ranges or wildcards."""
    phrases = [analysis.words(phrase) for phrase in _PHRASE.findall(text)]
    question = Question(text, phrases=[phrase for phrase in phrases if phrase])
    typed = list(dict.fromkeys(analysis.words(text)))[:MAX_WORDS]
    unfinished = typed[-1] if typed and re.search(r"\w$", text) else None
    quoted = {word for phrase in question.phrases for word in phrase}
    repaired = {}
    for word in typed:
        found = _read(word, ranking)
        if not exact and word not in quoted and not _is_known(found, ranking):
            if word == unfinished and (begun := _completed(word, ranking)):
                found = begun
            elif better := correction.nearest(ranking.generation, word):
                repaired[word] = better
                found = _read(better, ranking)
        question.words.append(found)
    if meant := synonyms().also_meant(_stems(question.words)):
        question.words.append(Word(meant))
    if repaired:
        question.corrected = rewrite(text, repaired)
    return question


def _is_known(word, ranking):
    taught = synonyms().terms
    return any(ranking.knows(term) or term in taught for term in word.terms)


def _stems(words):
    """The first term of each word, in the order of the question."""
    return [next(iter(word.terms)) for word in words if word.terms]


def gist(text, ranking, limit=12):
    """The most telling words of a longer text, such as a ticket; said again, a word says more."""
    times = Counter(analysis.words(text[:MAX_GIST]))
    words = []
    for typed, count in times.items():
        word = _read(typed, ranking)
        word.terms = dict.fromkeys(word.terms, math.sqrt(count))
        word.typed = dict.fromkeys(word.typed, math.sqrt(count))
        weight = sum(ranking.rarity("text", term) * said for term, said in word.terms.items())
        if weight and not word.is_light:
            words.append((weight, word))
    words.sort(key=lambda pair: -pair[0])
    return Question(text, [word for _, word in words[:limit]])


def gist_of(revision, ranking, limit=12):
    """What an article is about; its title counts as it does in the index."""
    return gist(" ".join([*[revision.title] * TITLE_IN_TEXT, revision.text]), ranking, limit)


def _read(word, ranking):
    languages = ranking.generation.languages or ["en"]
    return Word(
        dict.fromkeys((analysis.stem(word, language) for language in languages), 1.0),
        {word: 1.0},
        any(analysis.is_light(word, language) for language in languages),
    )


def _completed(beginning, ranking):
    """The most usual words that begin so, as alternatives of one word."""
    if len(beginning) < SHORTEST_BEGINNING or analysis.is_exact(beginning):
        return None
    words = ranking.generation.beginning_with(beginning, COMPLETIONS)
    terms = {term: 1.0 for word in words for term in _read(word, ranking).terms}
    return Word(terms, dict.fromkeys(words, 1.0)) if terms else None


def rewrite(text, repaired):
    """The text with the repaired words in place, everything else as it was typed."""
    return analysis.TOKEN.sub(
        lambda token: (
            " ".join(repaired.get(word, word) for word in analysis.words(token[0]))
            if set(analysis.words(token[0])) & repaired.keys()
            else token[0]
        ),
        text,
    )
