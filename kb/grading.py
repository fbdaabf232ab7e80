"""The search grades itself: on questions whose answer readers and requests have shown.

A click says "this one", a request that an article solved says it louder. Every night the
same words are searched again as a visitor would; recall and nDCG among the first ten show
whether the search gets better, and which questions need a curator.
"""

from collections import Counter, defaultdict
from datetime import timedelta
from math import log2

from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from kb.journal import normalise
from kb.models import (
    AlternateQuestion,
    Article,
    GradedQuery,
    Pin,
    Remedy,
    SearchGrade,
    SearchQuery,
    Synonym,
)
from kb.search import search

SINCE = timedelta(days=90)
DEPTH = 10
# Graded every night, the most frequent first.
MOST = 500
_sources = {}


class RemedyRefused(Exception):
    """The remedy would do nothing; the message says why."""


def register(name, source):
    """Let `source(since)` add (words, article id, how often it was the answer)."""
    _sources[name] = source


def _opened_results(since):
    """One click is chance; readers of two visits agree."""
    clicks = SearchQuery.objects.filter(
        audience=Article.Audience.PUBLIC, at__gte=since, clicked_article__isnull=False
    )
    rows = clicks.order_by().values("normalised", "clicked_article")
    for row in rows.annotate(times=Count("visit_key", distinct=True)).filter(times__gt=1):
        yield row["normalised"], row["clicked_article"], row["times"]


register("opened results", _opened_results)


def grade_all(now=None):
    """Learn the labels anew, search every question again, and note the day's grade."""
    now = now or timezone.now()
    _learn(now - SINCE)
    public = set(Article.objects.public().values_list("pk", flat=True))
    graded = [
        query
        for query in GradedQuery.objects.order_by("-times", "pk")[:MOST]
        if _grade(query, public, now)
    ]
    GradedQuery.objects.bulk_update(graded, ["recall", "ndcg", "rank", "graded_at"])
    _show_effects(graded)
    if graded:
        SearchGrade.objects.update_or_create(
            day=timezone.localdate(now),
            defaults={
                "queries": len(graded),
                "recall": sum(query.recall for query in graded) / len(graded),
                "ndcg": sum(query.ndcg for query in graded) / len(graded),
                "graded_at": now,
            },
        )
    return len(graded)


def _learn(since):
    labels, texts = defaultdict(Counter), {}
    for source in _sources.values():
        for text, article_id, times in source(since):
            if key := normalise(text):
                labels[key][str(article_id)] += times
                texts.setdefault(key, text[:200])
    known = GradedQuery.objects.filter(remedies=None).values_list("pk", "normalised")
    forgotten = [pk for pk, normalised in known if normalised not in labels]
    GradedQuery.objects.filter(pk__in=forgotten).delete()
    GradedQuery.objects.bulk_create(
        [
            GradedQuery(
                text=texts[key], normalised=key, answers=dict(answers), times=answers.total()
            )
            for key, answers in labels.items()
        ],
        update_conflicts=True,
        unique_fields=["normalised"],
        update_fields=["answers", "times"],
    )


def _grade(query, public, now):
    """Search it as a visitor would; False when none of its answers is public any more."""
    answers = {int(pk): times for pk, times in query.answers.items() if int(pk) in public}
    if not answers:
        return False
    found = [hit.article.pk for hit in search(query.text, None, per_page=DEPTH).hits]
    query.recall = sum(pk in found for pk in answers) / len(answers)
    query.ndcg = _gain([answers.get(pk, 0) for pk in found]) / _gain(
        sorted(answers.values(), reverse=True)[:DEPTH]
    )
    best = max(answers, key=answers.get)
    query.rank = found.index(best) + 1 if best in found else None
    query.graded_at = now
    return True


def _gain(relevances):
    """Discounted: the same answer is worth less further down."""
    return sum(relevance / log2(place + 1) for place, relevance in enumerate(relevances, 1))


def grade(query, now=None):
    """This question alone, now."""
    public = set(Article.objects.public().values_list("pk", flat=True))
    if _grade(query, public, now or timezone.now()):
        query.save(update_fields=["recall", "ndcg", "rank", "graded_at"])
        _show_effects([query])
    return query


def _show_effects(queries):
    """What each question's last remedy did, now that it is graded again."""
    by_pk = {query.pk: query for query in queries}
    latest = {}
    for remedy in Remedy.objects.filter(query__in=by_pk).order_by("pk"):
        latest[remedy.query_id] = remedy
    for remedy in latest.values():
        query = by_pk[remedy.query_id]
        remedy.ndcg_after, remedy.rank_after = query.ndcg, query.rank
    Remedy.objects.bulk_update(latest.values(), ["ndcg_after", "rank_after"])


# --- Remedies, one press each ---------------------------------------------------


def add_question(query, article, *, by):
    """The article learns these words as one more way to ask."""
    if article.alternate_questions.filter(text=query.text).exists():
        raise RemedyRefused(_("The article has this question already."))
    with transaction.atomic():
        AlternateQuestion.objects.create(
            article=article, text=query.text, source=AlternateQuestion.Source.SEARCH, added_by=by
        )
        return _note(query, Remedy.Kind.QUESTION, article.title, by)


def pin(query, article, *, by):
    """For these words, this article stands first."""
    with transaction.atomic():
        Pin.objects.update_or_create(
            words=query.text, defaults={"article": article, "is_active": True}
        )
        _note(query, Remedy.Kind.PIN, article.title, by)
    return grade(query)


def add_synonym(query, words, *, by):
    """Words that mean the same to a customer, for every search from now on."""
    words = words.replace("\x00", "")
    meant = [word.strip() for word in words.split(",") if word.strip()]
    if len(meant) < 2:
        raise RemedyRefused(_("Give two words or more, with a comma between."))
    with transaction.atomic():
        Synonym.objects.create(words=", ".join(meant)[:300])
        _note(query, Remedy.Kind.SYNONYM, ", ".join(meant), by)
    return grade(query)


def _note(query, kind, what, by):
    return Remedy.objects.create(
        query=query,
        kind=kind,
        what=what[:300],
        by=by,
        ndcg_before=query.ndcg,
        rank_before=query.rank,
    )
