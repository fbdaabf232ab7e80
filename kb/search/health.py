"""How the search is doing, and why an article stands where it stands."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from kb.models import SearchQuery
from kb.search import curated, door, keeping, vectors
from kb.search.arrays import Damaged
from kb.search.questions import understand
from kb.search.ranking import FIELDS
from kb.search.results import Hit, Results


@dataclass
class IndexHealth:
    """One index beside the database it follows."""

    name: str
    in_database: int
    in_index: int = 0
    number: int = 0
    built_at: datetime | None = None
    waiting: int = 0
    trouble: str | None = None


def indexes():
    return [_health(backend) for backend in keeping.backends()]


def _health(backend):
    wanted = keeping.search_index(backend).index_queryset(using=backend.connection_alias)
    health = IndexHealth(backend.connection_alias, wanted.count())
    health.trouble = backend.index.trouble()
    try:
        pointer = backend.ranking.generation.pointer
    except Damaged as error:
        health.trouble = str(error)
        return health
    health.in_index = backend.ranking.generation.live
    health.number = pointer.number
    health.built_at = datetime.fromisoformat(pointer.built_at) if pointer.built_at else None
    health.waiting = keeping.waiting_after(pointer.mark)
    return health


def of_the_day(now=None):
    """The searches of the last 24 hours: how many, how many found nothing, the slowest."""
    asked = SearchQuery.objects.filter(at__gte=(now or timezone.now()) - timedelta(days=1))
    count = asked.count()
    return {
        "count": count,
        "nothing_found": round(100 * asked.filter(results_count=0).count() / count) if count else 0,
        "slowest": asked.order_by("-milliseconds")[:5],
    }


@dataclass
class Explained:
    """One article's place for some words, and what each word adds to it."""

    place: int
    hit: Hit
    is_pinned: bool
    # The points of all words, and of each in each field, the most telling first.
    points: float
    parts: list[tuple[str, dict[str, float]]] = field(default_factory=list)
    # What meaning adds to the points as a share of the best; nothing without a model.
    meaning: float | None = None


@dataclass
class Explanation:
    """The page a visitor gets for some words, and why its articles stand in this order."""

    results: Results
    synonyms: list[str]
    places: list[Explained]


def explain(text):
    """Why the first articles stand in this order for a visitor, who sees no internal ones."""
    results = door.search(text)
    if results.is_fallback:
        return Explanation(results, [], [])
    ranking = door.ranking_for(None)
    if ranking is None:  # a search server keeps its reasons
        return Explanation(results, [], [])
    question = understand(text, ranking)
    found = ranking.find(question.words, ranking.generation.count)
    articles = ranking.generation.column("article")[found.numbers].tolist()
    at = {article: place for place, article in reversed(list(enumerate(articles)))}
    chosen = curated.pinned(results.corrected or text)
    best = float(found.scores[0]) if len(found.scores) else 1.0
    places = []
    for place, hit in enumerate(results.hits, 1):
        told = Explained(place, hit, hit.article.pk == chosen, 0.0)
        if (number := at.get(hit.article.pk)) is not None:
            told.points = float(found.scores[number])
            told.parts = _parts(ranking, found.numbers[number], question.words)
            if vectors.model() is not None and not told.is_pinned:
                told.meaning = hit.score - told.points / best
        places.append(told)
    taught = [term for word in question.words if not word.typed for term in word.terms]
    return Explanation(results, taught, places)


def _parts(ranking, number, words):
    """What each word adds to one document in each field."""
    parts = []
    for word in words:
        points = dict.fromkeys(FIELDS, 0.0)
        for _, name, _, added in ranking.explain(number, [word]):
            points[name] += added
        if any(points.values()):
            parts.append((" / ".join(word.typed or word.terms), points))
    return sorted(parts, key=lambda part: -sum(part[1].values()))
