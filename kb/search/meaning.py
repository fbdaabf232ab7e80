"""Meaning: what words of another wording have in common, as an addition to the words themselves.

A model turns texts into vectors. The worker makes those of the articles and keeps them beside
the index, a file for each segment; a search compares them with the question's:

    score = words / best words + weight * cosine

where the cosine is the mean of the title's and the best passage's. Vectors that are absent,
late or broken leave the words alone to rank; no page waits for any.
"""

import logging
from functools import cache, lru_cache

import numpy as np

from kb.search import arrays, sentences
from kb.search.arrays import Damaged

log = logging.getLogger(__name__)
PASSAGE = 100  # words
STEP = 80
PASSAGES = 6  # of an article, the first ones
CANDIDATES = 100  # more change nothing, see docs/search.md


@cache
def model():
    """The model that is installed, or None: the default install ranks by words alone."""
    folder = sentences.folder()
    return sentences.SentenceModel(folder) if folder else None


def passages(text):
    words = text.split()
    ends = range(0, max(1, len(words) - PASSAGE + STEP), STEP)
    return [" ".join(words[start : start + PASSAGE]) for start in ends][:PASSAGES]


# --- What the worker makes -----------------------------------------------------------------


def catch_up(store):
    """Make the vectors of every segment that has none; the worker's work, nobody waits for it."""
    for name in store.segments():
        if not path_of(store.folder, name).exists():
            write_vectors(store, name)
    kept = {path_of(store.folder, name) for name in store.segments()}
    for path in set(store.folder.glob("vectors_*")) - kept:
        path.unlink()


def write_vectors(store, name):
    """The vectors of a segment's documents in one file beside its arrays."""
    reader = store.reader(name)
    try:
        titles, bodies, owners = [], [], []
        for number, stored in reader.iter_docs():
            titles.append(stored["title"])
            for passage in passages(stored["text"]):
                bodies.append(passage)
                owners.append(number)
        count = reader.doc_count_all()
    finally:
        reader.close()
    encode = model().encode
    arrays.write(
        path_of(store.folder, name),
        {"count": count, "model": model().name, "size": model().size},
        {
            "titles": encode(titles).astype(np.float16).ravel(),
            "passages": encode(bodies).astype(np.float16).ravel(),
            "owners": np.array(owners, np.int32),
        },
    )


def path_of(folder, name):
    return folder / f"vectors_{model().name}_{name}"


# --- What a search reads ---------------------------------------------------------------------


class Vectors:
    """The vectors of one segment."""

    def __init__(self, path):
        self.file = arrays.File(path)
        size = self.file.about["size"]
        self.titles = self.file.array("titles").reshape(-1, size)
        self.passages = self.file.array("passages").reshape(-1, size)
        owners = self.file.array("owners")
        self.starts = np.searchsorted(owners, np.arange(self.file.about["count"] + 1))

    def cosines(self, numbers, question):
        """How near each of these documents is to the question."""
        near = np.zeros(len(numbers), np.float32)
        for at, number in enumerate(numbers):
            own = self.passages[self.starts[number] : self.starts[number + 1]]
            best = (own.astype(np.float32) @ question).max(initial=0)
            near[at] = (self.titles[number].astype(np.float32) @ question + best) / 2
        return near


def reach(wanted):
    """How many of the best by words are looked at for a page of this many."""
    return max(wanted, CANDIDATES) if model() else wanted


def blend(found, text, generation):
    """The found documents in the order of words and meaning together."""
    if model() is None or not len(found.numbers):
        return found
    try:
        question = model().encode([text])[0]
        near = np.zeros(len(found.numbers), np.float32)
        for part in generation.segments:
            held = (found.numbers >= part.start) & (found.numbers < part.stop)
            if held.any():
                vectors = _vectors(path_of(generation.folder, part.name))
                vectors.file.check()
                near[held] = vectors.cosines(found.numbers[held] - part.start, question)
    except Damaged as error:
        log.info("Meaning waits for its vectors: %s", error)
        return found
    scores = found.scores / found.scores.max() + model().weight * near
    order = np.argsort(-scores, kind="stable")
    return type(found)(found.numbers[order], scores[order], found.total)


@lru_cache(maxsize=64)
def _vectors(path):
    return Vectors(path)
