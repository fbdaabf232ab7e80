"""The database answers while the index is away: slower and plainer, but never an empty page."""

from collections import Counter
from functools import reduce
from operator import or_

from django.db.models import Q

from kb.models import AlternateQuestion, Article
from kb.search import analysis

CANDIDATES = 300
WORDS = 5


def find(words, user, category=None):
    """Pairs of article and score for articles that hold any of the words, best first."""
    wanted = _worth_asking(words)
    if not wanted:
        return []
    articles = Article.objects.visible_to(user)
    if category is not None:
        articles = articles.filter(category__in=category)
    asked = AlternateQuestion.objects.filter(_any(wanted, "text"), hidden_reason="")
    numbers = [
        # The first ones will do: no order and no join, so that the database may stop there.
        *articles.filter(_any(wanted, "title")).values_list("pk", flat=True)[:CANDIDATES],
        *asked.values_list("article_id", flat=True)[:CANDIDATES],
        *_holding(articles, wanted, user),
    ]
    found = articles.filter(pk__in=set(numbers)).select_related(
        "published_revision", "latest_revision", "category"
    )
    scored = [(article, _score(article, wanted)) for article in found]
    return sorted(scored, key=lambda pair: (-pair[1], pair[0].pk))


def _holding(articles, wanted, user):
    shown = "latest_revision" if user is not None and user.is_staff else "published_revision"
    holding = _any(wanted, f"{shown}__resolution") | _any(wanted, f"{shown}__issue")
    return articles.filter(holding).values_list("pk", flat=True)[:CANDIDATES]


def _any(words, place):
    return reduce(or_, (Q(**{f"{place}__icontains": word}) for word in words))


def _worth_asking(words):
    heavy = [word for word in words if not analysis.is_light(word)]
    return list(dict.fromkeys(heavy or words))[:WORDS]


def _score(article, wanted):
    revision = article.shown_revision
    title = Counter(analysis.words(revision.title))
    text = Counter(analysis.words(revision.text))
    return sum(3 * (word in title) + (word in text) + 0.1 for word in wanted)
