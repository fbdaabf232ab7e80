"""Visits, put together again from the traces readers leave.

A visit is what one visit key did without a pause of more than half an hour. The
key lives for one day, so nobody is followed from day to day, and no visit is
longer than a day.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import groupby, pairwise
from operator import attrgetter

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from feedback.models import Ticket
from kb.models import AnswerOffer, ArticleView, HelpfulVote, SearchQuery
from portal.analytics.cases import NOT_COUNTED
from portal.analytics.window import Window

PAUSE = timedelta(minutes=30)
REFINES_WITHIN = timedelta(minutes=2)
ASKS_WITHIN = timedelta(hours=24)


@dataclass(slots=True, eq=False)
class Typed:
    """One search as it was sent."""

    pk: int
    key: str
    at: datetime
    words: str
    results: int
    position: int | None
    clicked_at: datetime | None

    @property
    def is_clicked(self):
        return bool(self.position or self.clicked_at)

    @property
    def opened_at(self):
        return self.clicked_at or self.at


TYPED = (
    *("pk", "visit_key", "at", "normalised"),
    *("results_count", "clicked_position", "clicked_at"),
)


@dataclass(slots=True, eq=False)
class Reading:
    pk: int
    key: str
    at: datetime
    article_id: int


READ = ("pk", "visit_key", "at", "article_id")


@dataclass(slots=True, eq=False)
class Vote:
    pk: int
    key: str
    at: datetime
    article_id: int
    is_yes: bool


@dataclass(slots=True, eq=False)
class Offer:
    """A form that was begun and offered answers."""

    pk: int
    key: str
    at: datetime
    was_taken: bool


@dataclass(slots=True, eq=False)
class Asked:
    """A ticket, as far as the visit before it is concerned."""

    pk: int
    key: str
    at: datetime
    channel: str
    customer_id: int


@dataclass(slots=True, eq=False)
class Search:
    """The same words in one visit count once, however often they were sent."""

    typed: list[Typed]
    is_refined: bool = False

    @property
    def pk(self):
        return self.typed[0].pk

    @property
    def key(self):
        return self.typed[0].key

    @property
    def at(self):
        return self.typed[0].at

    @property
    def words(self):
        return self.typed[0].words

    @property
    def is_empty(self):
        return self.typed[0].results == 0

    @property
    def is_clicked(self):
        return any(typed.is_clicked for typed in self.typed)

    @property
    def first_position(self):
        """Where the result stood that was opened first; None where nobody knows, or none was."""
        clicked = [typed for typed in self.typed if typed.is_clicked]
        return min(clicked, key=attrgetter("opened_at")).position if clicked else None


@dataclass(slots=True, eq=False)
class Visit:
    key: str
    touches: list
    searches: list[Search] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)

    @property
    def pk(self):
        """A visit has no row of its own; its first trace stands for it."""
        return self.touches[0].pk

    @property
    def at(self):
        return self.touches[0].at

    @property
    def end(self):
        return self.touches[-1].at

    @property
    def ended_empty(self):
        typed = [t for t in self.touches if isinstance(t, Typed)]
        return bool(typed) and typed[-1].results == 0


class Visits:
    """All visits of some stretches of days, with the votes and tickets that followed from them.

    However many stretches, the database is asked four times.
    """

    def __init__(self, *windows):
        self.typed = _read_searches(windows)
        self.readings = _read_readings(windows)
        self.votes = last_votes(*windows)
        asked = _read_asked([Window(one.start, one.end + ASKS_WITHIN) for one in windows])
        self.asked = [one for one in asked if any(one.at in window for window in windows)]
        self._asked_by_key = _by_key(asked)
        self.visits = list(_put_together(self.typed, self.readings))
        self.searches = [search for visit in self.visits for search in visit.searches]
        self._visits_by_key = _by_key(self.visits)
        self._said = defaultdict(set)
        for vote in self.votes:
            self._said[self.visit_before(vote)].add(vote.is_yes)

    def asked_after(self, key, moment):
        """Did this visit send a request within a day of that moment?"""
        return any(
            moment <= asked.at <= moment + ASKS_WITHIN for asked in self._asked_by_key.get(key, ())
        )

    def visit_before(self, row):
        """The visit out of which somebody voted or asked, however long they thought; or None."""
        begun = [visit for visit in self._visits_by_key.get(row.key, ()) if visit.at <= row.at]
        return begun[-1] if begun else None

    def said_yes(self, visit):
        return True in self._said.get(visit, ())

    def said_not_yet(self, visit):
        return False in self._said.get(visit, ())

    @cached_property
    def by_outcome(self):
        """Each visit under exactly one of three heads."""
        found = {"confirmed": [], "possible": [], "none": []}
        for visit in self.visits:
            found[self._outcome(visit)].append(visit)
        return found

    def _outcome(self, visit):
        """Confirmed: the reader said Yes. None: a request followed, or Not yet, or the last
        search found nothing, or nothing was opened. Possible: read something, and left
        without a word.
        """
        if visit.ended_empty or self.said_not_yet(visit) or self.asked_after(visit.key, visit.at):
            return "none"
        if self.said_yes(visit):
            return "confirmed"
        return "possible" if visit.readings else "none"


def _within(windows, field="at"):
    """In any of the windows; nothing is, where there are none."""
    found = Q(pk__in=[])
    for window in windows:
        found |= Q(**{f"{field}__gte": window.start, f"{field}__lt": window.end})
    return found


def _read_searches(windows):
    rows = SearchQuery.objects.filter(_within(windows), audience="public")
    return [Typed(*row) for row in rows.values_list(*TYPED)]


def _read_readings(windows):
    rows = ArticleView.objects.filter(_within(windows))
    return [Reading(*row) for row in rows.values_list(*READ)]


def empty_searches(window):
    """Searches that found nothing, read without the visits in which all was found."""
    empty = SearchQuery.objects.filter(_within([window]), results_count=0).values("visit_key")
    of_them = _within([window]) & Q(visit_key__in=empty)
    typed = SearchQuery.objects.filter(of_them, audience="public").values_list(*TYPED)
    readings = ArticleView.objects.filter(of_them).values_list(*READ)
    visits = _put_together([Typed(*row) for row in typed], [Reading(*row) for row in readings])
    return [search for visit in visits for search in visit.searches if search.is_empty]


def read_offers(start, end):
    """Forms that offered answers; one was taken where no request of the visit followed."""
    asked = Ticket.objects.exclude(outcome__in=NOT_COUNTED).filter(
        visit_key=OuterRef("visit_key"),
        received_at__gte=OuterRef("at"),
        received_at__lte=OuterRef("at") + ASKS_WITHIN,
    )
    is_taken = Q(taken_at__isnull=False) & (Q(visit_key="") | ~Exists(asked))
    rows = AnswerOffer.objects.filter(at__gte=start, at__lt=end).order_by("at", "pk")
    return [Offer(*row) for row in rows.values_list("pk", "visit_key", "at", is_taken)]


def last_votes(*windows):
    """The last vote of each visit on each article; an earlier one was a change of mind."""
    rows = HelpfulVote.objects.filter(_within(windows)).order_by("at", "pk")
    last = {}
    for pk, key, at, article_id, value in rows.values_list(
        "pk", "visit_key", "at", "article_id", "value"
    ):
        last[key, article_id] = Vote(pk, key, at, article_id, value == HelpfulVote.Value.YES)
    return list(last.values())


def _read_asked(windows):
    rows = Ticket.objects.filter(_within(windows, "received_at"))
    rows = rows.exclude(outcome__in=NOT_COUNTED)
    return [
        Asked(*row)
        for row in rows.values_list("pk", "visit_key", "received_at", "channel", "customer_id")
    ]


def _by_key(rows):
    grouped = defaultdict(list)
    for row in rows:
        if row.key:
            grouped[row.key].append(row)
    return grouped


def _put_together(typed, readings):
    zone = timezone.get_current_timezone()
    touches = sorted([*typed, *readings], key=attrgetter("key", "at"))
    # Without a key (the database was away for a moment) each trace is a visit of its own.
    for _key, of_key in groupby(touches, key=lambda touch: touch.key or touch):
        visit = None
        for touch in of_key:
            if visit is None or touch.at - visit.end > PAUSE or _is_next_day(visit, touch, zone):
                if visit:
                    yield _finished(visit)
                visit = Visit(touch.key, [])
            visit.touches.append(touch)
        yield _finished(visit)


def _is_next_day(visit, touch, zone):
    """A key lives for one day; with a day everything counted by it ends."""
    return visit.at.astimezone(zone).date() != touch.at.astimezone(zone).date()


def _finished(visit):
    if len(visit.touches) == 1:
        (touch,) = visit.touches
        if isinstance(touch, Typed):
            visit.searches = [Search([touch])]
        else:
            visit.readings = [touch]
        return visit
    typed = [touch for touch in visit.touches if isinstance(touch, Typed)]
    visit.readings = [touch for touch in visit.touches if isinstance(touch, Reading)]
    by_words = defaultdict(list)
    for one in typed:
        by_words[one.words].append(one)
    searches = {words: Search(rows) for words, rows in by_words.items()}
    for one, following in pairwise(typed):
        if (
            following.words != one.words
            and following.at - one.at <= REFINES_WITHIN
            and not (one.is_clicked and one.opened_at <= following.at)
        ):
            searches[one.words].is_refined = True
    visit.searches = list(searches.values())
    return visit
