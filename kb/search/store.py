"""Writing the index: one writer, whole batches, a new state beside the one that is served."""

import fcntl
import logging
import shutil
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex
from whoosh.reading import SegmentReader
from whoosh.writing import NO_MERGE

from kb.search.arrays import Damaged
from kb.search.generations import POINTER, Pointer, Reader
from kb.search.writing import Writer, merge_small

log = logging.getLogger(__name__)
# More segments make a search slower, each merge makes a write slower.
MAX_SEGMENTS = 8
MERGE_UP_TO = 1_000  # documents, so that no article waits long; a rebuild takes the others


class Store:
    """One folder of Whoosh's, and the arrays of its segments beside."""

    def __init__(self, folder, schema=None):
        self.folder = Path(folder)
        # Whoosh's mapped files are copied into memory whole; plain ones are read as needed.
        storage = FileStorage(str(self.folder), supports_mmap=False)
        if schema is not None:
            self.folder.mkdir(parents=True)
            FileIndex.create(storage, schema, "MAIN")
        self.index = FileIndex(storage, indexname="MAIN")

    def write(self, documents, numbers_to_delete=(), merge=NO_MERGE):
        """One commit of Whoosh's: all of it or nothing."""
        writer = Writer(self.index, self._arrays)
        try:
            for number in numbers_to_delete:
                writer.delete_document(number)
            for document in documents:
                writer.add_document(**document)
            writer.commit(mergetype=merge)
        except BaseException:
            if not writer.is_closed:
                writer.cancel()
            raise

    def segments(self):
        """The deleted documents of each segment, in Whoosh's own order."""
        return {
            segment.segment_id(): sorted(segment.deleted_docs() or ())
            for segment in self.index._segments()
        }

    def reader(self, name):
        """Whoosh's own reader of a segment."""
        for segment in self.index._segments():
            if segment.segment_id() == name:
                return SegmentReader(self.index.storage, self.index.schema, segment)
        raise Damaged(f"There is no segment {name} any more.")

    def _arrays(self, segment):
        return self.folder / f"arrays_{segment}"

    def sweep(self):
        """Take away the arrays of segments that are no more."""
        kept = {self._arrays(segment) for segment in self.segments()}
        for path in set(self.folder.glob("arrays_*")) - kept:
            path.unlink()


def seals(folder, segments):
    """Size and time of each file these segments need: whatever others change is noticed."""
    arrays = {f"arrays_{name}" for name in segments}
    return {
        path.name: [path.stat().st_size, path.stat().st_mtime_ns]
        for path in folder.iterdir()
        if path.name in arrays or path.suffix in (".seg", ".toc")
    }


class Index:
    """A connection's index: the state that is served, and the making of the next one."""

    def __init__(self, folder, make_schema):
        self.folder = Path(folder)
        self.make_schema = make_schema
        self.reader = Reader(folder)
        # The changes this process has applied; None until it has compared both sides.
        self.applied = None

    @contextmanager
    def lock(self, name="writer"):
        """One writer at a time, and one rebuild; a process that dies lets go."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / f"{name}.lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @property
    def mark(self):
        return self.reader.current().pointer.mark

    def trouble(self, thoroughly=False):
        """What is wrong with the files, or None. Anything not written by us is trouble.

        Thoroughly, every array is read and compared with its checksum.
        """
        try:
            generation = self.reader.current()
            pointer = generation.pointer
            if thoroughly:
                generation.verify()
            found = seals(self.folder / pointer.store, pointer.segments)
        except (Damaged, OSError) as error:
            return str(error)
        changed = {name for name, seal in pointer.files.items() if found.get(name) != seal}
        return f"changed or gone: {', '.join(sorted(changed))}" if changed else None

    def apply(self, documents, gone=(), mark=None):
        """Replace or add these documents and drop those of the `gone` articles."""
        with self.lock():
            pointer = Pointer.read(self.folder)
            store = Store(self.folder / pointer.store)
            if store.segments() != pointer.segments:
                # A writer died after Whoosh's commit and before ours: take its work over.
                self._serve(store, pointer.mark)
            self.write_beside(store, documents, gone)
            self._serve(store, pointer.mark if mark is None else mark)

    def store(self):
        """The store that is served."""
        return Store(self.folder / Pointer.read(self.folder).store)

    def write_beside(self, store, documents, gone=()):
        """Replace, add and drop documents in a store without serving it yet."""
        articles = [*(document["article"] for document in documents), *gone]
        held = self.reader.open(Pointer(store.folder.name, segments=store.segments()))
        numbers = np.flatnonzero(np.isin(held.column("article"), articles)).tolist()
        if documents or numbers:
            store.write(documents, numbers)

    def _serve(self, store, mark, built_at=None):
        try:
            before = Pointer.read(self.folder)
        except Damaged:
            before = Pointer(store="", number=0)
        segments = store.segments()
        pointer = Pointer(
            store=store.folder.name,
            number=before.number + 1,
            mark=mark,
            built_at=built_at or before.built_at,
            segments=segments,
            files=seals(store.folder, segments),
        )
        pointer.write(self.folder)

    def tidy(self):
        """Merge the small segments when there are many; readers do not wait for it."""
        with self.lock():
            store = Store(self.folder / Pointer.read(self.folder).store)
            if len(store.segments()) > MAX_SEGMENTS:
                store.write([], merge=merge_small(MERGE_UP_TO))
                self._serve(store, self.mark)
            store.sweep()

    def start_anew(self):
        """An empty store beside the one that is served."""
        self.folder.mkdir(parents=True, exist_ok=True)
        numbers = [int(p.name) for p in self.folder.iterdir() if p.name.isdigit()]
        return Store(self.folder / str(max(numbers, default=0) + 1), self.make_schema())

    def switch_to(self, store, mark):
        """Serve this store from now on, and take the others away."""
        with self.lock():
            self._serve(store, mark, built_at=datetime.now(UTC).isoformat())
        for path in self.folder.iterdir():
            if path.is_dir() and path.name != store.folder.name:
                shutil.rmtree(path, ignore_errors=True)

    def exists(self):
        return (self.folder / POINTER).exists()
