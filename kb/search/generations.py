"""Which state of the index is served: one small file names it, and changes by a rename.

`CURRENT` names the folder of the Whoosh store, the segments that count, the documents deleted
in each, and the mark: the last change of the database that is in them. Whoever reads sees one
state whole; whoever writes makes the next beside it. Nothing here opens Whoosh.
"""

import json
import logging
import os
import shutil
import threading
from collections import Counter
from dataclasses import asdict, dataclass, field, fields
from itertools import islice
from pathlib import Path
from typing import get_origin

import numpy as np

from kb.search.arrays import Damaged
from kb.search.postings import LENGTHS, SCORED, Segment

log = logging.getLogger(__name__)
POINTER = "CURRENT"
MAX_BEGINNINGS = 500
_NONE = np.zeros(0, np.int64)


@dataclass
class Pointer:
    """What is served, as `CURRENT` says it."""

    store: str
    number: int = 1
    mark: int = 0
    built_at: str = ""
    # Of each segment its name and the documents deleted in it.
    segments: dict[str, list[int]] = field(default_factory=dict)
    # Name, size and time of each file, so that anything changed by others is noticed.
    files: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def read(cls, folder):
        try:
            pointer = cls(**json.loads((Path(folder) / POINTER).read_text()))
            for part in fields(cls):
                if not isinstance(getattr(pointer, part.name), get_origin(part.type) or part.type):
                    raise TypeError(f"{part.name} is not as we write it.")
            if not pointer.files:  # even an empty store has some
                raise ValueError("It names no file.")
        except (OSError, ValueError, TypeError, RecursionError) as error:
            raise Damaged(f"{POINTER}: {error}") from error
        return pointer

    def write(self, folder):
        unfinished = Path(folder) / f"{POINTER}.new"
        with open(unfinished, "w") as file:
            json.dump(asdict(self), file)
            file.flush()
            os.fsync(file.fileno())
        place = Path(folder) / POINTER
        if place.is_dir():  # whoever put one there, no file could take its name
            shutil.rmtree(place)
        unfinished.rename(place)


class Generation:
    """One state of the index, never changed: its segments and what they add up to."""

    def __init__(self, folder, pointer, reuse=()):
        self.pointer = pointer
        self.folder = Path(folder) / pointer.store
        opened = {segment.path.name: segment for segment in reuse}
        self.segments, self.starts, self.count = [], [], 0
        for name, deleted in pointer.segments.items():
            file = f"arrays_{name}"
            segment = opened.get(file) or Segment(self.folder / file, pointer.files.get(file))
            self.segments.append(Part(name, segment, self.count, deleted))
            self.count += segment.count
        self.dead = np.concatenate([part.dead + part.start for part in self.segments] or [_NONE])
        self.live = self.count - len(self.dead)
        self.averages = {name: self._average(name) for name in SCORED}

    def _average(self, name):
        total = sum(part.total_length(name) for part in self.segments)
        return (total / self.live if self.live else 0) or 1

    def check(self):
        for part in self.segments:
            part.segment.check()

    def verify(self):
        for part in self.segments:
            part.segment.verify()

    def column(self, name):
        columns = [part.segment.column(name) for part in self.segments]
        return columns[0] if len(columns) == 1 else np.concatenate(columns or [np.zeros(0, int)])

    def beginning_with(self, prefix, limit):
        """The words that begin so and stand in most articles."""
        words = Counter()
        for part in self.segments:
            held = part.segment.fields["words"]
            for number in islice(held.beginning_with(prefix), MAX_BEGINNINGS):
                words[held.term(number).decode()] += part.count_of("words", number)
        return [word for word, count in words.most_common(limit) if count]

    @property
    def languages(self):
        return sorted({name for part in self.segments for name in part.segment.languages})


class Part:
    """A segment in its place within a generation, and the documents deleted in it since."""

    def __init__(self, name, segment, start, deleted):
        self.name = name
        self.segment = segment
        self.start = start
        self.stop = start + segment.count
        self.dead = np.array(deleted, np.int64)
        self.alive = None
        if deleted:
            self.alive = np.ones(segment.count, bool)
            self.alive[deleted] = False

    def total_length(self, name):
        total = self.segment.totals.get(name, 0)
        if self.alive is None:
            return total
        lengths = LENGTHS[self.segment.fields[name].lengths]
        return total * float(lengths[self.alive].sum()) / max(1, lengths.sum())

    def postings(self, field, term):
        """Documents and codes of a term, the deleted among them; None when it is not here."""
        held = self.segment.fields[field]
        place = held.place(term)
        return None if place is None else (held.docs[place], held.codes[place])

    def count(self, field, place):
        """How many documents that are not deleted hold the term at this place."""
        if place is None:
            return 0
        if self.alive is None:
            return place.stop - place.start
        return int(np.count_nonzero(self.alive[self.segment.fields[field].docs[place]]))

    def count_of(self, field, number):
        """The same for the term of this number."""
        return self.count(field, self.segment.fields[field].place_of(number))


class Reader:
    """The generation that is served now, as this process has opened it."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self._lock = threading.Lock()
        self._seen = None
        self._generation = None

    def current(self):
        """The generation served; opens a newer one when `CURRENT` has changed."""
        try:
            stat = os.stat(self.folder / POINTER)
        except OSError as error:
            raise Damaged(f"{POINTER}: {error}") from error
        seen = (stat.st_mtime_ns, stat.st_ino)
        if seen != self._seen:
            with self._lock:
                if seen != self._seen:
                    self._generation = self._open()
                    self._seen = seen
        self._generation.check()
        return self._generation

    def _open(self):
        try:
            return self.open(Pointer.read(self.folder))
        except Damaged:
            # Between reading the name and opening the files a newer state may have come.
            return self.open(Pointer.read(self.folder))

    def open(self, pointer):
        """The generation a pointer describes; segments that are open already are used again."""
        parts = self._generation.segments if self._generation else []
        reuse = [part.segment for part in parts if part.segment.is_unchanged()]
        try:
            return Generation(self.folder, pointer, reuse)
        except Damaged:
            raise
        except Exception as error:  # bytes that are not ours can raise anything
            raise Damaged(f"{pointer.store}: {type(error).__name__} {error}") from error
