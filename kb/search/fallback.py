"""The database answers while the index is away: slower and plainer, but never an empty page."""

from collections import Counter
from functools import reduce
from operator import or_

from django.db.models import Q

from kb.models import Article
from kb.search import analysis

CANDIDATES = 300
WORDS = 8


def find(words, user, category=None):
    """Pairs of article and score for articles that hold any of the words, best first."""
    wanted = _worth_asking(words)
    if not wanted:
        return []
    articles = Article.objects.visible_to(user)
    if category is not None:
        articles = articles.filter(category__in=category)
    text = "published_revision" if user is None or not user.is_staff else "latest_revision"
    places = ("title", f"{text}__resolution", f"{text}__issue", "alternate_questions__text")
    holds_any = reduce(or_, (Q(**{f"{p}__icontains": w}) for w in wanted for p in places))
    found = articles.filter(holds_any).select_related(
        "published_revision", "latest_revision", "category"
    )
    scored = [(article, _score(article, wanted)) for article in found.distinct()[:CANDIDATES]]
    return sorted(scored, key=lambda pair: (-pair[1], pair[0].pk))


def _worth_asking(words):
    heavy = [word for word in words if not analysis.is_light(word)]
    return list(dict.fromkeys(heavy or words))[:WORDS]


def _score(article, wanted):
    revision = article.shown_revision
    title = Counter(analysis.words(revision.title))
    text = Counter(analysis.words(revision.text))
    return sum(3 * (word in title) + (word in text) + 0.1 for word in wanted)
