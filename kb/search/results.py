"""What a search gives back."""

from dataclasses import dataclass, field
from functools import cached_property
from math import ceil
from urllib.parse import quote

from kb.models import Article
from kb.search import snippets


@dataclass
class Hit:
    """One article found, and how it looks among the results."""

    article: Article
    score: float
    weights: dict = field(default_factory=dict, repr=False)

    @cached_property
    def passage(self):
        return snippets.best_passage(
            self.article.shown_revision, self.weights, self.article.language
        )

    @property
    def title(self):
        return self._marked(self.article.shown_revision.title)

    @property
    def snippet(self):
        return self._marked(self.passage.text)

    @property
    def section(self):
        """The heading below which the passage stands, or nothing."""
        return self.passage.heading

    @property
    def url(self):
        url = self.article.get_absolute_url()
        return f"{url}#{quote(self.passage.anchor)}" if self.passage.anchor else url

    def _marked(self, text):
        return snippets.highlight(text, self.weights.keys(), self.article.language)


@dataclass
class Results:
    """A page of hits, best first."""

    hits: list[Hit]
    total: int
    page: int = 1
    per_page: int = 10
    # "Showing results for `corrected`. Search for `corrected_from` instead."
    corrected: str | None = None
    corrected_from: str | None = None
    # The index was not available and the database answered.
    is_fallback: bool = False
    milliseconds: float = 0.0

    @property
    def pages(self):
        return ceil(self.total / self.per_page)

    def __iter__(self):
        return iter(self.hits)

    def __len__(self):
        return len(self.hits)
