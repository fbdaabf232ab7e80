"""The rows behind a figure, as lines of a list that people can read and open."""

from dataclasses import dataclass
from operator import attrgetter

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from feedback.models import (
    Escalation,
    FactorAnswer,
    Message,
    Promise,
    SurveyResponse,
    Ticket,
    TicketEvent,
)
from feedback.models import TicketArticleLink as TicketLink
from kb.models import (
    AnswerOffer,
    Article,
    ArticleFlag,
    ArticleView,
    ContentGap,
    HelpfulVote,
    RedactionHit,
    SearchQuery,
)
from portal.analytics.cases import Case, Said
from portal.analytics.knowledge import Finding, Flag, Gap, Link, Page, Promotion, Refusal
from portal.analytics.pledges import Pledge
from portal.analytics.satisfaction import Answer, FactorSaid, Raised, ToneFlag
from portal.analytics.visits import Asked, Offer, Reading, Search, Visit, Vote
from portal.models import AuditEntry, Probe


@dataclass(frozen=True)
class Kind:
    """How rows of one kind are listed: from which table, with which columns, leading where."""

    model: type
    columns: dict
    related: tuple = ()
    admin: str = ""
    opens: str = "pk"


def _ticket(path=""):
    """Columns that tell of a ticket, reached over `path` from the row."""

    def ticket_of(row):
        return attrgetter(path)(row) if path else row

    return {
        _("Reference"): lambda row: ticket_of(row).reference,
        _("Kind"): lambda row: ticket_of(row).get_kind_display(),
        _("Subject"): lambda row: ticket_of(row).subject,
    }


TICKETS = Kind(
    Ticket,
    _ticket()
    | {
        _("Received"): attrgetter("received_at"),
        _("Stage"): lambda ticket: ticket.get_stage_display(),
        _("Outcome"): lambda ticket: ticket.get_outcome_display(),
        _("Owner"): lambda ticket: ticket.owner or "",
    },
    ("owner",),
    "admin:feedback_ticket_change",
)
SEARCHES = Kind(
    SearchQuery,
    {
        _("Words"): attrgetter("text"),
        _("When"): attrgetter("at"),
        _("Results"): attrgetter("results_count"),
        _("Opened"): lambda search: search.clicked_article or "",
        _("Position"): lambda search: search.clicked_position or "",
    },
    ("clicked_article",),
)
READINGS = Kind(
    ArticleView,
    {_("Article"): attrgetter("article"), _("When"): attrgetter("at")},
    ("article",),
    "admin:kb_article_change",
    "article_id",
)


def _flagged(message, is_kept):
    hits = message.tone_report or ()
    return ", ".join(hit["words"] for hit in hits if hit.get("kept", True) == is_kept)


WRITTEN = Kind(
    Message,
    _ticket("ticket")
    | {
        _("Message"): lambda message: message.get_type_display(),
        _("When"): attrgetter("at"),
        _("Flagged words"): lambda message: _flagged(message, True),
        _("Edited away"): lambda message: _flagged(message, False),
    },
    ("ticket",),
    "admin:feedback_ticket_change",
    "ticket_id",
)

KINDS = {
    Case: TICKETS,
    Asked: TICKETS,
    Search: SEARCHES,
    Reading: READINGS,
    Offer: Kind(
        AnswerOffer,
        {
            _("Began"): attrgetter("at"),
            _("That answered it"): lambda offer: offer.taken_at or "",
            _("Article"): lambda offer: offer.article or "",
        },
        ("article",),
    ),
    Vote: Kind(
        HelpfulVote,
        {
            _("Article"): attrgetter("article"),
            _("Vote"): lambda vote: vote.get_value_display(),
            _("Comment"): attrgetter("comment"),
            _("When"): attrgetter("at"),
        },
        ("article",),
        "admin:kb_article_change",
        "article_id",
    ),
    Pledge: Kind(
        Promise,
        _ticket("ticket")
        | {
            _("Promise"): attrgetter("what"),
            _("Due"): attrgetter("due_at"),
            _("State"): lambda promise: promise.get_state_display(),
            _("Settled"): lambda promise: promise.done_at or "",
        },
        ("ticket",),
        "admin:feedback_ticket_change",
        "ticket_id",
    ),
    Answer: Kind(
        SurveyResponse,
        _ticket("ticket")
        | {
            _("Score"): attrgetter("score"),
            _("Comment"): attrgetter("comment"),
            _("When"): attrgetter("at"),
        },
        ("ticket",),
        "admin:feedback_ticket_change",
        "ticket_id",
    ),
    FactorSaid: Kind(
        FactorAnswer,
        _ticket("response.ticket")
        | {
            _("Factor"): lambda answer: answer.factor.name,
            _("Said"): lambda answer: answer.get_sign_display(),
            _("Comment"): attrgetter("response.comment"),
        },
        ("response__ticket", "factor"),
        "admin:feedback_ticket_change",
        "response.ticket_id",
    ),
    Raised: Kind(
        Escalation,
        _ticket("ticket")
        | {
            _("Reason"): lambda escalation: escalation.get_reason_display(),
            _("Raised"): attrgetter("raised_at"),
            _("State"): lambda escalation: escalation.get_state_display(),
        },
        ("ticket",),
        "admin:feedback_ticket_change",
        "ticket_id",
    ),
    Said: WRITTEN,
    ToneFlag: WRITTEN,
    Link: Kind(
        TicketLink,
        _ticket("ticket")
        | {
            _("Article"): attrgetter("article"),
            _("Relation"): lambda link: link.get_relation_display(),
            _("When"): attrgetter("at"),
        },
        ("ticket", "article"),
        "admin:feedback_ticket_change",
        "ticket_id",
    ),
    Probe: Kind(
        Probe,
        {_("When"): attrgetter("at"), _("Did not answer"): attrgetter("silent")},
    ),
    Promotion: Kind(
        TicketEvent,
        _ticket("ticket")
        | {
            _("Begun"): attrgetter("at"),
            _("By"): lambda event: event.actor or "",
            _("Knowledge decision"): lambda event: event.ticket.get_knowledge_display(),
        },
        ("ticket", "actor"),
        "admin:feedback_ticket_change",
        "ticket_id",
    ),
    Page: Kind(
        Article,
        {
            _("Article"): attrgetter("title"),
            _("Review by"): lambda article: article.review_by or "",
            _("First published"): attrgetter("published_at"),
        },
        (),
        "admin:kb_article_change",
    ),
    Flag: Kind(
        ArticleFlag,
        {
            _("Article"): attrgetter("article"),
            _("Reason"): lambda flag: flag.get_reason_display(),
            _("Comment"): attrgetter("comment"),
            _("Raised"): attrgetter("raised_at"),
        },
        ("article",),
        "admin:kb_article_change",
        "article_id",
    ),
    Gap: Kind(
        ContentGap,
        {
            _("What is missing"): attrgetter("label"),
            _("State"): lambda gap: gap.get_state_display(),
            _("Times"): attrgetter("evidence"),
            _("Opened"): attrgetter("opened_at"),
            _("Verified"): lambda gap: gap.verified_at or "",
        },
        (),
        "admin:kb_contentgap_change",
    ),
    Finding: Kind(
        RedactionHit,
        {
            _("Article"): attrgetter("report.revision.article"),
            _("Kind"): attrgetter("kind"),
            _("Severity"): lambda hit: hit.get_severity_display(),
            _("Decision"): lambda hit: hit.reason,
        },
        ("report__revision__article",),
        "admin:kb_article_change",
        "report.revision.article_id",
    ),
    Refusal: Kind(
        AuditEntry,
        {
            _("Object"): attrgetter("target"),
            _("When"): attrgetter("at"),
            _("By"): lambda entry: entry.actor or "",
        },
        ("actor",),
    ),
}


@dataclass(frozen=True)
class Line:
    cells: list
    url: str = ""


def headers(rows):
    """The names of the columns; none when there is nothing to list."""
    if not rows:
        return []
    if isinstance(rows[0], Visit):
        return [_("Began"), _("Ended"), _("Looked for"), _("Articles read")]
    return list(KINDS[type(rows[0])].columns)


def lines(rows, user):
    """One line for each row, in their order; what this person may not see stays closed."""
    if not rows:
        return []
    if isinstance(rows[0], Visit):
        return _visit_lines(rows)
    kind = KINDS[type(rows[0])]
    found = kind.model.objects.select_related(*kind.related).in_bulk([row.pk for row in rows])
    sees_all = user.has_perm("feedback.manage_ticket")
    return [_line(kind, found.get(row.pk), sees_all) for row in rows]


def _line(kind, row, sees_all):
    is_ticket = "_ticket_" in kind.admin
    if row is None or (is_ticket and not sees_all and _is_closed_to_most(kind, row)):
        return Line([_("not yours to see"), *[""] * (len(kind.columns) - 1)])
    return Line([read(row) for read in kind.columns.values()], _url(kind, row))


def _is_closed_to_most(kind, row):
    ticket = row if kind is TICKETS else attrgetter(kind.opens.rpartition("_id")[0])(row)
    return ticket.is_safety_concern


def _url(kind, row):
    try:
        return reverse(kind.admin, args=[attrgetter(kind.opens)(row)]) if kind.admin else ""
    except NoReverseMatch:
        return ""


def _visit_lines(visits):
    """A visit has no table; its traces are its row. Titles are read once for all."""
    pks = {reading.article_id for visit in visits for reading in visit.readings}
    titles = dict(Article.objects.filter(pk__in=pks).values_list("pk", "title"))
    return [
        Line(
            [
                visit.at,
                visit.end,
                ", ".join(search.words for search in visit.searches),
                ", ".join(titles.get(reading.article_id, "?") for reading in visit.readings),
            ]
        )
        for visit in visits
    ]
