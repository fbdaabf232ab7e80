"""The postings of one Whoosh segment as arrays in one file.

Reading Whoosh's files term by term in Python is slow, so each segment's postings are laid down
as arrays too when the segment is written (`writing.py`). A segment never changes, so its arrays
never do either.

A posting is a document number and a code: how often the term occurs (255 times at most) in the
upper byte, and in the lower the length of the field as Whoosh rounds it.
"""

import numpy as np
from whoosh.util.numeric import byte_to_length

from kb.search import analysis
from kb.search.arrays import File

FIELDS = ("text", "title", "questions", "words")
SCORED = ("text", "title", "questions")
COLUMNS = ("article", "category", "stamp")
LENGTHS = np.array([byte_to_length(byte) for byte in range(256)])
MOST = 255  # times that a term counts in a field
_REMEMBERED = 20_000


PACKED = np.dtype([("count", "<u4"), ("number", "<u4")])


def pack(numbers, counts):
    """Postings as they are held while a segment is written: eight bytes each."""
    packed = np.empty(len(numbers), PACKED)
    packed["number"], packed["count"] = numbers, counts
    return packed


def unpack(packed):
    """Document numbers and counts."""
    packed = np.frombuffer(packed, PACKED)
    return packed["number"], packed["count"]


def lay_out_columns(rows):
    """The arrays that say of each document which article it is, its category and its stamp."""
    return dict(zip(COLUMNS, np.array(rows, np.int64).reshape(-1, len(COLUMNS)).T, strict=True))


def lay_out(name, postings, count):
    """The arrays of one field, from the packed postings of each of its terms."""
    terms = sorted(postings)
    numbers, counts = unpack(b"".join(postings[term] for term in terms))
    arrays = {
        "terms": np.frombuffer(b"".join(terms), np.uint8),
        "starts": np.cumsum([0, *map(len, terms)]).astype(np.uint32),
        "offsets": np.cumsum([0, *(len(postings[term]) for term in terms)]).astype(np.uint32),
        "docs": numbers.astype(np.int32),
    }
    if name in SCORED:
        lengths = np.bincount(arrays["docs"], counts, minlength=count)
        lengths = np.searchsorted(LENGTHS[:-1], lengths)  # the byte that Whoosh rounds it to
        codes = counts.astype(np.uint16) << 8
        codes |= lengths.astype(np.uint16)[arrays["docs"]]
        arrays |= {"codes": codes, "lengths": lengths.astype(np.uint8)}
    else:  # which words there are matters, not how often each
        words = [term.decode() for term in terms]
        arrays["letters"] = np.array(list(map(analysis.letters, words)), np.uint64)
        arrays["sizes"] = np.array(list(map(len, words)), np.uint8)
    return {f"{name}.{part}": array for part, array in arrays.items()}


class Segment(File):
    """The arrays of one segment."""

    def __init__(self, path, seal=None):
        super().__init__(path, seal)
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

    @property
    def counts(self):
        """How often the term occurs, for each posting."""
        return self.codes >> 8 if self.codes is not self.docs else np.ones_like(self.docs)

    def place_of(self, number):
        return slice(self._offsets[number], self._offsets[number + 1])

    def beginning_with(self, prefix):
        """The numbers of all terms that begin so."""
        key = prefix.encode(errors="replace")
        return range(self.first_from(key), self.first_from(key + b"\xff"))
