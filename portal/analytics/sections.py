"""The pages of the dashboard: which figures stand together, and which pictures."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from kb.models import SearchGrade

# Imported for the measures they name.
from portal.analytics import (
    demand,
    flow,
    knowledge,
    pledges,
    satisfaction,
    selfservice,  # noqa: F401
)
from portal.analytics.charts import bars, columns, lines
from portal.analytics.figures import FEW, MEASURES
from portal.analytics.wording import value_text

MOST_CATEGORIES = 10


@dataclass(frozen=True)
class Block:
    """Figures that belong beside each other, and what to know of them."""

    title: str
    numbers: tuple
    note: str = ""

    @property
    def measures(self):
        return [MEASURES[number] for number in self.numbers]


@dataclass(frozen=True)
class Section:
    name: str
    title: str
    blocks: tuple
    charts: tuple[Callable, ...] = ()


def searches_by_day(facts, window):
    return columns(
        _t("Searches"),
        window,
        [
            (_t("found something"), facts.days.of("found", window)),
            (_t("found nothing"), facts.days.of("empty", window)),
        ],
    )


def search_grades(facts, window):
    grades = SearchGrade.objects.filter(day__range=(window.first, window.last)).order_by("day")
    grades = list(grades)
    return lines(
        _t("The search, graded every night"),
        [grade.day for grade in grades],
        [
            (_t("answers among the first ten"), [grade.recall for grade in grades]),
            (_t("how high they stand (nDCG)"), [grade.ndcg for grade in grades]),
        ],
        text=lambda value: value_text(value, "ratio"),
        note=_t("On questions whose answer readers and solved requests have shown."),
    )


def outcomes_by_day(facts, window):
    heads = {
        "confirmed": _t("said so"),
        "possible": _t("perhaps"),
        "none": _t("not here"),
    }
    visits = facts.days.of("visits", window)
    days = [day for day in window.days if visits[day]]
    return lines(
        _t("What became of visits"),
        days,
        [
            (label, [facts.days.of(head, window)[day] / visits[day] for day in days])
            for head, label in heads.items()
        ],
        text=lambda value: value_text(value, "percent"),
        note=_t("Shares of each day's visits, side by side: they are never added up."),
    )


def tickets_by_day(facts, window):
    received = facts.cases.received(window)
    return columns(
        _t("Tickets received"),
        window,
        [
            (kind.label, [case.received_at for case in received if case.kind == kind])
            for kind in flow.Kind
        ],
    )


def closed_by_day(facts, window):
    closed = facts.cases.closed(window)
    outcome = satisfaction.Outcome
    heads = [
        (_t("settled"), (outcome.SATISFIED,)),
        (_t("no answer"), (outcome.UNANSWERED,)),
        (_t("otherwise"), (outcome.FINAL, outcome.THANKED, outcome.WITHDRAWN)),
    ]
    return columns(
        _t("Tickets closed"),
        window,
        [
            (label, [end.at for _case, end in closed if end.outcome in named])
            for label, named in heads
        ],
    )


def promises_by_day(facts, window):
    due = [pledge for pledge in pledges.due(facts, window) if not pledge.is_left_out]
    return columns(
        _t("Promises due"),
        window,
        [
            (_t("kept"), [pledge.due_at for pledge in due if pledge.is_kept]),
            (_t("late"), [pledge.due_at for pledge in due if pledge.is_broken]),
        ],
    )


def _parts(title, number, headers, prefix):
    def chart(facts, window):
        figure = MEASURES[number](facts, window)
        rows = [
            (part.label, len(part.rows)) for part in figure.beside if part.name.startswith(prefix)
        ]
        return bars(title, rows, headers=headers)

    return chart


def factor_chart(facts, window):
    scores = [
        part for part in MEASURES["M30"](facts, window).beside if part.name.startswith("factor-")
    ]
    return bars(
        _t("Praised and criticised"),
        [(part.label, part.value if len(part.rows) >= FEW else None) for part in scores],
        headers=[_t("Factor"), _t("Net score")],
        text=lambda value: value_text(value, "net"),
        note=_t(
            "From +1, only praise, to -1, only criticism; asked in the survey. "
            "Drawn where five or more have said something."
        ),
    )


def category_chart(facts, window):
    parts = MEASURES["M48"](facts, window).beside
    asked = [(p.label, len(p.rows)) for p in parts if p.name.startswith("category-") and p.rows]
    most = sorted(asked, key=lambda row: -row[1])[:MOST_CATEGORIES]
    return bars(_t("The most asked categories"), most, headers=[_t("Category"), _t("Tickets")])


def most_used_chart(facts, window):
    titles = {page.pk: page.title for page in facts.pages}
    return bars(
        _t("Articles that solved most"),
        [(titles.get(pk, _t("not public")), n) for pk, n in knowledge.most_used(facts, window)],
        headers=[_t("Article"), _t("Tickets")],
    )


def worst_chart(facts, window):
    titles = {page.pk: page.title for page in facts.pages}
    ranked = knowledge.helpful_articles(facts, window)[:10]
    return bars(
        _t("Articles that help least"),
        [(titles.get(pk, _t("not public")), round(bound, 2)) for bound, pk, _yes, _all in ranked],
        headers=[_t("Article"), _t("At least this helpful")],
        text=lambda value: value_text(value, "percent"),
        note=_t("The lower end of the 95% interval, so that one vote decides nothing."),
    )


SECTIONS = [
    Section(
        "overview",
        _("At a glance"),
        (
            Block(_("Can people find it?"), ("M7", "M8", "M2", "M6")),
            Block(
                _("What became of visits"),
                ("D1", "D2", "D3", "S7"),
                _("Confirmed, possible and none stand side by side and are never added up."),
            ),
            Block(
                _("Do we answer, and does it help?"),
                ("M14", "M17", "M27", "M29"),
                _("Speed is only ever shown beside satisfaction."),
            ),
            Block(_("Does an answer become knowledge?"), ("M37", "M40", "M41", "M45")),
        ),
        (searches_by_day, tickets_by_day),
    ),
    Section(
        "self-service",
        _("Finding answers"),
        (
            Block(_("Searching"), ("M1", "M2", "M3", "M4", "M5", "M6")),
            Block(
                _("Success, seen in different ways"),
                ("M7", "M8", "M9", "M10", "M11"),
                _("Said, implied, in the form: looks at the same visits, not to be added up."),
            ),
            Block(_("What became of visits"), ("D1", "D2", "D3", "S7")),
            Block(_("Was the door open?"), ("M12",)),
        ),
        (searches_by_day, outcomes_by_day, search_grades),
    ),
    Section(
        "flow",
        _("Replies"),
        (
            Block(_("Speed"), ("M13", "M14", "M15", "M16", "M17", "M21")),
            Block(_("And satisfaction beside it"), ("M27", "M28", "M29", "M18", "M19")),
            Block(_("What is waiting"), ("M20", "M49")),
        ),
        (
            closed_by_day,
            _parts(_("Open tickets by age"), "M20", [_("Age"), _("Tickets")], "age-"),
            _parts(_("Open tickets by stage"), "M20", [_("Stage"), _("Tickets")], "in-"),
        ),
    ),
    Section(
        "promises",
        _("Promises"),
        (Block(_("The promise ledger"), ("M22", "M23", "M24", "M25", "M26")),),
        (promises_by_day,),
    ),
    Section(
        "satisfaction",
        _("Satisfaction"),
        (
            Block(_("What customers say"), ("M27", "M28", "M29")),
            Block(
                _("The ten factors"),
                ("M30",),
                _("Beside each: its net score, and how many of those asked mentioned it."),
            ),
            Block(
                _("Asked, and measured"),
                ("M22", "M15", "M18"),
                _(
                    "Factors 1 and 5 of the survey, delivery on time and follow-through, are also "
                    "measured by the promise ledger: compare them with the scores above."
                ),
            ),
            Block(_("When something went wrong"), ("M31", "M32", "M33", "M34")),
            Block(_("Seen from their side"), ("M35", "M36", "M36b")),
        ),
        (
            factor_chart,
            _parts(_("Why customers complained"), "M33", [_("Cause"), _("Complaints")], "cause-"),
        ),
    ),
    Section(
        "knowledge",
        _("Knowledge"),
        (
            Block(_("From answer to article"), ("M37", "M38", "M39", "M40", "M41", "M45", "M46")),
            Block(_("Upkeep"), ("M42", "M43", "M44", "M44b", "M47", "M47b")),
        ),
        (
            most_used_chart,
            worst_chart,
            _parts(
                _("What articles miss of the content standard"),
                "M43",
                [_("Item"), _("Public articles that miss it")],
                "misses-",
            ),
        ),
    ),
    Section(
        "demand",
        _("Demand"),
        (Block(_("Who asks for what"), ("M48", "M11", "M10")),),
        (
            tickets_by_day,
            category_chart,
            _parts(_("By business area"), "M48", [_("Area"), _("Tickets")], "business_area-"),
            _parts(_("By channel"), "M48", [_("Channel"), _("Tickets")], "channel-"),
        ),
    ),
]
BY_NAME = {section.name: section for section in SECTIONS}


def tiles():
    return demand.tiles()
