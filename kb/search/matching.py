"""A query tree of Whoosh's as arithmetic over arrays: which documents match, with what score.

Haystack's `SearchQuerySet` speaks in filters, ranges and negations. Words are answered by the
ranking; everything else by Whoosh itself, one segment at a time.
"""

import numpy as np
from whoosh import query as q
from whoosh.searching import Searcher

from kb.search.postings import SCORED
from kb.search.ranking import Word


class Matching:
    """Answers query trees for one generation; to be closed, as it holds Whoosh's files open."""

    def __init__(self, ranking, store):
        self.ranking = ranking
        self.generation = ranking.generation
        self._store = store
        self._searchers = {}

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for searcher in self._searchers.values():
            searcher.close()

    def of(self, tree):
        """(which documents match, the score of each)"""
        if isinstance(tree, q.Term) and tree.fieldname in SCORED:
            return self._term(tree)
        if isinstance(tree, q.And):
            return self._all([self.of(part) for part in tree.subqueries])
        if isinstance(tree, q.Or):
            wanted = [part for part in tree.subqueries if not isinstance(part, q.Not)]
            unwanted = [part for part in tree.subqueries if isinstance(part, q.Not)]
            matching, scores = self._any([self.of(part) for part in wanted])
            return self._all([(matching, scores), *map(self.of, unwanted)])
        if isinstance(tree, q.Not):
            matching, _ = self.of(tree.query)
            return ~matching & self.alive(), self._nothing()
        if isinstance(tree, q.Every) and tree.fieldname is None:
            return self.alive(), self._nothing()
        return self._by_whoosh(tree), self._nothing()

    def _nothing(self):
        return np.zeros(self.generation.count, np.float32)

    def alive(self):
        alive = np.ones(self.generation.count, bool)
        alive[self.generation.dead] = False
        return alive

    def _term(self, tree):
        text = tree.text.decode() if isinstance(tree.text, bytes) else tree.text
        fields = SCORED if tree.fieldname == "text" else (tree.fieldname,)
        scores = self.ranking.scores(Word({text: tree.boost}), fields)
        return scores > 0, scores

    def _all(self, parts):
        matching = self.alive()
        for part, _ in parts:
            matching = matching & part
        return matching, sum((scores for _, scores in parts), self._nothing()) * matching

    def _any(self, parts):
        matching = np.zeros(self.generation.count, bool)
        for part, _ in parts:
            matching = matching | part
        return matching, sum((scores for _, scores in parts), self._nothing())

    def _by_whoosh(self, tree):
        matching = np.zeros(self.generation.count, bool)
        for part in self.generation.segments:
            docs = list(self.searcher(part).docs_for_query(tree))
            matching[part.start : part.stop][docs] = True
        return matching & self.alive()

    def searcher(self, part):
        if part not in self._searchers:
            self._searchers[part] = Searcher(self._store.reader(part.name))
        return self._searchers[part]

    def stored(self, number):
        """What Whoosh has stored of a document."""
        part = next(part for part in self.generation.segments if number < part.stop)
        return self.searcher(part).stored_fields(number - part.start)
