"""What customers ask for most, measured over the last ninety days and never typed in.

An article's demand is a weighted count of what happened with it. The apps above add their own
counter with `register`; the lists of the portal sort by the stored figure.
"""

from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from kb.models import Article, ArticleView, HelpfulVote

WINDOW = timedelta(days=90)
_counters = {}


def register(name, weight, count):
    """Let `count(articles, since)`, a mapping of article id to number, add to the demand."""
    _counters[name] = (weight, count)


def refresh(*articles):
    """Count these articles again at once; called when a vote or a link is written."""
    pks = [article.pk for article in articles]
    scores = _scores(pks, timezone.now() - WINDOW)
    for pk in pks:
        # `update` on purpose: a figure is no change of the article, and nothing to index.
        Article.objects.filter(pk=pk).update(demand=scores.get(pk, 0))


def refresh_all(batch=500):
    """The same for every article whose figure is or was above nothing; the worker's nightly job."""
    since = timezone.now() - WINDOW
    pks = list(Article.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(pks), batch):
        part = pks[start : start + batch]
        scores = _scores(part, since)
        stale = [
            article
            for article in Article.objects.filter(pk__in=part).only("pk", "demand")
            if article.demand != scores.get(article.pk, 0)
        ]
        for article in stale:
            article.demand = scores.get(article.pk, 0)
        Article.objects.bulk_update(stale, ["demand"])


def _scores(pks, since):
    scores = {}
    for weight, count in _counters.values():
        for pk, n in count(pks, since).items():
            scores[pk] = scores.get(pk, 0) + weight * n
    return {pk: max(0, round(score, 2)) for pk, score in scores.items()}


def _votes(value):
    def count(pks, since):
        votes = HelpfulVote.objects.filter(article__in=pks, at__gte=since)
        return dict(votes.values_list("article").annotate(n=Count("pk", filter=Q(value=value))))

    return count


def _views(pks, since):
    views = ArticleView.objects.filter(article__in=pks, at__gte=since)
    return dict(views.values_list("article").annotate(n=Count("pk")))


register("helpful votes", 3, _votes(HelpfulVote.Value.YES))
register("not yet votes", -1, _votes(HelpfulVote.Value.NO))
register("readings", 0.1, _views)
