"""Meaning: what words of another wording have in common, as an addition to the words themselves.

A model turns texts into vectors, and those of the articles lie beside the index (`vectors.py`):

    score = words / best words + weight * nearness

where the nearness is the cosine of the question and whatever of the article is nearest to it: its
title, an alternate question or a passage. Vectors that are absent, late or broken leave the
words alone to rank; no page waits for any.
"""

import logging
from functools import lru_cache

import numpy as np

from kb.search import vectors

log = logging.getLogger(__name__)
CANDIDATES = 100  # more change nothing, see docs/search.md


def reach(wanted):
    """How many of the best by words are looked at for a page of this many."""
    return max(wanted, CANDIDATES) if vectors.model() else wanted


def blend(found, text, generation):
    """The found documents in the order of words and meaning together."""
    if vectors.model() is None or not len(found.numbers):
        return found
    try:
        near = _nearness(found.numbers, _question(text), generation)
    except Exception as error:
        # Whatever is wrong with a model or its vectors, the words can rank without them.
        log.info("Meaning waits for its vectors: %s", error)
        vectors.forget()
        return found
    scores = found.scores / found.scores.max() + vectors.model().weight * near
    order = np.argsort(-scores, kind="stable")
    return type(found)(found.numbers[order], scores[order], found.total)


def _nearness(numbers, question, generation):
    near = np.zeros(len(numbers), np.float32)
    for part in generation.segments:
        held = (numbers >= part.start) & (numbers < part.stop)
        if held.any():
            near[held] = vectors.of(generation, part).nearness(numbers[held] - part.start, question)
    return near


@lru_cache(maxsize=1_000)
def _question(text):
    """Who turns the page or types on asks the same again."""
    return vectors.model().encode([text])[0]
