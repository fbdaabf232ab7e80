"""Meaning: what words of another wording have in common, as an addition to the words themselves.

A model turns texts into vectors. The worker makes those of the articles and keeps them beside
the index, a file for each segment; a search compares them with the question's:

    score = words / best words + weight * cosine

where the cosine is the mean of the title's and the best passage's. Vectors that are absent,
late or broken leave the words alone to rank; no page waits for any.
"""

import logging
import threading

import numpy as np

from kb.search import arrays, sentences
from kb.search.arrays import Damaged

log = logging.getLogger(__name__)
PASSAGE = 100  # words
STEP = 80
PASSAGES = 6  # of an article, the first ones
CANDIDATES = 300

_lock = threading.Lock()
_model = None


def model():
    """The model that is installed, or None: the default install ranks by words alone."""
    global _model
    if _model is None and (folder := sentences.folder()):
        with _lock:
            if _model is None:
                _model = sentences.SentenceModel(folder)
    return _model


def passages(text):
    words = text.split()
    ends = range(0, max(1, len(words) - PASSAGE + STEP), STEP)
    return [" ".join(words[start : start + PASSAGE]) for start in ends][:PASSAGES]


# --- What the worker makes -----------------------------------------------------------------


def write_vectors(store, name, limit=None):
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


def blend(found, text, generation, folder, limit):
    """The found documents in a new order, where every one of them has vectors."""
    if model() is None or not len(found.numbers):
        return found
    try:
        question = model().encode([text])[0]
        near = np.zeros(len(found.numbers), np.float32)
        for part in generation.segments:
            held = (found.numbers >= part.start) & (found.numbers < part.stop)
            if held.any():
                vectors = _vectors(path_of(folder, part.name))
                near[held] = vectors.cosines(found.numbers[held] - part.start, question)
    except Damaged as error:
        log.info("Meaning waits for its vectors: %s", error)
        return found
    scores = found.scores / found.scores.max() + model().weight * near
    order = np.argsort(-scores, kind="stable")[:limit]
    return type(found)(found.numbers[order], scores[order], found.total)


_open: dict = {}


def _vectors(path):
    if path not in _open:
        _open[path] = Vectors(path)
    return _open[path]
