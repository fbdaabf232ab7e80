"""The postings of one Whoosh segment as arrays in one mapped file.

Whoosh keeps the truth; reading it term by term in Python is slow, so each segment's postings
are read once, when the segment is written, and laid down as arrays. A segment never changes,
so its arrays never do either: processes map the file and share its pages.

A posting is a document number and a code: how often the term occurs (at most 255 times) in
the upper byte, and in the lower the length of the field as Whoosh rounds it.
"""

import json
import os
import zlib
from pathlib import Path

import numpy as np
from whoosh.util.numeric import byte_to_length

from kb.search import analysis

FIELDS = ("text", "title", "questions", "words")
SCORED = ("text", "title", "questions")
COLUMNS = ("article", "category", "stamp")
LENGTHS = np.array([byte_to_length(byte) for byte in range(256)])
MAGIC = b"askwell1"
_ALIGN = 64
_REMEMBERED = 20_000


class Damaged(Exception):
    """Something of the index is missing, cut, or not what was written."""


# --- From Whoosh ----------------------------------------------------------------


def read_segment(reader):
    """What a Whoosh segment holds: a description, and its arrays by name."""
    count = reader.doc_count_all()
    about = {
        "count": count,
        "totals": {field: reader.field_length(field) for field in SCORED},
        "languages": sorted(reader.field_terms("language")),
    }
    arrays = {name: np.full(count, -1, dtype=np.int64) for name in COLUMNS}
    for number, stored in reader.iter_docs():
        for name in COLUMNS:
            if stored.get(name) is not None:
                arrays[name][number] = stored[name]
    for field in FIELDS:
        arrays.update(_read_field(reader, field, count))
    return about, arrays


def _read_field(reader, field, count):
    lengths = _length_bytes(reader, field, count)
    terms, docs, codes, offsets = [], [np.zeros(0, np.int32)], [np.zeros(0, np.uint16)], [0]
    for term, _ in reader.iter_field(field):
        numbers, weights = _read_postings(reader.postings(field, term))
        terms.append(term)
        docs.append(numbers)
        codes.append((np.minimum(weights, 255).astype(np.uint16) << 8) | lengths[numbers])
        offsets.append(offsets[-1] + len(numbers))
    arrays = {
        f"{field}.terms": np.frombuffer(b"".join(terms), np.uint8),
        f"{field}.starts": np.cumsum([0, *map(len, terms)]).astype(np.uint32),
        f"{field}.offsets": np.array(offsets, np.uint32),
        f"{field}.docs": np.concatenate(docs),
    }
    if field in SCORED:
        arrays[f"{field}.codes"] = np.concatenate(codes)
        arrays[f"{field}.lengths"] = lengths.astype(np.uint8)
    else:  # which words there are matters, not how often each
        arrays[f"{field}.letters"] = np.array(
            [analysis.letters(term.decode()) for term in terms], np.uint64
        )
        arrays[f"{field}.sizes"] = np.array([len(term.decode()) for term in terms], np.uint8)
    return arrays


def _length_bytes(reader, field, count):
    if not reader.field_length(field):
        return np.zeros(count, np.uint16)
    lengths = [reader.doc_field_length(number, field) or 0 for number in range(count)]
    return np.searchsorted(LENGTHS, lengths).astype(np.uint16)


def _read_postings(matcher):
    numbers, weights = [], []
    whole_blocks = hasattr(matcher, "_read_ids")
    while matcher.is_active():
        if whole_blocks:  # Whoosh decodes blocks of 128 postings; asking one by one is slower
            matcher._read_ids()
            matcher._read_weights()
            numbers.extend(matcher._ids)
            weights.extend(matcher._weights)
            matcher._next_block()
        else:
            numbers.append(matcher.id())
            weights.append(matcher.weight())
            matcher.next()
    return np.array(numbers, np.int32), np.array(weights, np.float32)


# --- The file --------------------------------------------------------------------


def write(path, about, arrays):
    """Lay the arrays down in one file, which appears under its name when it is whole."""
    parts, places, offset = [], {}, 0
    for name, array in arrays.items():
        padding = -offset % _ALIGN
        parts.append(b"\0" * padding + array.tobytes())
        places[name] = (str(array.dtype), offset + padding, len(array))
        offset += len(parts[-1])
    body = b"".join(parts)
    header = json.dumps({**about, "arrays": places, "crc": zlib.crc32(body)}).encode()
    lead = MAGIC + len(header).to_bytes(4, "big") + header
    path = Path(path)
    unfinished = path.with_suffix(".new")
    with open(unfinished, "wb") as file:
        file.write(lead + b"\0" * (-len(lead) % _ALIGN) + body)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)


class Segment:
    """The arrays of one segment, mapped into memory and checked once."""

    def __init__(self, path):
        self.path = Path(path)
        try:
            self._file = open(path, "rb")  # noqa: SIM115 (kept to notice when it changes)
            self._seal = self._stat()
            mapped = np.memmap(self._file, mode="r")
        except (OSError, ValueError) as error:
            raise Damaged(f"{self.path.name}: {error}") from error
        header, body = self._read_header(mapped)
        self.count = header["count"]
        self.totals = header["totals"]
        self.languages = header["languages"]
        self._arrays = {
            name: body[start : start + size * np.dtype(dtype).itemsize].view(dtype)
            for name, (dtype, start, size) in header["arrays"].items()
        }
        self.fields = {name: Field(self._arrays, name) for name in FIELDS}
        self.is_deleted = np.zeros(self.count, bool)

    def _read_header(self, mapped):
        try:
            lead = bytes(mapped[:12])
            size = int.from_bytes(lead[8:], "big")
            header = json.loads(bytes(mapped[12 : 12 + size]))
            body = mapped[12 + size + -(12 + size) % _ALIGN :]
            if lead[:8] == MAGIC and zlib.crc32(body) == header["crc"]:
                return header, body
        except (ValueError, KeyError) as error:
            raise Damaged(f"{self.path.name}: {error}") from error
        raise Damaged(f"{self.path.name} is not what was written.")

    def _stat(self):
        stat = os.fstat(self._file.fileno())
        return stat.st_size, stat.st_mtime_ns

    def is_unchanged(self):
        return self._stat() == self._seal

    def check(self):
        """Reading a mapped file that somebody has cut would end the process: look first."""
        if not self.is_unchanged():
            raise Damaged(f"{self.path.name} was changed.")

    def column(self, name):
        return self._arrays[name]

    def close(self):
        self._file.close()


class Field:
    """One field's terms in order, and the postings of each."""

    def __init__(self, arrays, name):
        self._terms = memoryview(arrays[f"{name}.terms"])
        self._starts = memoryview(arrays[f"{name}.starts"])
        self._offsets = memoryview(arrays[f"{name}.offsets"])
        self.docs = arrays[f"{name}.docs"]
        # A field of mere words has no codes; its document numbers stand in for them.
        self.codes = arrays.get(f"{name}.codes", self.docs)
        self.lengths = arrays.get(f"{name}.lengths")
        self.letters = arrays.get(f"{name}.letters")
        self.sizes = arrays.get(f"{name}.sizes")
        self.size = len(self._starts) - 1
        self._found = {}

    def term(self, number):
        return bytes(self._terms[self._starts[number] : self._starts[number + 1]])

    def first_from(self, key):
        """The number of the first term that is not before this one."""
        low, high = 0, self.size
        while low < high:
            middle = (low + high) // 2
            if self.term(middle) < key:
                low = middle + 1
            else:
                high = middle
        return low

    def place(self, term):
        """Where the postings of a term are, or None."""
        if term not in self._found:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            key = term.encode(errors="replace")
            number = self.first_from(key)
            is_here = number < self.size and self.term(number) == key
            self._found[term] = self.place_of(number) if is_here else None
        return self._found[term]

    def place_of(self, number):
        return slice(self._offsets[number], self._offsets[number + 1])

    def beginning_with(self, prefix):
        """The numbers of all terms that begin so."""
        key = prefix.encode(errors="replace")
        return range(self.first_from(key), self.first_from(key + b"\xff"))
