"""Haystack's engine over Whoosh, with our own keeping and ranking.

What Haystack's Whoosh backend offers goes on working; what it does slowly or unsafely is done
here: writing goes through `store`, ranking through `ranking`, and nothing waits for a lock in a
request.
"""

import threading

from haystack.backends.whoosh_backend import WhooshEngine, WhooshSearchBackend, WhooshSearchQuery
from haystack.exceptions import SkipDocument
from haystack.utils import get_identifier

from kb.search import schema
from kb.search.ranking import Ranking
from kb.search.store import Index


class Backend(WhooshSearchBackend):
    """One connection: `default` for visitors, `staff` for colleagues."""

    def __init__(self, connection_alias, **options):
        super().__init__(connection_alias, **options)
        self.index = _indexes.open(self.path)

    def setup(self):
        self.schema = schema.make()
        self.content_field_name = "text"
        self.setup_complete = True

    # --- What ranks ---------------------------------------------------------------

    @property
    def ranking(self):
        """The ranking of the generation that is served now."""
        return self.index.ranking()

    # --- What writes --------------------------------------------------------------

    def prepare(self, search_index, articles):
        for article in articles:
            try:
                yield schema.document(search_index.full_prepare(article))
            except SkipDocument:
                self.log.debug("%s is left out", get_identifier(article))

    def update(self, index, iterable, commit=True):
        if not self.index.exists():
            self.clear()
        self.index.apply(list(self.prepare(index, iterable)))
        self.index.tidy()

    def remove(self, obj_or_string, commit=True):
        if self.index.exists():
            number = int(get_identifier(obj_or_string).rpartition(".")[2])
            self.index.apply([], gone=[number])

    def clear(self, models=None, commit=True):
        """An empty index; Haystack's own `rebuild_index` would serve it, ours does not."""
        self.index.switch_to(self.index.start_anew(), mark=0)


class _OpenIndexes:
    """Haystack makes a backend for each thread; what is opened is shared by all of them."""

    def __init__(self):
        self._lock = threading.Lock()
        self._by_path = {}

    def open(self, path):
        with self._lock:
            if str(path) not in self._by_path:
                self._by_path[str(path)] = RankedIndex(path, schema.make)
            return self._by_path[str(path)]


class RankedIndex(Index):
    """An index and the ranking of its newest generation."""

    _ranking = None

    def ranking(self):
        generation = self.reader.current()
        ranking = self._ranking
        if ranking is None or ranking.generation is not generation:
            ranking = self._ranking = Ranking(generation)
        return ranking


_indexes = _OpenIndexes()


class Query(WhooshSearchQuery):
    pass


class Engine(WhooshEngine):
    backend = Backend
    query = Query
