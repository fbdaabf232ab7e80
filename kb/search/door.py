"""The only door to the search engine: search, suggest, similar."""

import logging
import time

import numpy as np
from haystack import connections

from kb import journal
from kb.models import Article
from kb.search import analysis, curated, fallback, meaning, phrases
from kb.search.backend import Backend
from kb.search.questions import gist, gist_of, understand
from kb.search.results import Hit, Results

log = logging.getLogger(__name__)
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
    text = str(text)[:MAX_CHARACTERS].replace("\x00", " ")
    page = min(max(1, page), MAX_PAGE)
    shelves = [category, *category.children.all()] if category else None
    try:
        results = _ask_index(text, user, shelves, page, per_page, exact)
    except Exception as error:
        # Bytes of a damaged index can raise anything, and no visitor shall meet it.
        log.warning("The index did not answer, the database does: %s", error)
        results = _ask_database(text, user, shelves, page, per_page)
    results.milliseconds = (time.perf_counter() - began) * 1000
    if record is not None and page == 1:
        _write_down(text, results, user, record)
    return results


def suggest(text, user=None, limit=6) -> list[Hit]:
    """The first results while somebody is still typing: the same ones the full page shows."""
    return search(text, user, per_page=limit).hits


def similar(article_or_text, user=None, limit=5) -> list[Hit]:
    """Articles about the same thing as an article, or as a longer text such as a ticket."""
    article = article_or_text if isinstance(article_or_text, Article) else None
    text = article.title if article else str(article_or_text)
    try:
        hits = _find_similar(article, text, user, limit + 1)
    except Exception as error:
        log.warning("The index did not answer, the database does: %s", error)
        hits = _ask_database(text[:MAX_CHARACTERS], user, None, 1, limit + 1).hits
    return [hit for hit in hits if hit.article != article][:limit]


def backend_for(user):
    return connections["staff" if _is_staff(user) else "default"].get_backend()


def ranking_for(user):
    """Our own ranking, or None where a search server ranks."""
    backend = backend_for(user)
    return backend.ranking if isinstance(backend, Backend) else None


def _find_similar(article, text, user, limit):
    ranking = ranking_for(user)
    if ranking is None:
        answer = backend_for(user).similar(article or text, limit)
        return _shown(answer.scores, _marks(answer.question), user)
    question = gist_of(article.shown_revision, ranking) if article else gist(text, ranking)
    return _hits(ranking.find(question.words, limit), question, ranking, user)


def _ask_index(text, user, shelves, page, per_page, exact):
    ask = _ask_server if ranking_for(user) is None else _ask_ranking
    hits, total, corrected = ask(text, user, shelves, page, per_page, exact)
    if page == 1 and not shelves and (chosen := curated.pinned(corrected or text)):
        hits = _with_pinned(chosen, hits, user)[:per_page]
    return Results(
        hits,
        max(total, len(hits)),
        page,
        per_page,
        corrected=corrected,
        corrected_from=text if corrected else None,
    )


def _ask_server(text, user, *which):
    """A search server ranks; what is shown and marked comes from the database all the same."""
    answer = backend_for(user).ask(text, *which)
    hits = _shown(answer.scores, _marks(answer.question), user)
    return hits, answer.total, answer.question.corrected


def _ask_ranking(text, user, shelves, page, per_page, exact):
    ranking = ranking_for(user)
    question = understand(text, ranking, exact)
    keep = None
    if shelves:
        keep = np.isin(ranking.generation.column("category"), [shelf.pk for shelf in shelves])
    found = ranking.find(question.words, meaning.reach(page * per_page), keep)
    found = meaning.blend(found, question.corrected or text, ranking.generation)
    if question.phrases:
        found = phrases.only_with(found, question, ranking, user, keep)
    found = found.page(page, per_page)
    return _hits(found, question, ranking, user), found.total, question.corrected


def _hits(found, question, ranking, user):
    numbers = ranking.generation.column("article")[found.numbers].tolist()
    weights = {term: ranking.rarity("text", term) for term in _marks(question)}
    return _shown(list(zip(numbers, found.scores.tolist(), strict=True)), weights, user)


def _marks(question):
    """What is marked is what the question is about; "how do I" would mark every line."""
    about = [word for word in question.words if not word.is_light] or question.words
    return {term: 1.0 for word in about for term in word.terms}


def _shown(scores, weights, user):
    articles = visible([number for number, _ in scores], user)
    return [Hit(articles[number], score, weights) for number, score in scores if number in articles]


def _with_pinned(chosen, hits, user):
    others = [hit for hit in hits if hit.article.pk != chosen]
    score = hits[0].score if hits else 1.0
    weights = hits[0].weights if hits else {}
    articles = visible([chosen], user).values()
    return [*(Hit(article, score, weights) for article in articles), *others]


def visible(numbers, user):
    """The database decides what may be seen; an index can be a second behind."""
    shown = ["published_revision", *(["latest_revision"] if _is_staff(user) else [])]
    articles = Article.objects.visible_to(user).filter(pk__in=numbers)
    return articles.select_related("category", *shown).in_bulk()


def _is_staff(user):
    return user is not None and user.is_staff


def _write_down(text, results, user, visit):
    journal.record(
        "search",
        visit=visit,
        text=text,
        results=results.total,
        milliseconds=round(results.milliseconds, 2),
        audience="internal" if _is_staff(user) else "public",
    )


def _ask_database(text, user, shelves, page, per_page):
    words = analysis.words(text)
    found = fallback.find(words, user, shelves)
    start = (page - 1) * per_page
    weights = dict.fromkeys((analysis.stem(word) for word in words), 1.0)
    hits = [Hit(article, score, weights) for article, score in found[start : start + per_page]]
    return Results(hits, len(found), page, per_page, is_fallback=True)
