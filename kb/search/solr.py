"""Haystack's Solr, given our terms and asked with our rules.

Solr keeps and counts; what a word is stays ours. Articles are sent as the terms of `analysis`,
so one core holds all languages, and a question is sent as the terms of `questions` with the
weights of `ranking`. Curators' synonyms are part of the question and so at work at once. Solr is
told nothing of what somebody typed but terms in quotes: no field name, range or wildcard of
theirs can reach it.
"""

import logging
import re
import time
from dataclasses import dataclass
from types import SimpleNamespace

from django.core.cache import cache
from haystack.backends.solr_backend import SolrEngine, SolrSearchBackend, SolrSearchQuery
from haystack.constants import DJANGO_CT, DJANGO_ID, ID
from haystack.exceptions import SkipDocument
from pysolr import Solr, SolrError
from rapidfuzz.distance import OSA

from kb.models import Article
from kb.search import analysis
from kb.search.correction import SHORTEST, allowed
from kb.search.curated import synonyms
from kb.search.questions import SHORTEST_BEGINNING, Question, gist, gist_of, rewrite, understand
from kb.search.ranking import FIELDS, LIGHT, SCORED
from kb.search.schema import TITLE_IN_TEXT

KIND = Article._meta.label_lower
MARK = "mark"  # the document that says how far the core came
PATIENCE = 3  # seconds a visitor waits for a server,
WRITING = 60  # and the worker
RESPITE = 10  # seconds for which a server that did not answer is left alone
GIST_WORDS = 40  # Solr weighs them by their rarity itself
CLAUSES = 900  # Solr refuses a query with more than 1,024
PAGE = 1_000
# pysolr would write what visitors look for into the log, with the address it asked.
logging.getLogger("pysolr").setLevel(logging.CRITICAL)


class Away(ConnectionError):
    """The server did not answer, or not with an answer."""


@dataclass
class Answer:
    """Articles with their scores, best first, how many there are in all, and what was asked."""

    scores: list[tuple[int, float]]
    total: int
    question: Question
    suggestion: str | None = None


class Reading:
    """What the reading of a question asks of a ranking, where a server does the ranking."""

    def __init__(self):
        languages = cache.get_or_set("solr_languages", _languages, 60)
        self.generation = SimpleNamespace(languages=languages)

    def knows(self, term):
        return True  # Solr says which words it does not know

    def rarity(self, name, term):
        return 1.0  # Solr weighs them


def _languages():
    written = Article.objects.active().order_by().values_list("language", flat=True).distinct()
    return sorted(written) or ["en"]


class Backend(SolrSearchBackend):
    """One core: `default` for visitors, `staff` for colleagues."""

    _silent_until = 0.0  # of the server, so of both cores

    def __init__(self, connection_alias, **options):
        options = {"INCLUDE_SPELLING": True, "SILENTLY_FAIL": False} | options
        super().__init__(connection_alias, **options)
        self.conn.timeout = PATIENCE
        self.index = Core(self.conn, Solr(options["URL"], timeout=WRITING))

    # --- What answers -----------------------------------------------------------------

    def ask(self, text, shelves=None, page=1, per_page=10, exact=False):
        """The articles for a visitor's words; unknown ones completed or repaired, unless exact."""
        question = understand(text, Reading(), exact)
        asked = (page - 1) * per_page, page * per_page, shelves
        answer = self._ask(question, *asked)
        if question.phrases and not answer.total:  # the quotes are set aside
            question.phrases = []
            answer = self._ask(question, *asked)
        if exact:
            return answer
        if not answer.total and (beginning := _beginning(text)):
            completed = self._ask(question, *asked, beginning)
            if completed.total:
                return completed
        repaired = {
            word: better for word, better in _suggested(answer).items() if not self._knows(word)
        }
        if not repaired:
            return answer
        corrected = rewrite(text, repaired)
        question = understand(corrected, Reading())
        question.corrected = corrected
        return self._ask(question, *asked)

    def _knows(self, word):
        """Whether any article holds the word, in whatever form; Solr compares forms only."""
        return self._ask(understand(word, Reading()), 0, 0).total > 0

    def similar(self, article_or_text, limit):
        """Articles that share the words an article or a longer text says most."""
        if isinstance(article_or_text, Article):
            question = gist_of(article_or_text.shown_revision, Reading(), GIST_WORDS)
        else:
            question = gist(str(article_or_text), Reading(), GIST_WORDS)
        return self._ask(question, 0, limit)

    def _ask(self, question, start, end, shelves=None, beginning=None):
        query = _query(question, beginning)
        if not query:
            return Answer([], 0, question)
        if time.monotonic() < Backend._silent_until:
            raise Away("The search server is left alone for a while.")
        numbers = " OR ".join(str(shelf.pk) for shelf in shelves or ())
        try:
            found = self.search(
                query,
                start_offset=start,
                end_offset=end,
                fields=f"{ID} {DJANGO_CT} {DJANGO_ID} score",
                narrow_queries={f"category:({numbers})"} if numbers else set(),
                spelling_query=" ".join(_doubtful(question)),
            )
        except (OSError, SolrError, ValueError, KeyError):
            Backend._silent_until = time.monotonic() + RESPITE
            raise Away("The search server did not answer.") from None  # no visitor's word in logs
        scores = [(int(result.pk), float(result.score)) for result in found["results"]]
        return Answer(scores, found["hits"], question, found["spelling_suggestion"])

    # --- What writes ------------------------------------------------------------------

    def prepare(self, search_index, articles):
        for article in articles:
            try:
                yield document(search_index.full_prepare(article))
            except SkipDocument:
                self.log.debug("Article %s is left out", article.pk)

    def update(self, index, iterable, commit=True):
        self.index.add(list(self.prepare(index, iterable)), commit)


class Core:
    """One of Solr's cores as a thing that follows the database.

    The mark lies in the core itself and is written with what it speaks of, so that a core that
    was emptied or put back knows no more than it holds.
    """

    def __init__(self, reading, writing):
        self.reading = reading
        self.solr = writing
        self.applied = None

    @property
    def mark(self):
        return self._mark() or 0

    def _mark(self):
        try:
            docs = self.reading.search(f"{ID}:{MARK}", fl=MARK, rows=1).docs
        except (OSError, SolrError) as error:
            raise Away(f"The search server did not answer: {error}") from None
        return docs[0][MARK] if docs else None

    def trouble(self, thoroughly=False):
        return "it has never been filled" if self._mark() is None else None

    def add(self, documents, commit=False):
        if documents:
            self.solr.add(documents, commit=commit)

    def apply(self, documents, gone=(), mark=None):
        """Replace or add these documents and drop those of the `gone` articles: one commit."""
        if gone:
            self.solr.delete(id=[f"{KIND}.{number}" for number in sorted(gone)], commit=False)
        mark = self.mark if mark is None else mark
        self.add([*documents, {ID: MARK, DJANGO_CT: f"askwell.{MARK}", MARK: mark}], commit=True)

    def state(self):
        """The stamp of each article that the core holds."""
        found = self.solr.search(
            f"{DJANGO_CT}:{KIND}",
            fl="article stamp",
            sort=f"{ID} asc",
            rows=PAGE,
            cursorMark="*",
        )
        return {held["article"]: held["stamp"] for held in found}

    def tidy(self):
        """Solr merges its segments itself."""


def document(prepared):
    """Solr's document for what Haystack has prepared of an article."""
    language = prepared["language"]
    title, text = (analysis.terms(prepared[name], language) for name in ("title", "text"))
    questions = [analysis.terms(question, language) for question in prepared["questions"]]
    written = " ".join([prepared["title"], prepared["text"], *prepared["questions"]])
    names = (ID, DJANGO_CT, DJANGO_ID, "language", "article", "category", "stamp")
    return {name: prepared[name] for name in names if prepared.get(name) is not None} | {
        "title": " ".join(title),
        "text": " ".join([*title * TITLE_IN_TEXT, *text]),
        "questions": [" ".join(question) for question in questions],
        "words": " ".join(sorted(set(analysis.words(written)))),
    }


# --- The question in Solr's language ---------------------------------------------------------


def _query(question, beginning=None):
    """Any heavy word finds; question words only add to what was found; phrases must stand."""
    heavy = [clause for word in question.words if not word.is_light for clause in _clauses(word)]
    light = [clause for word in question.words if word.is_light for clause in _clauses(word)]
    if beginning:
        heavy.insert(0, f"words:{beginning}*")
    if not heavy:
        heavy, light = light, []
    if not heavy:
        return ""
    finding, adding = heavy[:CLAUSES], light[: max(0, CLAUSES - len(heavy))]
    return " ".join([f"+({' '.join(finding)})", *map(_phrase, question.phrases), *adding])


def _clauses(word):
    """Each term of a word in each field, with what it weighs there."""
    factor = LIGHT if word.is_light else 1.0
    for term, weight in word.terms.items():
        for name in SCORED:
            yield f'{name}:"{term}"^{factor * weight * FIELDS[name]:.4g}'
    if not word.is_light:
        for typed, weight in word.typed.items():
            yield f'words:"{typed}"^{weight * FIELDS["words"]:.4g}'


def _phrase(words):
    """Side by side, in the stems of any of the languages."""
    stems = {
        " ".join(analysis.stem(word, language) for word in words)
        for language in Reading().generation.languages
    }
    either = " ".join(f'text:"{stem}"' for stem in sorted(stems))
    return f"+({either})"


def _doubtful(question):
    """The words that may be misspelt: neither quoted, nor taught, nor codes, nor very short."""
    sure = {word for phrase in question.phrases for word in phrase} | synonyms().terms
    return [
        word
        for read in question.words
        for word in read.typed
        if len(word) >= SHORTEST
        and not analysis.is_exact(word)
        and sure.isdisjoint({word, *read.terms})
    ]


def _suggested(answer):
    """The words that Solr would rather have read, where that is no further off than we allow."""
    doubtful, suggested = _doubtful(answer.question), (answer.suggestion or "").split()
    if len(doubtful) != len(suggested):
        return {}
    return {
        word: better
        for word, better in zip(doubtful, suggested, strict=True)
        if 0 < OSA.distance(word, better) <= allowed(word)
    }


def _beginning(text):
    """The word somebody is still typing."""
    words = analysis.words(text)
    is_open = words and re.search(r"\w$", text) and not analysis.is_exact(words[-1])
    return words[-1] if is_open and len(words[-1]) >= SHORTEST_BEGINNING else None


class Query(SolrSearchQuery):
    """Haystack's query language over our terms, in which any word of a text may match."""

    def clean(self, query_fragment):
        return " ".join(analysis.terms(query_fragment))

    def build_query_fragment(self, field, filter_type, value):
        fragment = super().build_query_fragment(field, filter_type, value)
        return fragment.replace(" AND ", " OR ") if filter_type == "content" else fragment


class Engine(SolrEngine):
    backend = Backend
    query = Query
