"""What somebody typed, understood: words with their weights, spelling repaired, phrases kept."""

import math
import re
from collections import Counter
from dataclasses import dataclass, field

from kb.search import analysis, correction
from kb.search.curated import synonyms
from kb.search.ranking import Word

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
        question.corrected = _rewrite(text, repaired)
    return question


def _is_known(word, ranking):
    taught = synonyms().terms
    return any(ranking.knows(term) or term in taught for term in word.terms)


def _stems(words):
    """The first term of each word, in the order of the question."""
    return [next(iter(word.terms)) for word in words if word.terms]


def gist(text, ranking, limit=12):
    """The most telling words of a longer text, such as a ticket or an article."""
    times = Counter(analysis.words(text[:MAX_GIST]))
    read = [(_read(word, ranking), count) for word, count in times.items()]
    weighed = [
        (sum(ranking.rarity("text", term) for term in word.terms) * math.sqrt(count), word)
        for word, count in read
        if not word.is_light
    ]
    weighed.sort(key=lambda pair: -pair[0])
    return Question(text, [word for weight, word in weighed[:limit] if weight])


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


def _rewrite(text, repaired):
    """The text with the repaired words in place, everything else as it was typed."""
    return analysis.TOKEN.sub(
        lambda token: (
            " ".join(repaired.get(word, word) for word in analysis.words(token[0]))
            if set(analysis.words(token[0])) & repaired.keys()
            else token[0]
        ),
        text,
    )
