"""Haystack's engine over Whoosh, with our own keeping and ranking.

What Haystack's Whoosh backend offers goes on working; what it does slowly or unsafely is done
here: writing goes through `store`, ranking through `ranking`, and nothing waits for a lock in a
request.
"""

import re
import threading
import weakref
from collections import Counter

import numpy as np
from django.utils.encoding import force_str
from haystack.backends.whoosh_backend import WhooshEngine, WhooshSearchBackend, WhooshSearchQuery
from haystack.constants import DJANGO_CT, DJANGO_ID
from haystack.exceptions import SkipDocument
from haystack.models import SearchResult
from haystack.utils import get_identifier
from whoosh.qparser import OrGroup, QueryParser
from whoosh.query import Every

from kb.search import analysis, schema, snippets
from kb.search.matching import Matching
from kb.search.questions import gist_of, understand
from kb.search.ranking import Ranking
from kb.search.store import Index, Store

# What Haystack's query language adds to the words somebody typed.
_WORDS_ONLY = re.compile(r"\b(?:AND|OR|NOT)\b|[()\[\]{}*?~^:\"]")


class Backend(WhooshSearchBackend):
    """One connection: `default` for visitors, `staff` for colleagues."""

    def __init__(self, connection_alias, **options):
        super().__init__(connection_alias, **options)
        self.index = _indexes.open(self.path)

    def setup(self):
        self.schema = schema.make()
        self.content_field_name = "text"
        self.parser = QueryParser("text", self.schema, group=OrGroup)
        self.setup_complete = True

    # --- What ranks ---------------------------------------------------------------

    @property
    def ranking(self):
        """The ranking of the generation that is served now."""
        return self.index.ranking()

    def search(
        self,
        query_string,
        sort_by=None,
        start_offset=0,
        end_offset=None,
        facets=None,
        highlight=False,
        narrow_queries=None,
        spelling_query=None,
        result_class=SearchResult,
        **kwargs,
    ):
        """What Haystack's `SearchQuerySet` asks for."""
        self.setup()
        if not query_string:
            return {"results": [], "hits": 0}
        ranking = self.ranking
        with self._matching(ranking) as matching:
            matched, scores = matching.of(self._tree(query_string))
            for narrowing in narrow_queries or ():
                matched = matched & matching.of(self._tree(narrowing))[0]
            numbers = self._in_order(np.flatnonzero(matched), scores, sort_by or (), ranking)
            shown = numbers[start_offset:end_offset]
            results = [
                self._result(matching.stored(number), scores[number], result_class)
                for number in shown.tolist()
            ]
        if highlight:
            self._mark(results, query_string)
        return {
            "results": results,
            "hits": len(numbers),
            "facets": {"fields": self._facets(facets or (), numbers, ranking)},
            "spelling_suggestion": self.create_spelling_suggestion(spelling_query or query_string),
        }

    def _tree(self, text):
        return Every() if text == "*" else self.parser.parse(force_str(text))

    def _matching(self, ranking):
        folder = self.index.folder / ranking.generation.pointer.store
        return Matching(ranking, Store(folder))

    def _in_order(self, numbers, scores, sort_by, ranking):
        """By the fields asked for, the first one leading; by score where none is."""
        order = np.argsort(-scores[numbers], kind="stable")
        for name in reversed(sort_by):
            column = ranking.generation.column(name.lstrip("-"))[numbers[order]]
            order = order[np.argsort(-column if name.startswith("-") else column, kind="stable")]
        return numbers[order]

    def _facets(self, names, numbers, ranking):
        """How many of the documents found have which value, the most usual first."""
        facets = {}
        for name in names:
            values = ranking.generation.column(name.removesuffix("_exact"))[numbers]
            counted = Counter(values[values >= 0].tolist())
            facets[name] = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
        return facets

    def _result(self, stored, score, result_class):
        app_label, model_name = stored.pop(DJANGO_CT).split(".")
        pk = stored.pop(DJANGO_ID)
        return result_class(app_label, model_name, pk, float(score), **stored)

    def _mark(self, results, query_string):
        wanted = dict.fromkeys(analysis.terms(query_string), 1.0)
        for result in results:
            marked = snippets.highlight(result.text, wanted.keys(), result.language)
            result.highlighted = {self.content_field_name: [marked]}

    def more_like_this(
        self,
        model_instance,
        additional_query_string=None,
        start_offset=0,
        end_offset=None,
        result_class=SearchResult,
        **kwargs,
    ):
        """Articles that share the most telling words of this one."""
        self.setup()
        ranking = self.ranking
        question = gist_of(model_instance.shown_revision, ranking)
        found = ranking.find(question.words, (end_offset or self.batch_size) + 1)
        own = ranking.generation.column("article")[found.numbers] == model_instance.pk
        pairs = list(zip(found.numbers[~own].tolist(), found.scores[~own], strict=True))
        with self._matching(ranking) as matching:
            results = [
                self._result(matching.stored(number), score, result_class)
                for number, score in pairs[start_offset:end_offset]
            ]
        return {"results": results, "hits": found.total - int(own.any())}

    def create_spelling_suggestion(self, query_string):
        """The question with its unknown words repaired, or None when there are none."""
        return understand(_WORDS_ONLY.sub(" ", query_string), self.ranking).corrected

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
    """Haystack makes a backend for each thread; what is opened is shared while any is there."""

    def __init__(self):
        self._lock = threading.Lock()
        self._by_path = weakref.WeakValueDictionary()

    def open(self, path):
        with self._lock:
            index = self._by_path.get(str(path)) or RankedIndex(path, schema.make)
            self._by_path[str(path)] = index
            return index


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
    """Haystack's query language, in which any word of a text may match."""

    def build_query_fragment(self, field, filter_type, value):
        fragment = super().build_query_fragment(field, filter_type, value)
        return fragment.replace(" AND ", " OR ") if filter_type == "content" else fragment


class Engine(WhooshEngine):
    backend = Backend
    query = Query
