"""The vectors of the articles: made by the worker, a file for each segment, beside the index.

An article is its title, its alternate questions and its passages, a vector each; a passage is
read with the title before it, as it seldom says again what it is about. What a model has read
once it does not read again: when segments are merged or the index is made anew, the vectors of
the same words are taken over. The work is done in helpings of some seconds, so that a worker can be
stopped in the midst of it; a swift model takes large ones, as each begins by reading the segment.
"""

import hashlib
import logging
from functools import cache, lru_cache

import numpy as np

from kb.search import arrays, keeping, sentences, wordvectors
from kb.search.arrays import Damaged

log = logging.getLogger(__name__)
PASSAGE, STEP = 60, 50  # words; the next one begins within the last
PASSAGES = 8  # of an article, the first ones


@cache
def model():
    """The stronger of the models that are installed, or None: then words alone rank."""
    for kind in (sentences.SentenceModel, wordvectors.WordVectors):
        try:
            if found := kind.installed():
                return found
        except (OSError, ValueError, KeyError) as error:
            log.warning("The model %s is not what it should be: %s", kind.name, error)
    return None


def parts(held):
    """What the model reads of an article, one after the other."""
    title, text = held["title"], held["text"]
    words = text.split()
    starts = range(0, max(1, len(words) - PASSAGE + STEP), STEP)
    passages = (" ".join(words[at : at + PASSAGE]) for at in starts[:PASSAGES])
    return [title, *held["questions"], *(f"{title}. {passage}" for passage in passages)]


# --- What a search reads -----------------------------------------------------------------------


class Vectors(arrays.File):
    """The vectors of one segment."""

    def __init__(self, path):
        super().__init__(path)
        self.vectors = self.array("vectors").reshape(-1, self.about["size"])
        self.keys = self.array("keys")
        self._starts = self.array("starts")

    def nearness(self, numbers, question):
        """The cosine of the question and the nearest part of each of these documents."""
        near = np.zeros(len(numbers), np.float32)
        for at, number in enumerate(numbers):
            own = self.vectors[self._starts[number] : self._starts[number + 1]]
            near[at] = (own.astype(np.float32) @ question).max(initial=-1)
        return near


def of(generation, part):
    """The vectors of one segment of a generation."""
    vectors = _opened(_path(generation.folder.parent, part.name))
    vectors.check()
    return vectors


@lru_cache(maxsize=64)
def _opened(path):
    return Vectors(path)


forget = _opened.cache_clear


def _path(folder, segment):
    return folder / f"vectors_{model().name}_{segment}"


# --- What the worker makes -----------------------------------------------------------------------


def catch_up():
    """Make a helping of the vectors that are missing; whether there may be more to do."""
    if model() is None:
        return False
    try:
        return any(_next(backend.index) for backend in keeping.backends() if backend.index.exists())
    except (Damaged, OSError) as error:
        # Segments come and go while their vectors are made; the next round sees the new ones.
        log.info("Vectors are made in the next round: %s", error)
        return False


def _next(index):
    with index.lock("vectors"):
        store = index.store()
        segments = store.segments()
        for name in segments:
            if not _is_whole(_path(index.folder, name)):
                return _make(index, store, name)
        wanted = {_path(index.folder, name) for name in segments}
        for path in set(index.folder.glob("vectors_*")) - wanted:
            path.unlink()
    return False


def _is_whole(path):
    try:
        _opened(path).check()
    except (Damaged, KeyError, ValueError):
        forget()
        return False
    return path.exists()


def _make(index, store, name):
    """A segment's vectors, or the next helping of them."""
    texts, starts = [], [0]
    reader = store.reader(name)
    try:
        read = {number: parts(held) for number, held in reader.iter_docs()}
        for number in range(reader.doc_count_all()):
            texts += read.get(number, [])
            starts.append(len(texts))
    finally:
        reader.close()
    keys = np.array([_key(text) for text in texts], np.uint64)
    known = _known()
    missing = [at for at, key in enumerate(keys.tolist()) if key not in known]
    encoded = model().encode([texts[at] for at in missing[: model().helping]]).astype(np.float16)
    known |= {int(keys[at]): vector for at, vector in zip(missing, encoded, strict=False)}
    if len(missing) <= model().helping:
        path = _path(index.folder, name)
    else:
        path = index.folder / f"vectors_{model().name}_unfinished"
        keys = np.array([key for key in keys.tolist() if key in known], np.uint64)
        starts = []
    vectors = np.array([known[key] for key in keys.tolist()], np.float16)
    arrays.write(
        path,
        {"size": model().size},
        {"vectors": vectors.ravel(), "keys": keys, "starts": np.array(starts, np.int64)},
    )
    return True


def _key(text):
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def _known():
    """The vector of every text that any of the indexes holds, by its key."""
    known = {}
    for backend in keeping.backends():
        for path in backend.index.folder.glob(f"vectors_{model().name}_*"):
            try:
                held = Vectors(path)
            except (Damaged, KeyError, ValueError):
                continue
            known.update(zip(held.keys.tolist(), held.vectors, strict=True))
    return known
