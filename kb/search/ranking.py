"""Scores: BM25F over Whoosh's postings, computed with numpy.

    score = BM25F(text) + 0.5 * BM25F(title) + BM25F(questions)

where the text holds the title three times. The formula and its constants are Whoosh's own, and
a test holds both to the same numbers; only the way there differs. A posting's share depends on
nothing but how often the term occurs and how long the field is, each of which fits in a byte,
so all possible shares stand in a table of 65,536 and a term costs one look-up and one addition
for each of its documents.

The words a question is made of ("how do I") stand in nearly every article. They never decide
which articles are found, only their order, so they are looked up for those alone that can
still reach the page.
"""

import math
import threading
from dataclasses import dataclass, field

import numpy as np

from kb.search.postings import LENGTHS, SCORED

K1 = 1.2
B = 0.75
FIELD_WEIGHTS = {"text": 1.0, "title": 0.5, "questions": 1.0}
LIGHT = 0.25  # what a question word counts


@dataclass
class Word:
    """One word of a question, and the terms that answer to it."""

    terms: dict[str, float]
    is_light: bool = False


@dataclass
class Found:
    """Documents with their scores, best first, and how many there are in all."""

    numbers: np.ndarray
    scores: np.ndarray
    total: int
    parts: dict = field(default_factory=dict)


class Ranking:
    """The ranking of one generation, shared by all threads."""

    def __init__(self, generation):
        self.generation = generation
        self._tables = {name: self._shares(generation.averages[name]) for name in SCORED}
        self._weights = {}
        self._lock = threading.Lock()

    @staticmethod
    def _shares(average):
        """BM25's share for each code: occurrences in the upper byte, length in the lower."""
        occurrences = np.arange(256, dtype=np.float64)[:, None]
        norm = K1 * (1 - B + B * LENGTHS[None, :] / average)
        return (occurrences * (K1 + 1) / (occurrences + norm)).astype(np.float32).ravel()

    # --- How rare a term is -----------------------------------------------------

    def idf(self, name, term):
        """How much a term says: the rarer, the more (as Whoosh computes it)."""
        key = name, term
        if key not in self._weights:
            holding = sum(len(docs) for _, docs, _ in self._postings(name, term))
            rarity = math.log(self.generation.live / (holding + 1)) + 1 if holding else 0.0
            if len(self._weights) > 50_000:
                self._weights.clear()
            self._weights[key] = rarity
        return self._weights[key]

    def knows(self, term):
        return any(self.idf(name, term) for name in SCORED)

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
        if not heavy:  # a question of question words only: they are all there is
            heavy, light = light, []
        scores = np.zeros(self.generation.count, np.float32)
        for word in heavy:
            self._add(scores, word)
        if keep is not None:
            scores[~keep] = 0
        numbers = np.flatnonzero(scores)
        total = len(numbers)
        scores = scores[numbers]
        if light:
            numbers, scores = self._within_reach(numbers, scores, light, limit)
            scores = scores + self._scores_of(numbers, light)
        return Found(*_best(numbers, scores, limit), total)

    def _is_known(self, word):
        return any(self.knows(term) for term in word.terms)

    def _add(self, scores, word):
        for name, term, weight in self._looked_up(word):
            table = self._tables[name] * np.float32(weight)
            for part, docs, codes in self._postings(name, term):
                scores[part.start : part.stop][docs] += table[codes]

    def _looked_up(self, word):
        factor = LIGHT if word.is_light else 1.0
        for term, weight in word.terms.items():
            for name in SCORED:
                if rarity := self.idf(name, term):
                    yield name, term, factor * weight * rarity * FIELD_WEIGHTS[name]

    def _within_reach(self, numbers, scores, light, limit):
        """Those that the light words can still lift onto the page."""
        if len(numbers) <= limit:
            return numbers, scores
        most = sum(weight * (K1 + 1) for word in light for *_, weight in self._looked_up(word))
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
                    shares = self._tables[name][codes[at]] * np.float32(weight)
                    added[first:last] += np.where(docs[at] == wanted, shares, 0)
        return added

    # --- Why --------------------------------------------------------------------

    def explain(self, number, words):
        """What each term adds in each field for one document."""
        rows = []
        for word in words:
            for name, term, weight in self._looked_up(word):
                for part, docs, codes in self._postings(name, term):
                    for code in codes[docs == number - part.start]:
                        share = float(self._tables[name][code])
                        rows.append((term, name, code >> 8, weight, weight * share))
        return rows


def _best(numbers, scores, limit):
    """The highest scores first; equal ones in the order of the documents."""
    if len(numbers) > limit:
        edge = np.partition(scores, len(scores) - limit)[len(scores) - limit]
        near = scores >= edge
        numbers, scores = numbers[near], scores[near]
    order = np.argsort(-scores, kind="stable")[:limit]
    return numbers[order], scores[order]
