"""The postings of one Whoosh segment as arrays in one mapped file.

Whoosh keeps the truth; reading it term by term in Python is slow, so each segment's postings
are read once, when the segment is written, and laid down as arrays. A segment never changes,
so its arrays never do either: processes map the file and share its pages.

A posting is a document number and a code: how often the term occurs (at most 255 times) in
the upper byte, and in the lower the length of the field as Whoosh rounds it.
"""

import numpy as np
from whoosh.util.numeric import byte_to_length

from kb.search import analysis
from kb.search.arrays import File

FIELDS = ("text", "title", "questions", "words")
SCORED = ("text", "title", "questions")
COLUMNS = ("article", "category", "stamp")
LENGTHS = np.array([byte_to_length(byte) for byte in range(256)])
_REMEMBERED = 20_000


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


class Segment(File):
    """The arrays of one segment."""

    def __init__(self, path):
        super().__init__(path)
        self.count = self.about["count"]
        self.totals = self.about["totals"]
        self.languages = self.about["languages"]
        self.fields = {name: Field(self, name) for name in FIELDS}
        self._columns = {name: self.array(name) for name in COLUMNS}

    def column(self, name):
        return self._columns[name]


class Field:
    """One field's terms in order, and the postings of each."""

    def __init__(self, file, name):
        self._terms = memoryview(file.array(f"{name}.terms"))
        self._starts = memoryview(file.array(f"{name}.starts"))
        self._offsets = memoryview(file.array(f"{name}.offsets"))
        self.size = len(self._starts) - 1
        self.docs = file.array(f"{name}.docs")
        if name in SCORED:
            self.codes = file.array(f"{name}.codes")
            self.lengths = file.array(f"{name}.lengths")
        else:  # mere words have no codes; their document numbers stand in for them
            self.codes = self.docs
            self.letters = file.array(f"{name}.letters")
            self.sizes = file.array(f"{name}.sizes")
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
