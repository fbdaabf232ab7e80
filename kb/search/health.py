"""How the search is doing, and why an article stands where it stands."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from kb.models import SearchQuery
from kb.search import door, keeping
from kb.search.arrays import Damaged
from kb.search.questions import understand


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
    """One article's place for some words, and what each term adds to it."""

    place: int
    article: object
    score: float
    # (term, field, times, points), the most telling first
    parts: list = field(default_factory=list)


def explain(text, user, limit=10):
    """Why the first articles for these words stand in this order."""
    try:
        ranking = door.ranking_for(user)
    except Damaged:
        return []
    question = understand(text, ranking)
    found = ranking.find(question.words, limit)
    articles = door.visible(ranking.generation.column("article")[found.numbers].tolist(), user)
    explained = []
    for place, (number, score) in enumerate(zip(found.numbers, found.scores, strict=True), 1):
        article = articles.get(int(ranking.generation.column("article")[number]))
        if article is not None:
            parts = sorted(ranking.explain(number, question.words), key=lambda part: -part[3])
            explained.append(Explained(place, article, float(score), parts))
    return explained
