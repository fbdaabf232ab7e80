"""Do people find their answers by themselves? M1 to M12.

Explicit, implied and form-assisted success stand side by side and are never
added up: they look at the same visits in different ways.
"""

from django.utils.translation import gettext_lazy as _

from feedback.models import Ticket
from portal.analytics.figures import (
    Figure,
    Part,
    count,
    mean,
    measure,
    once_a_window,
    share,
    share_where,
)


@once_a_window
def searches(facts, window):
    return [search for search in facts.visits.searches if search.at in window]


@once_a_window
def visits(facts, window):
    return [visit for visit in facts.visits.visits if visit.start in window]


@once_a_window
def votes(facts, window):
    return [vote for vote in facts.visits.votes if vote.at in window]


def asked_by_form(facts, window):
    return [
        asked
        for asked in facts.visits.asked
        if asked.at in window and asked.channel == Ticket.Channel.FORM
    ]


def _answered(search):
    return not search.is_empty


@measure(
    "M1",
    _("Searches"),
    _("Different words searched for in a visit, first page of results, suggestions left out."),
    unit="count",
    better=0,
)
def all_searches(facts, window):
    return count(searches(facts, window))


@measure(
    "M2",
    _("Searches without a result"),
    _("Searches that found nothing, of all searches. Below 15% is a common rule of thumb."),
    better=-1,
)
def zero_result_rate(facts, window):
    return share_where(searches(facts, window), lambda search: search.is_empty)


@measure(
    "M3",
    _("Searches with a click"),
    _("Searches after which a result was opened, of those that found something."),
)
def click_through(facts, window):
    found = filter(_answered, searches(facts, window))
    return share_where(found, lambda search: search.first_click)


@measure(
    "M4",
    _("Rank of the first click"),
    _("Mean of 1/position of the first opened result; 0 where none was opened."),
    unit="ratio",
)
def reciprocal_rank(facts, window):
    found = [search for search in searches(facts, window) if not search.is_empty]
    return Figure(
        mean([1 / search.first_click if search.first_click else 0 for search in found]), found
    )


@measure(
    "M5",
    _("Searches tried again"),
    _("Searches followed within two minutes by other words, with no result opened in between."),
    better=-1,
)
def refinement_rate(facts, window):
    return share_where(searches(facts, window), lambda search: search.is_refined)


@measure(
    "M6",
    _("Searches that became requests"),
    _("Searches whose visit sent a request within 24 hours, of all searches."),
    better=-1,
)
def search_to_ticket(facts, window):
    return share_where(
        searches(facts, window), lambda search: facts.visits.asked_after(search.key, search.at)
    )


@measure(
    "M7",
    _("Explicit success"),
    _("Yes among the last votes of each visit on each article. Beside it, votes per reading."),
)
def explicit_success(facts, window):
    cast = votes(facts, window)
    readings = [reading for reading in facts.visits.readings if reading.at in window]
    coverage = Part(
        "readings",
        _("readings; votes for each"),
        readings,
        len(cast) / len(readings) if readings else None,
        "percent",
    )
    return share_where(cast, lambda vote: vote.is_yes, beside=[coverage])


@measure(
    "M8",
    _("Implied success"),
    _(
        "Visits that read an article, said no Not yet, sent no request within 24 hours and "
        "did not end on a search without a result, of all visits that searched or read."
    ),
)
def implied_success(facts, window):
    def went_well(visit):
        return (
            visit.readings
            and not visit.ended_empty
            and not facts.visits.said_not_yet(visit)
            and not facts.visits.asked_after(visit.key, visit.start)
        )

    return share_where(visits(facts, window), went_well)


@measure(
    "M10",
    _("Looked here first"),
    _("Requests by form whose visit had searched or read before, of all requests by form."),
)
def self_service_first(facts, window):
    return share_where(asked_by_form(facts, window), facts.visits.looked_before)


@measure(
    "M11",
    _("Visits for each person asking"),
    _("Visits that searched or read, for each different person whose request came in."),
    unit="to-one",
)
def self_service_ratio(facts, window):
    all_visits = visits(facts, window)
    asked = [asked for asked in facts.visits.asked if asked.at in window]
    people = list({one.customer_id: one for one in asked}.values())
    return Figure(
        len(all_visits) / len(people) if people else None,
        all_visits,
        beside=[Part("people", _("people who asked"), people)],
    )


@measure(
    "S7",
    _("Answers nobody had to write"),
    _("Visits in which an article was said to be the answer: work our team was spared."),
    unit="count",
)
def answers_spared(facts, window):
    return count([vote for vote in votes(facts, window) if vote.is_yes])


@once_a_window
def outcomes(facts, window):
    """Each visit under one of three heads, never summed: what became of it.

    Confirmed: the reader said Yes. None: a request followed, or Not yet, or the last
    search found nothing. Possible: read something, and left without a word.
    """
    said_yes = {vote.key for vote in votes(facts, window) if vote.is_yes}
    confirmed, possible, none = [], [], []
    for visit in visits(facts, window):
        asked = facts.visits.asked_after(visit.key, visit.start)
        if asked or facts.visits.said_not_yet(visit) or visit.ended_empty:
            none.append(visit)
        elif visit.key in said_yes:
            confirmed.append(visit)
        elif visit.readings:
            possible.append(visit)
        else:
            none.append(visit)
    return confirmed, possible, none


def _outcome(number, label, definition, which, better):
    @measure(number, label, definition, better=better)
    def outcome(facts, window):
        heads = outcomes(facts, window)
        return share(heads[which], of=[visit for head in heads for visit in head])

    return outcome


confirmed = _outcome(
    "D1",
    _("Answered, and said so"),
    _("Visits in which the reader said Yes and sent no request."),
    0,
    1,
)
possible = _outcome(
    "D2",
    _("Perhaps answered"),
    _("Visits that read an article and left without a word and without a request."),
    1,
    0,
)
none = _outcome(
    "D3",
    _("Not answered here"),
    _("Visits that asked us, said Not yet, ended on nothing found, or opened nothing."),
    2,
    -1,
)
