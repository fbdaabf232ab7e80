"""The only door to the search engine."""

from kb.search.door import search, similar, suggest
from kb.search.results import Hit, Results

__all__ = ["Hit", "Results", "search", "similar", "suggest"]
