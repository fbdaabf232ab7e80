"""Where knowledge is missing: what people look for and do not find, grouped by meaning.

Evidence comes from sources: searches without a result, searches whose results nobody
opened, "Not yet" votes, and what the apps above add with `register` (requests that were
answered without an article). `gather`, run by the worker, sorts it into ContentGap rows;
`verify` runs the same words again once an article is out, and reopens what fails.
"""

import logging
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, F, Max, Min, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from kb.journal import normalise
from kb.meaning import Meanings
from kb.models import (
    AlternateQuestion,
    Article,
    ArticleSource,
    ContentGap,
    GapPhrase,
    HelpfulVote,
    SearchQuery,
)
from kb.search import search
from kb.signals import article_published

log = logging.getLogger(__name__)
SEEN_FOR = timedelta(days=90)
RECENT = timedelta(days=28)
REOPENS_WITHIN = timedelta(days=30)
# One unlucky visitor is no gap.
ENOUGH = 2
# Wordings looked at, the most frequent ones first; beyond them lie slips and chance.
MOST_WORDINGS = 5000
AMONG_FIRST = 3
State, Source = ContentGap.State, GapPhrase.Source


@dataclass(frozen=True)
class Evidence:
    """These words led nowhere, so many times."""

    source: str
    text: str
    times: int
    recent: int
    earlier: int
    first_seen: object
    last_seen: object

    @property
    def normalised(self):
        return normalise(self.text)


_sources = {}


def register(name, source):
    """Let `source(since, now)`, an iterable of Evidence, take part in the report."""
    _sources[name] = source


# --- Sources of our own -------------------------------------------------------


def counted(rows, now, *, each="visit_key", at="at"):
    """Annotate grouped rows with what Evidence wants to know of times; a visit counts once."""
    recent, earlier = now - RECENT, now - 2 * RECENT
    return rows.annotate(
        times=Count(each, distinct=True),
        recent=Count(each, distinct=True, filter=Q(**{f"{at}__gte": recent})),
        earlier=Count(
            each, distinct=True, filter=Q(**{f"{at}__gte": earlier, f"{at}__lt": recent})
        ),
        first_seen=Min(at),
        last_seen=Max(at),
    )


def _searches(since, now):
    return SearchQuery.objects.filter(
        audience=Article.Audience.PUBLIC, at__gte=since, at__lt=now
    ).exclude(normalised="")


def _searches_without_result(since, now):
    grouped = _searches(since, now).filter(results_count=0).order_by().values("normalised")
    for row in counted(grouped.annotate(text=Max("text")), now):
        row.pop("normalised")
        yield Evidence(Source.EMPTY, **row)


def _searches_nobody_opened(since, now):
    grouped = _searches(since, now).filter(results_count__gt=0).order_by().values("normalised")
    unopened = counted(grouped.annotate(text=Max("text"), clicks=Count("clicked_at")), now).filter(
        clicks=0, times__gte=ENOUGH
    )
    for row in unopened:
        row.pop("normalised"), row.pop("clicks")
        yield Evidence(Source.UNCLICKED, **row)


def _not_yet_votes(since, now):
    """What the reader had typed to get there, else the question the article did not answer."""
    typed = SearchQuery.objects.filter(
        visit_key=OuterRef("visit_key"), clicked_article=OuterRef("article"), at__lte=OuterRef("at")
    ).order_by("-at")
    votes = (
        HelpfulVote.objects.filter(value=HelpfulVote.Value.NO, at__gte=since, at__lt=now)
        .annotate(typed=Subquery(typed.values("text")[:1]))
        .order_by()
        .values("typed", title=F("article__title"))
    )
    for row in counted(votes, now):
        typed, title = row.pop("typed"), row.pop("title")
        yield Evidence(Source.NOT_YET, typed or title, **row)


register("searches without a result", _searches_without_result)
register("searches nobody opened a result of", _searches_nobody_opened)
register("not yet votes", _not_yet_votes)


# --- Sorting evidence into gaps ------------------------------------------------


def gather(now=None):
    """Count all evidence anew and sort it into gaps; returns how many gaps are new."""
    now = now or timezone.now()
    evidence = _merged(e for source in _sources.values() for e in source(now - SEEN_FOR, now))
    with transaction.atomic():
        groups, fresh = _sort(evidence)
        new = _open_gaps([group for group in fresh if _is_enough(group)], now)
        for gap, group in groups.items():
            _refresh(gap, group)
        _forget_counts(set(groups) | set(new))
        ContentGap.objects.update(counted_at=now)
    return len(new)


def _merged(evidence):
    """One piece for each wording and source, however many rows told of it."""
    merged = {}
    for piece in evidence:
        key = (piece.normalised, piece.source)
        if not piece.normalised:
            continue
        if (known := merged.get(key)) is not None:
            piece = Evidence(
                piece.source,
                known.text,
                known.times + piece.times,
                known.recent + piece.recent,
                known.earlier + piece.earlier,
                min(known.first_seen, piece.first_seen),
                max(known.last_seen, piece.last_seen),
            )
        merged[key] = piece
    ranked = sorted(merged.values(), key=lambda piece: (-piece.times, piece.normalised))
    return ranked[:MOST_WORDINGS]


def _sort(evidence):
    """Evidence by the gap it speaks for, and what speaks for none yet, grouped by meaning."""
    phrases = list(GapPhrase.objects.select_related("gap"))
    placed = {(phrase.normalised, phrase.source): phrase.gap for phrase in phrases}
    meanings = Meanings(
        [(phrase.text, phrase.times) for phrase in phrases]
        + [(piece.text, piece.times) for piece in evidence]
    )
    for phrase in phrases:
        meanings.add(phrase.text, phrase.gap)
    known, fresh = defaultdict(list), defaultdict(list)
    for piece in evidence:
        group = placed.get((piece.normalised, piece.source)) or meanings.nearest(piece.text)
        if group is None:
            group = meanings.add(piece.text, piece.normalised)
        (known if isinstance(group, ContentGap) else fresh)[group].append(piece)
    return known, list(fresh.values())


def _is_enough(group):
    return sum(piece.times for piece in group) >= ENOUGH


def _open_gaps(groups, now):
    gaps = []
    for group in groups:
        gap = ContentGap(label=group[0].text, opened_at=now)
        _refresh(gap, group)
        gaps.append(gap)
    return gaps


def _refresh(gap, group):
    gap.evidence = sum(piece.times for piece in group)
    gap.recent = sum(piece.recent for piece in group)
    gap.earlier = sum(piece.earlier for piece in group)
    gap.requests = sum(piece.times for piece in group if piece.source == Source.TICKET)
    seen = [piece.first_seen for piece in group]
    gap.first_seen = min([*seen, gap.first_seen] if gap.first_seen else seen)
    gap.last_seen = max(piece.last_seen for piece in group)
    gap.save()
    GapPhrase.objects.bulk_create(
        [
            GapPhrase(
                gap=gap,
                text=piece.text,
                normalised=piece.normalised,
                source=piece.source,
                times=piece.times,
                last_seen=piece.last_seen,
            )
            for piece in group
        ],
        update_conflicts=True,
        unique_fields=["normalised", "source"],
        update_fields=["times", "last_seen"],
    )


def _forget_counts(seen):
    """Gaps nobody asks for any more keep their history, and count nothing."""
    ContentGap.objects.exclude(pk__in=[gap.pk for gap in seen]).update(
        evidence=0, recent=0, earlier=0, requests=0
    )


# --- What a curator does with a gap ---------------------------------------------


class GapRefused(Exception):
    """The gap is not in a state for this."""


def accept(gap, *, by):
    """Somebody takes it on."""
    _demand(gap, State.NEW, State.ACCEPTED, State.DECLINED)
    gap.state, gap.assignee, gap.reason = State.ACCEPTED, by, ""
    gap.save(update_fields=["state", "assignee", "reason"])


@transaction.atomic
def start_draft(gap, *, by):
    """A work-in-progress article that already knows the question in everybody's words."""
    gap = ContentGap.objects.select_for_update().get(pk=gap.pk)
    _demand(gap, State.NEW, State.ACCEPTED)
    article = Article.start(by=by, title=gap.label[:1].upper() + gap.label[1:])
    ArticleSource.objects.create(
        article=article, kind=ArticleSource.Kind.SEARCH_GAP, reference=str(gap.pk)
    )
    _add_words(gap, article, by)
    gap.state, gap.assignee, gap.article = State.DRAFTED, gap.assignee or by, article
    gap.save(update_fields=["state", "assignee", "article"])
    return article


@transaction.atomic
def answer_with(gap, article, *, by):
    """An article we have already answers it: give it the words people use."""
    gap = ContentGap.objects.select_for_update().get(pk=gap.pk)
    _demand(gap, State.NEW, State.ACCEPTED)
    _add_words(gap, article, by)
    gap.assignee, gap.article = gap.assignee or by, article
    gap.state = State.DRAFTED
    if article.is_public:
        gap.state, gap.published_at = State.PUBLISHED, timezone.now()
    gap.save(update_fields=["state", "assignee", "article", "published_at"])


def decline(gap, *, by, reason):
    """Not ours to answer, and why; new evidence is still counted."""
    reason = reason.replace("\x00", "").strip()
    if not reason:
        raise GapRefused(_("Say why, for whoever asks next."))
    if len(reason) > gap._meta.get_field("reason").max_length:
        raise GapRefused(_("Say why in one or two lines."))
    _demand(gap, State.NEW, State.ACCEPTED)
    gap.state, gap.assignee, gap.reason = State.DECLINED, by, reason
    gap.save(update_fields=["state", "assignee", "reason"])


def _demand(gap, *states):
    if gap.state not in states:
        raise GapRefused(_("This gap is already %(state)s.") % {"state": gap.get_state_display()})


def _add_words(gap, article, by):
    known = {normalise(q) for q in article.alternate_questions.values_list("text", flat=True)}
    known.add(normalise(article.title))
    for phrase in gap.phrases.all():
        if phrase.normalised not in known:
            known.add(phrase.normalised)
            source = (
                AlternateQuestion.Source.TICKET
                if phrase.source == Source.TICKET
                else AlternateQuestion.Source.SEARCH
            )
            AlternateQuestion.objects.create(
                article=article, text=phrase.text, source=source, added_by=by
            )


# --- Proof ------------------------------------------------------------------------


def note_publication(sender, article, **_kwargs):
    ContentGap.objects.filter(article=article, state=State.DRAFTED).update(
        state=State.PUBLISHED, published_at=timezone.now()
    )


article_published.connect(note_publication, dispatch_uid="kb.gaps")


def keep():
    """The worker's: look for new gaps, then prove the published ones."""
    gather()
    verify()


def verify(now=None):
    """Run the words of published gaps again; reopen verified ones that fail within a month."""
    now = now or timezone.now()
    for gap in ContentGap.objects.filter(state=State.PUBLISHED).select_related("article"):
        check(gap, now=now)
    recent = ContentGap.objects.filter(
        state=State.VERIFIED, verified_at__gte=now - REOPENS_WITHIN
    ).select_related("article")
    for gap in recent:
        check(gap, now=now)
        if gap.state == State.PUBLISHED or _failed_again(gap):
            _reopen(gap)


def verify_new():
    """Prove what was just published, as soon as the index knows it; nobody waits for the hour."""
    unproven = Q(checked_at=None) | Q(checked_at__lt=F("published_at"))
    for gap in ContentGap.objects.filter(unproven, state=State.PUBLISHED).select_related("article"):
        check(gap)


def check(gap, *, now=None):
    """Does each phrase find the article among the first three? Verified when all do."""
    now = now or timezone.now()
    phrases = list(gap.phrases.all())
    for phrase in phrases:
        phrase.rank, phrase.checked_at = _rank(phrase.text, gap.article), now
    GapPhrase.objects.bulk_update(phrases, ["rank", "checked_at"])
    is_found = bool(phrases) and all(phrase.is_found for phrase in phrases)
    gap.checked_at = now
    if is_found and gap.state == State.PUBLISHED:
        gap.state, gap.verified_at = State.VERIFIED, now
    elif not is_found and gap.state == State.VERIFIED:
        gap.state = State.PUBLISHED
    gap.save(update_fields=["checked_at", "state", "verified_at"])
    return sum(phrase.is_found for phrase in phrases), len(phrases)


def _rank(text, article):
    if article is None or not article.is_public:
        return None
    hits = search(text, None, per_page=AMONG_FIRST).hits
    return next((n for n, hit in enumerate(hits, 1) if hit.article.pk == article.pk), None)


def _failed_again(gap):
    """Did a reader type the same words after the proof, and find nothing?"""
    words = [phrase.normalised for phrase in gap.phrases.all()]
    return SearchQuery.objects.filter(
        normalised__in=words,
        at__gt=gap.verified_at,
        results_count=0,
        audience=Article.Audience.PUBLIC,
    ).exists()


def _reopen(gap):
    gap.state, gap.reopened = State.ACCEPTED, gap.reopened + 1
    gap.save(update_fields=["state", "reopened"])
