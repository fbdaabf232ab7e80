"""The heads under which visits are counted; each is a list of rows with the time they belong to."""

from feedback.models import Ticket


def _searches(visits):
    return visits.searches


def _empty(visits):
    return [search for search in visits.searches if search.is_empty]


def _found(visits):
    return [search for search in visits.searches if not search.is_empty]


def _clicked(visits):
    return [search for search in _found(visits) if search.is_clicked]


def _refined(visits):
    return [search for search in visits.searches if search.is_refined]


def _became_requests(visits):
    return [search for search in visits.searches if visits.asked_after(search.key, search.at)]


def _went_well(visits):
    return [
        visit
        for visit in visits.visits
        if visit.readings
        and not visit.ended_empty
        and not visits.said_not_yet(visit)
        and not visits.asked_after(visit.key, visit.at)
    ]


def _by_form(visits):
    return [asked for asked in visits.asked if asked.channel == Ticket.Channel.FORM]


def _looked_first(visits):
    return [asked for asked in _by_form(visits) if visits.visit_before(asked)]


def _with_outcome(head):
    return lambda visits: visits.by_outcome[head]


PARTS = {
    "searches": _searches,
    "empty": _empty,
    "found": _found,
    "clicked": _clicked,
    "refined": _refined,
    "became-requests": _became_requests,
    "readings": lambda visits: visits.readings,
    "votes": lambda visits: visits.votes,
    "yes": lambda visits: [vote for vote in visits.votes if vote.is_yes],
    "visits": lambda visits: visits.visits,
    "went-well": _went_well,
    "by-form": _by_form,
    "looked-first": _looked_first,
    "confirmed": _with_outcome("confirmed"),
    "possible": _with_outcome("possible"),
    "none": _with_outcome("none"),
}
# Sums over the rows of a part.
TOTALS = {
    "reciprocal-rank": (
        "found",
        lambda search: 1 / search.first_position if search.first_position else 0,
    ),
}
