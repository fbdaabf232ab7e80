"""Does what we answer once become an answer for everyone? M37 to M47."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Case, OuterRef, Q, Subquery, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from feedback.models import Ticket, TicketArticleLink, TicketEvent
from feedback.promotion import PROMOTION
from kb import content_standard
from kb.models import Article, ArticleFlag, ContentGap, GapPhrase, RedactionHit
from portal.analytics.cases import NOT_COUNTED
from portal.analytics.figures import (
    Figure,
    Part,
    count,
    measure,
    median,
    share,
    share_where,
    wilson_lower_bound,
)
from portal.models import AuditEntry

Relation, Accuracy = TicketArticleLink.Relation, TicketArticleLink.Accuracy
COUNTED = (Relation.SOLVED_BY, Relation.CREATED_FROM)
A_DAY = timedelta(hours=24)
HOUR = 3600


@dataclass(slots=True, eq=False)
class Link:
    pk: int
    ticket_id: int
    article_id: int
    relation: str
    at: datetime
    article_existed_before: bool
    accuracy: str
    told_at: datetime | None
    published_at: datetime | None
    answered_at: datetime | None  # of the ticket an article was made from
    has_address: bool


@dataclass(slots=True, eq=False)
class Page:
    """An article, as far as its upkeep is concerned."""

    pk: int
    title: str
    review_by: date | None
    checklist: list


@dataclass(slots=True, eq=False)
class Flag:
    pk: int
    at: datetime


@dataclass(slots=True, eq=False)
class Gap:
    pk: int
    at: datetime
    until: datetime | None


@dataclass(slots=True, eq=False)
class Finding:
    """A place the privacy gate stopped at."""

    pk: int
    kind: str
    at: datetime
    is_decided: bool
    is_in_public: bool


def read_links(start, end):
    """Links made in the time, and those of tickets or articles that moved in it."""
    alive = Ticket.objects.filter(Q(closed_at=None) | Q(closed_at__gte=start)).values("pk")
    published = Article.objects.filter(published_at__gte=start).values("pk")
    rows = TicketArticleLink.objects.filter(
        Q(at__gte=start) | Q(ticket__in=alive) | Q(article__in=published),
        at__lt=end,
        relation__in=COUNTED,
    )
    rows = rows.exclude(ticket__outcome__in=NOT_COUNTED).order_by("at", "pk")
    return [
        Link(*row[:-1], bool(row[-1]))
        for row in rows.values_list(
            "pk",
            "ticket_id",
            "article_id",
            "relation",
            "at",
            "article_existed_before",
            "accuracy",
            "told_at",
            "article__published_at",
            Case(When(relation=Relation.CREATED_FROM, then=Subquery(_entries_to_closing()))),
            "ticket__customer__email",
        )
    ]


def _entries_to_closing():
    """The last one of a link's ticket before its article was published, whenever that was."""
    entries = TicketEvent.objects.filter(
        ticket=OuterRef("ticket"),
        to_stage=Ticket.Stage.CLOSING,
        at__lte=OuterRef("article__published_at"),
    )
    return entries.exclude(from_stage=Ticket.Stage.CLOSING).order_by("-at").values("at")[:1]


def _with_knowledge(facts, window):
    """Closed tickets in which an article could have had a part."""
    return [
        case
        for case, closing in facts.cases.closed(window)
        if case.kind != Ticket.Kind.COMPLIMENT and closing.outcome != Ticket.Outcome.WITHDRAWN
    ]


@measure(
    "M37",
    _("Tickets with an article"),
    _(
        "Closed with a link solved by or created from, of all closed without compliments and "
        "withdrawn. 60 to 80% is the usual healthy band; above 90% suggests box-ticking."
    ),
    target="60-80%",
)
def link_rate(facts, window):
    linked = {link.ticket_id for link in facts.links}
    return share_where(_with_knowledge(facts, window), lambda case: case.pk in linked)


@measure(
    "M38",
    _("Links that were right"),
    _("Links judged right, of all links judged in the sample."),
)
def link_accuracy(facts, window):
    judged = [k for k in facts.links if k.at in window and k.accuracy != Accuracy.UNCHECKED]
    return share_where(judged, lambda link: link.accuracy == Accuracy.RIGHT)


@measure(
    "M39",
    _("Known before"),
    _(
        "Of the same tickets: answered by an article there was already; beside it those that "
        "made a new one, and those of which nothing is recorded."
    ),
)
def known_before(facts, window):
    links = defaultdict(list)
    for link in facts.links:
        links[link.ticket_id].append(link)
    heads = defaultdict(list)
    cases = _with_knowledge(facts, window)
    for case in cases:
        heads[_head(links[case.pk])].append(case)
    return share(
        heads["known"],
        of=cases,
        beside=[
            Part("new", _("new"), heads["new"]),
            Part("unrecorded", _("unrecorded"), heads["unrecorded"]),
        ],
    )


def _head(links):
    """By its earliest link, if that leads to an article there was; else whether it made one."""
    made = [link for link in links if link.relation == Relation.CREATED_FROM]
    if links and links[0] not in made and links[0].article_existed_before:
        return "known"
    return "new" if made else "unrecorded"


@measure(
    "M40",
    _("Time to publish"),
    _(
        "Clock hours from the ticket's entry to Closing to the article's first publication. "
        "Median; beside it the share within 24 hours."
    ),
    unit="hours",
    better=-1,
)
def time_to_publish(facts, window):
    hours = []
    for link in facts.links:
        if link.answered_at and link.published_at in window:
            waited = max(0, (link.published_at - link.answered_at).total_seconds() / HOUR)
            hours.append((link, waited))
    rows = [link for link, _hours in hours]
    quick = [link for link, waited in hours if waited <= 24]
    share_quick = len(quick) / len(rows) if rows else None
    return Figure(
        median([waited for _link, waited in hours]),
        rows,
        beside=[Part("quick", _("within 24 hours"), quick, share_quick, "percent")],
    )


@measure("M41", _("Answers used again"), _("Links solved by made in the window."), unit="count")
def reuse(facts, window):
    return count([k for k in facts.links if k.relation == Relation.SOLVED_BY and k.at in window])


def most_used(facts, window, limit=10):
    """(article id, links) for the articles that solved most."""
    uses = Counter(link.article_id for link in reuse(facts, window).counted)
    return uses.most_common(limit)


@measure(
    "M42",
    _("Helpful"),
    _("Yes, of Yes and Not yet. Articles are ranked by the lower end of the 95% interval."),
)
def helpfulness(facts, window):
    votes = [vote for vote in facts.votes if vote.at in window]
    return share_where(votes, lambda vote: vote.is_yes)


def helpful_articles(facts, window):
    """(lower bound, article id, yes, all) for each article voted on, worst first."""
    votes = defaultdict(list)
    for vote in facts.votes:
        if vote.at in window:
            votes[vote.article_id].append(vote.is_yes)
    return sorted(
        (wilson_lower_bound(sum(cast), len(cast)), article_id, sum(cast), len(cast))
        for article_id, cast in votes.items()
    )


@measure(
    "M43",
    _("Articles up to date"),
    _(
        "Public articles not past their review date, of all public articles, today; beside it "
        "open flags, and for each item of the content standard the articles that miss it."
    ),
    is_of_today=True,
)
def content_health(facts, window):
    today = timezone.localdate(facts.now)
    pages = facts.pages
    flags = facts.open_flags
    ages = [(facts.now - flag.at) / timedelta(days=1) for flag in flags]
    return share_where(
        pages,
        lambda page: page.review_by is None or page.review_by >= today,
        beside=[
            Part("flags", _("open flags"), flags),
            Part("flag-age", _("their median age in days"), flags, median(ages), "number"),
            *_missed(pages),
        ],
    )


def _missed(pages):
    """Each item of the content standard with the articles that miss it."""
    missing, names = defaultdict(list), {}
    for page in pages:
        for item in page.checklist:
            names[item.key] = item.name
            if not item.is_met:
                missing[item.key].append(page)
    return [
        Part(f"misses-{key}", _("checklist: %s") % name, missing[key])
        for key, name in names.items()
    ]


def read_pages():
    return [
        Page(article.pk, article.title, article.review_by, items)
        for article, items in content_standard.checklists()
    ]


def read_open_flags():
    rows = ArticleFlag.objects.filter(state=ArticleFlag.State.OPEN).order_by("raised_at")
    return [Flag(*row) for row in rows.values_list("pk", "raised_at")]


def read_gaps():
    rows = ContentGap.objects.values_list("pk", "opened_at", "verified_at")
    return [Gap(*row) for row in rows]


def read_gap_words():
    """The words of gaps that are still open."""
    return set(
        GapPhrase.objects.filter(gap__in=ContentGap.objects.uncovered()).values_list(
            "normalised", flat=True
        )
    )


@measure(
    "M44",
    _("Gaps opened"),
    _("Knowledge gaps opened in the window; beside it those verified, and the median days."),
    unit="count",
    better=0,
)
def gaps(facts, window):
    opened = [gap for gap in facts.gaps if gap.at in window]
    verified = [gap for gap in facts.gaps if gap.until in window]
    days = [(gap.until - gap.at) / timedelta(days=1) for gap in verified]
    return count(
        opened,
        beside=[
            Part("verified", _("verified"), verified),
            Part("days", _("days until verified"), verified, median(days), "number"),
        ],
    )


@measure(
    "M44b",
    _("Empty searches in an open gap"),
    _("Searches without a result whose words an open gap holds, of all without a result."),
)
def covered(facts, window):
    empty = facts.empty_searches(window)
    return share_where(empty, lambda search: search.words in facts.gap_words)


@measure(
    "M45",
    _("Askers told"),
    _("Articles from a ticket, first published in the window, whose asker was told in 24 hours."),
)
def askers_told(facts, window):
    published = [
        link
        for link in facts.links
        if link.relation == Relation.CREATED_FROM
        and link.has_address
        and link.published_at in window
    ]
    return share_where(
        published, lambda k: k.told_at is not None and k.told_at - k.published_at <= A_DAY
    )


@dataclass(slots=True, eq=False)
class Promotion:
    """An answer that somebody set out to write up, and what came of it."""

    pk: int
    at: datetime
    answer: str = ""


def read_promotions(start, end):
    """Each ticket's, by its first event; the last decision is the one that holds."""
    lately = TicketEvent.objects.filter(type__in=PROMOTION, at__gte=start, at__lt=end)
    rows = TicketEvent.objects.filter(type__in=PROMOTION, ticket__in=lately.values("ticket"))
    rows = rows.exclude(ticket__outcome__in=NOT_COUNTED).order_by("at", "pk")
    found = {}
    for pk, ticket_id, at, data in rows.values_list("pk", "ticket_id", "at", "data"):
        promotion = found.setdefault(ticket_id, Promotion(pk, at))
        promotion.answer = data.get("answer", promotion.answer)
    return list(found.values())


@measure(
    "M46",
    _("Duplicates avoided"),
    _(
        "Answers that were linked to an article or improved one, of all answers somebody set "
        "out to write up."
    ),
)
def duplicates_avoided(facts, window):
    begun = [promotion for promotion in facts.promotions if promotion.at in window]
    return share_where(begun, lambda promotion: promotion.answer in ("link", "improve"))


@measure(
    "M47",
    _("Privacy findings"),
    _(
        "Places the privacy gate found in texts checked in the window, by kind, and those said "
        "to be not personal. Such a text takes a second person: beside it those tried to be "
        "published alone, and those the second person sent back."
    ),
    unit="count",
    better=0,
)
def redaction(facts, window):
    found = [hit for hit in facts.redactions if hit.at in window]
    refused = [entry for entry in facts.refusals if entry.at in window]
    kinds = sorted({hit.kind for hit in found})
    return count(
        found,
        beside=[
            *(
                Part(f"kind-{kind}", kind, [hit for hit in found if hit.kind == kind])
                for kind in kinds
            ),
            Part("overridden", _("said to be not personal"), [h for h in found if h.is_decided]),
            *(
                Part(f"refused-{why}", label, [entry for entry in refused if entry.why == why])
                for why, label in REFUSALS.items()
            ),
        ],
    )


@measure(
    "M47b",
    _("Personal data in public"),
    _("Places in public articles that must be replaced, as the privacy gate last saw them."),
    unit="count",
    better=-1,
    is_of_today=True,
    target="0",
)
def in_public(facts, window):
    return count([hit for hit in facts.redactions if hit.is_in_public])


REFUSALS = {
    "alone": _("second-person refusals: not to be published alone"),
    "sent-back": _("second-person refusals: sent back"),
}


@dataclass(slots=True, eq=False)
class Refusal:
    """A text that asked for a second person did not go public; the trail tells of it."""

    pk: int
    at: datetime
    why: str


def read_refusals(start, end):
    rows = AuditEntry.objects.filter(
        action="publish", outcome="refused", at__gte=start, at__lt=end
    ).order_by("at", "pk")
    return [
        Refusal(pk, at, details["why"])
        for pk, at, details in rows.values_list("pk", "at", "details")
    ]


def read_redactions(start, end):
    """What was found in the time, and whatever must be replaced and is public."""
    was_checked = Q(report__checked_at__gte=start, report__checked_at__lt=end)
    is_in_public = Q(
        severity=RedactionHit.Severity.BLOCK,
        is_not_personal=False,
        report__revision__in=Article.objects.public().values("published_revision"),
    )
    rows = RedactionHit.objects.filter(was_checked | is_in_public)
    return [
        Finding(*row)
        for row in rows.values_list(
            "pk", "kind", "report__checked_at", "is_not_personal", Q(is_in_public)
        )
    ]
