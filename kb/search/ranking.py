"""Scores: BM25F over Whoosh's postings, computed with numpy.

    score = BM25F(text) + BM25F(title) + 1.5 BM25F(questions) + 1.25 rarity(words)

The text holds the title three times; the last part rewards a word that stands in the article
exactly as it was typed. The formula is Whoosh's own, with the constants everybody uses, and a
test holds both to the same numbers; only the way there differs. A posting's share depends on
nothing but how often the term occurs and how long the field is, each of which fits in a byte, so
all possible shares stand in a table of 65,536 and a term costs one look-up and one addition for
each of its documents.

The words a question is made of ("how do I") stand in nearly every article. They never decide
which articles are found, only their order, so they are looked up for those alone that can
still reach the page.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from kb.search.postings import LENGTHS, SCORED

# What a field weighs. Whatever else was tried helped one site and harmed another, see
# docs/search.md.
FIELDS = {"text": 1.0, "title": 1.0, "questions": 1.5, "words": 1.25}
K1, B = 1.2, 0.75  # of BM25: how much saying it again adds, how much a long field takes away
LIGHT = 0.25  # what a question word counts
REMEMBERED = 50_000  # terms whose rarity is kept in mind


@dataclass
class Word:
    """One word of a question: the terms that answer to it, and its form as typed."""

    terms: dict[str, float]
    typed: dict[str, float] = field(default_factory=dict)
    is_light: bool = False


@dataclass
class Found:
    """Documents with their scores, best first, and how many there are in all."""

    numbers: np.ndarray
    scores: np.ndarray
    total: int

    def page(self, number, size):
        shown = slice((number - 1) * size, number * size)
        return Found(self.numbers[shown], self.scores[shown], self.total)


class Ranking:
    """The ranking of one generation, shared by all threads."""

    def __init__(self, generation):
        self.generation = generation
        self._tables = {name: self._shares(name) for name in SCORED}
        self._rarities = {}

    def _shares(self, name):
        """BM25's share for each code: occurrences in the upper byte, length in the lower."""
        occurrences = np.arange(256)[:, None] + 1e-9  # none at all is no division by zero
        norm = K1 * (1 - B + B * LENGTHS[None, :] / self.generation.averages[name])
        return (occurrences * (K1 + 1) / (occurrences + norm)).astype(np.float32).ravel()

    # --- How rare a term is -----------------------------------------------------

    def rarity(self, name, term):
        """How much a term says: the rarer, the more (as Whoosh computes it)."""
        key = name, term
        if key not in self._rarities:
            holding = sum(
                part.count(name, part.segment.fields[name].place(term))
                for part in self.generation.segments
            )
            if len(self._rarities) > REMEMBERED:
                self._rarities.clear()
            self._rarities[key] = (
                math.log(self.generation.live / (holding + 1)) + 1 if holding else 0.0
            )
        return self._rarities[key]

    def knows(self, term):
        return any(self.rarity(name, term) for name in SCORED)

    def _postings(self, name, term):
        for part in self.generation.segments:
            found = part.postings(name, term)
            if found is not None and len(found[0]):
                yield part, *found

    # --- Scores ---------------------------------------------------------------

    def find(self, words, limit, keep=None):
        """The best `limit` documents that hold any of the words.

        `keep` leaves out what it does not hold, an array of truths for each document.
        """
        heavy = [word for word in words if not word.is_light and self._is_known(word)]
        light = [word for word in words if word.is_light and self._is_known(word)]
        if all(word.is_light for word in words):  # question words only: they are all there is
            heavy, light = light, []
        scores = np.zeros(self.generation.count, np.float32)
        for word in heavy:
            self._add(scores, word)
        scores[self.generation.dead] = 0
        if keep is not None:
            scores[~keep] = 0
        numbers = np.flatnonzero(scores)
        total = len(numbers)
        scores = scores[numbers]
        if light:
            numbers, scores = self._within_reach(numbers, scores, light, limit)
            scores = scores + self._scores_of(numbers, light)
        return Found(*_best(numbers, scores, limit), total)

    def scores(self, word, fields=SCORED):
        """What one word adds to every document, in these fields only."""
        scores = np.zeros(self.generation.count, np.float32)
        self._add(scores, word, fields)
        scores[self.generation.dead] = 0
        return scores

    def _is_known(self, word):
        return any(self.knows(term) for term in word.terms)

    def _add(self, scores, word, fields=(*SCORED, "words")):
        for name, term, weight in self._looked_up(word):
            if name not in fields:
                continue
            for part, docs, codes in self._postings(name, term):
                scores[part.start : part.stop][docs] += self._added(name, codes, weight)

    def _added(self, name, codes, weight):
        """What a term adds to each document that holds it."""
        if name not in self._tables:
            return np.float32(weight)
        return self._tables[name][codes] * np.float32(weight)

    def _looked_up(self, word):
        """Field, term and weight of everything in which this word can be found."""
        for term, weight in word.terms.items():
            for name in SCORED:
                if rarity := self.rarity(name, term):
                    factor = LIGHT if word.is_light else 1.0
                    yield name, term, factor * weight * rarity * FIELDS[name]
        if not word.is_light:
            for typed, weight in word.typed.items():
                if rarity := self.rarity("words", typed):
                    yield "words", typed, weight * rarity * FIELDS["words"]

    def _within_reach(self, numbers, scores, light, limit):
        """Those that the light words can still lift onto the page."""
        if len(numbers) <= limit:
            return numbers, scores
        most = sum(weight * (K1 + 1) for word in light for name, _, weight in self._looked_up(word))
        worst_shown = np.partition(scores, len(scores) - limit)[len(scores) - limit]
        reach = scores >= worst_shown - most
        return numbers[reach], scores[reach]

    def _scores_of(self, numbers, words):
        """What the words add for these documents only."""
        added = np.zeros(len(numbers), np.float32)
        for word in words:
            for name, term, weight in self._looked_up(word):
                for part, docs, codes in self._postings(name, term):
                    first, last = np.searchsorted(numbers, (part.start, part.stop))
                    wanted = numbers[first:last] - part.start
                    at = np.minimum(np.searchsorted(docs, wanted), len(docs) - 1)
                    shares = self._added(name, codes[at], weight)
                    added[first:last] += np.where(docs[at] == wanted, shares, 0)
        return added

    # --- Why --------------------------------------------------------------------

    def explain(self, number, words):
        """What each term adds in each field for one document: (term, field, times, points)."""
        for word in words:
            for name, term, weight in self._looked_up(word):
                for part, docs, codes in self._postings(name, term):
                    held = docs == number - part.start
                    for code in codes[held]:
                        points = np.ravel(self._added(name, np.array([code]), weight))[0]
                        times = int(code >> 8) if name in self._tables else 1
                        yield term, name, times, float(points)


def _best(numbers, scores, limit):
    """The highest scores first; equal ones in the order of the documents."""
    if len(numbers) > limit:
        edge = np.partition(scores, len(scores) - limit)[len(scores) - limit]
        near = scores >= edge
        numbers, scores = numbers[near], scores[near]
    order = np.argsort(-scores, kind="stable")[:limit]
    return numbers[order], scores[order]
