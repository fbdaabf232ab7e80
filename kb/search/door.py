"""The only door to the search engine: search, suggest, similar."""

import time

from django.utils.text import Truncator

from kb.search import analysis, fallback
from kb.search.results import Hit, Results

MAX_CHARACTERS = 300
MAX_PAGE = 50


def search(
    text, user=None, *, category=None, page=1, per_page=10, record=None, exact=False
) -> Results:
    """What this person may see for these words, best first.

    `exact` leaves the words as typed; `record` is the visit key under which the search is
    written into the journal.
    """
    began = time.perf_counter()
    text = Truncator(str(text).replace("\x00", " ")).chars(MAX_CHARACTERS, truncate="")
    page = min(max(1, page), MAX_PAGE)
    results = _ask_database(text, user, category, page, per_page)
    results.milliseconds = (time.perf_counter() - began) * 1000
    return results


def suggest(text, user=None, limit=6) -> list[Hit]:
    """The first results while somebody is still typing: the same ones the full page shows."""
    return search(text, user, per_page=limit).hits


def similar(article_or_text, user=None, limit=5) -> list[Hit]:
    """Articles about the same thing as an article, or as a longer text such as a ticket."""
    if hasattr(article_or_text, "shown_revision"):
        text = article_or_text.shown_revision.title
        hits = search(text, user, per_page=limit + 1).hits
        return [hit for hit in hits if hit.article != article_or_text][:limit]
    return search(article_or_text, user, per_page=limit).hits


def _ask_database(text, user, category, page, per_page):
    words = analysis.words(text)
    shelves = [category, *category.children.all()] if category else None
    found = fallback.find(words, user, shelves)
    start = (page - 1) * per_page
    weights = dict.fromkeys((analysis.stem(word) for word in words), 1.0)
    hits = [Hit(article, score, weights) for article, score in found[start : start + per_page]]
    return Results(hits, len(found), page, per_page, is_fallback=True)
