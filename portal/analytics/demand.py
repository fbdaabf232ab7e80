"""Who asks for what, by which way, and who carries it: M48 to M50."""

from collections import defaultdict
from contextlib import suppress

from django.utils.translation import gettext_lazy as _

from feedback.models import Ticket
from kb.models import Category
from portal.analytics.figures import MEASURES, NotKept, Part, count, measure


@measure(
    "M48",
    _("Tickets received"),
    _("All tickets received, by kind, channel, business area and category; for each 1000 visits."),
    unit="count",
    better=0,
)
def demand(facts, window):
    received = facts.cases.received(window)
    by_kind = _split(received, Ticket.Kind, "kind")
    by_channel = _split(received, Ticket.Channel, "channel")
    by_area = _split(received, Category.BusinessArea, "business_area")
    unsorted = [case for case in received if not case.business_area]
    by_area.append(Part("business_area-none", _("without a category"), unsorted))
    by_category = [
        Part(f"category-{pk}", name, [case for case in received if case.category_id == pk])
        for pk, name in facts.categories.items()
    ]
    beside = [*by_kind, *by_channel, *by_area, *by_category]
    with suppress(NotKept):
        visits = facts.part("visits", window)
        rate = 1000 * len(received) / len(visits) if visits else None
        beside.append(Part("visits", _("for each 1000 visits"), visits, rate, "number"))
    return count(received, beside=beside)


def _split(cases, choices, attribute):
    heads = defaultdict(list)
    for case in cases:
        heads[getattr(case, attribute)].append(case)
    return [Part(f"{attribute}-{one}", one.label, heads[one.value]) for one in choices]


@measure(
    "M49",
    _("Load"),
    _("Open tickets with an owner, now, and how they are shared. No target for any person."),
    unit="count",
    better=0,
    is_about_people=True,
    is_of_today=True,
)
def load(facts, window):
    by_owner = defaultdict(list)
    for case in facts.held:
        by_owner[case.owner_id].append(case)
    return count(
        facts.held,
        beside=[
            Part(f"owner-{pk}", facts.names.get(pk, str(pk)), cases)
            for pk, cases in sorted(by_owner.items(), key=lambda item: -len(item[1]))
        ],
    )


# The four REAR tiles, each with the figure that keeps it honest; there is no combined score.
TILES = [
    (_("Reliability"), _("we do what we said"), "M22", "M23"),
    (_("Assurance"), _("they made the right choice"), "M27", "M29"),
    (_("Empathy"), _("seen from their side"), "M35", "M36b"),
    (_("Responsiveness"), _("an answer when it is needed"), "M15", "M12"),
]


def tiles():
    return [(title, meaning, MEASURES[one], MEASURES[two]) for title, meaning, one, two in TILES]
