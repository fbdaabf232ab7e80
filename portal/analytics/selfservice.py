"""Do people find their answers by themselves? M1 to M12.

Explicit, implied and form-assisted success stand side by side and are never
added up: they look at the same visits in different ways.
"""

from django.utils.translation import gettext_lazy as _

from portal.analytics.figures import Figure, Part, count, measure, share, share_where


@measure(
    "M1",
    _("Searches"),
    _("Different words searched for in a visit, first page of results, suggestions left out."),
    unit="count",
    better=0,
)
def all_searches(facts, window):
    return count(facts.part("searches", window))


@measure(
    "M2",
    _("Searches without a result"),
    _("Searches that found nothing, of all searches. Below 15% is a common rule of thumb."),
    better=-1,
)
def zero_result_rate(facts, window):
    return share(facts.part("empty", window), of=facts.part("searches", window))


@measure(
    "M3",
    _("Searches with a click"),
    _("Searches after which a result was opened, of those that found something."),
)
def click_through(facts, window):
    return share(facts.part("clicked", window), of=facts.part("found", window))


@measure(
    "M4",
    _("Rank of the first click"),
    _("Mean of 1/position of the first opened result; 0 where none was opened."),
    unit="ratio",
)
def reciprocal_rank(facts, window):
    found = facts.part("found", window)
    total = facts.total("reciprocal-rank", window)
    return Figure(total / len(found) if found else None, found)


@measure(
    "M5",
    _("Searches tried again"),
    _("Searches followed within two minutes by other words, with no result opened in between."),
    better=-1,
)
def refinement_rate(facts, window):
    return share(facts.part("refined", window), of=facts.part("searches", window))


@measure(
    "M6",
    _("Searches that became requests"),
    _("Searches whose visit sent a request within 24 hours, of all searches."),
    better=-1,
)
def search_to_ticket(facts, window):
    return share(facts.part("became-requests", window), of=facts.part("searches", window))


@measure(
    "M7",
    _("Explicit success"),
    _("Yes among the last votes of each visit on each article. Beside it, votes per reading."),
)
def explicit_success(facts, window):
    cast, readings = facts.part("votes", window), facts.part("readings", window)
    coverage = Part(
        "readings",
        _("voted on, of all readings"),
        readings,
        len(cast) / len(readings) if readings else None,
        "percent",
    )
    return share(facts.part("yes", window), of=cast, beside=[coverage])


@measure(
    "M8",
    _("Implied success"),
    _(
        "Visits that read an article, said no Not yet, sent no request within 24 hours and "
        "did not end on a search without a result, of all visits that searched or read."
    ),
)
def implied_success(facts, window):
    return share(facts.part("went-well", window), of=facts.part("visits", window))


@measure(
    "M9",
    _("Answered before sending"),
    _(
        "Forms in which “That answered it” was pressed and no request followed within 24 hours, "
        "of all forms that had been begun and offered answers."
    ),
)
def answered_before_sending(facts, window):
    return share_where(facts.offers(window), lambda offer: offer.was_taken)


@measure(
    "M10",
    _("Looked here first"),
    _("Requests by form whose visit had searched or read before, of all requests by form."),
)
def self_service_first(facts, window):
    return share(facts.part("looked-first", window), of=facts.part("by-form", window))


@measure(
    "M11",
    _("Visits for each person asking"),
    _("Visits that searched or read, for each different person whose request came in."),
    unit="to-one",
)
def self_service_ratio(facts, window):
    all_visits = facts.part("visits", window)
    received = facts.cases.received(window)
    people = list({case.customer_id: case for case in received}.values())
    return Figure(
        len(all_visits) / len(people) if people else None,
        all_visits,
        beside=[Part("people", _("people who asked"), people)],
    )


@measure(
    "M12",
    _("Availability"),
    _(
        "Probes that found all in order, of all probes: each minute the home, search, article "
        "and form pages are asked from outside. Minutes without a running worker have none."
    ),
)
def availability(facts, window):
    silent = Part("silent", _("a page was silent"), facts.probes("silent", window))
    return share(facts.probes("fine", window), of=facts.probes("all", window), beside=[silent])


@measure(
    "S7",
    _("Answers nobody had to write"),
    _("Visits in which an article was said to be the answer: work our team was spared."),
    unit="count",
)
def answers_spared(facts, window):
    return count(facts.part("yes", window))


def _outcome(number, label, definition, which, better):
    @measure(number, label, definition, better=better)
    def outcome(facts, window):
        return share(facts.part(which, window), of=facts.part("visits", window))

    return outcome


confirmed = _outcome(
    "D1",
    _("Answered, and said so"),
    _("Visits in which the reader said Yes and sent no request."),
    "confirmed",
    1,
)
possible = _outcome(
    "D2",
    _("Perhaps answered"),
    _("Visits that read an article and left without a word and without a request."),
    "possible",
    0,
)
none = _outcome(
    "D3",
    _("Not answered here"),
    _("Visits that asked us, said Not yet, ended on nothing found, or opened nothing."),
    "none",
    -1,
)
