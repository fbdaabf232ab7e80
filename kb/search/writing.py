"""Writing a segment: Whoosh's files and our arrays of it, out of one table of postings.

Whoosh's own writer sorts all postings and writes them one at a time. Documents come in their
order, so what is kept for each term is in order already: only the terms are sorted, once, and
their postings go to Whoosh in whole blocks and into the arrays as they are.

The arrays are laid down before Whoosh's commit: a segment that counts is never without them.
"""

from array import array
from collections import defaultdict

import numpy as np
from whoosh.codec.whoosh3 import W3Codec
from whoosh.reading import SegmentReader
from whoosh.writing import SegmentWriter

from kb.search import arrays, postings

BLOCK = 128  # postings; Whoosh's readers take any size, this is its own
# Words as they are written serve spelling, beginnings and phrases, which Whoosh is not asked for.
ONLY_IN_ARRAYS = "words"


class Writer(SegmentWriter):
    """Whoosh's writer of one segment, which lays the arrays down beside it."""

    def __init__(self, index, path_of_arrays):
        super().__init__(index, codec=_codec())
        self.pool = Pool()
        self._path_of_arrays = path_of_arrays
        self._columns = []

    def add_document(self, **values):
        """As Whoosh does it, less what our schema makes no use of."""
        per_document = self.perdocwriter
        per_document.start_doc(self.docnum)
        for name in sorted(name for name in values if not name.startswith("_")):
            field, value = self.schema[name], values[name]
            length = self.pool.take(name, field.index(value), self.docnum) if field.indexed else 0
            stored = values.get(f"_stored_{name}", value) if field.stored else None
            per_document.add_field(name, field, stored, length if field.scorable else 0)
            if field.column_type:
                held = field.to_column_value(value)
                per_document.add_column_value(name, field.column_type, held)
        per_document.finish_doc()
        self._keep_columns(values)
        self.docnum += 1
        self._added = True

    def write_per_doc(self, fieldnames, reader):
        """Take over the documents of another segment; its arrays give the words, see below."""
        for number, (_, stored) in enumerate(reader.iter_docs(), self.docnum):
            for name in stored.keys() - postings.FIELDS:
                if self.schema[name].indexed:
                    self.pool.take(name, self.schema[name].index(stored[name]), number)
            self._keep_columns(stored)
        return super().write_per_doc(fieldnames, reader)

    def add_postings_to_pool(self, reader, startdoc, docmap):
        segment = postings.Segment(self._path_of_arrays(reader.segment().segment_id()))
        is_kept = np.array([not reader.is_deleted(n) for n in range(segment.count)])
        numbers = np.where(is_kept, startdoc + np.cumsum(is_kept) - 1, -1)
        for name in postings.FIELDS:
            self.pool.take_all(name, segment.fields[name], numbers)

    def _keep_columns(self, values):
        self._columns.append([values.get(name, -1) for name in postings.COLUMNS])

    def _flush_segment(self):
        self.perdocwriter.close()
        written = self.per_document_reader()
        about = {
            "count": self.docnum,
            "totals": {name: written.field_length(name) for name in postings.SCORED},
            "languages": sorted(term.decode() for term in self.pool.fields["language"]),
        }
        laid_down = postings.lay_out_columns(self._columns)
        for name in sorted({*self.pool.fields, *postings.FIELDS}):
            terms = self.pool.fields.pop(name, {})  # a large site's fill hundreds of megabytes
            if name != ONLY_IN_ARRAYS:
                self._write_field(name, terms)
            if name in postings.FIELDS:
                laid_down |= postings.lay_out(name, terms, self.docnum)
        self.fieldwriter.close()
        arrays.write(self._path_of_arrays(self.newsegment.segment_id()), about, laid_down)

    def _write_field(self, name, terms):
        writer = self.fieldwriter
        writer.start_field(name, self.schema[name])
        for term in sorted(terms):
            writer.start_term(term)
            _write_postings(writer._postwriter, terms[term])
            writer.finish_term()
        writer.finish_field()


class Pool:
    """The postings of a segment by field and term: document number and count in one number."""

    def __init__(self):
        self.fields = defaultdict(dict)

    def take(self, name, items, number):
        """The terms of one document's field; gives back how long the field is."""
        length, terms, number = 0, self.fields[name], number << 32
        for term, count, _, _ in items:
            count = min(count, postings.MOST)
            length += count
            if (held := terms.get(term)) is None:
                held = terms[term] = array("Q")
            held.append(number | count)
        return length

    def take_all(self, name, field, numbers):
        """A field of another segment, its documents under new numbers; below nought is dropped."""
        terms, packed = self.fields[name], postings.pack(numbers[field.docs], field.counts)
        for number in range(field.size):
            place = field.place_of(number)
            if (kept := packed[place][numbers[field.docs[place]] >= 0]).size:
                terms.setdefault(field.term(number), array("Q")).frombytes(kept.tobytes())

    def cleanup(self):
        self.fields.clear()


def _write_postings(block, packed):
    """Fill Whoosh's blocks whole; it writes the last one itself."""
    for start in range(0, len(packed), BLOCK):
        if start:
            block._write_block()
        held = packed[start : start + BLOCK]
        block._ids = array("I", [posting >> 32 for posting in held])
        block._weights = array("f", [posting & 0xFF for posting in held])
        block._maxweight = max(block._weights)


def _codec():
    """Whoosh's own format, written faster: blocks of one posting gain nothing from packing,
    and the shortest field of a block serves only a way of ranking that we do not use.
    """
    codec = W3Codec(compression=0, blocklimit=BLOCK)
    codec.length_stats = False
    return codec


def merge_small(up_to):
    """Whoosh's merge policy: the smallest segments into one of at most so many documents.

    After the first two, each that is no larger than those before it together joins them, so a
    document is written anew only when its segment about doubles.
    """

    def merge(writer, segments):
        merged, total = [], 0
        for segment in sorted(segments, key=_size):
            is_wanted = len(merged) < 2 or _size(segment) <= total
            if not is_wanted or total + _size(segment) > up_to:
                break
            merged.append(segment)
            total += _size(segment)
        if len(merged) < 2:
            return segments
        for segment in merged:
            reader = SegmentReader(writer.storage, writer.schema, segment)
            writer.add_reader(reader)
            reader.close()
        return [segment for segment in segments if segment not in merged]

    return merge


def _size(segment):
    return segment.doc_count_all()
