"""What the measures are counted from: each kind of row is read once, when first asked for."""

from functools import cached_property
from itertools import product

from django.contrib.auth import get_user_model
from django.db.models import Count, Q
from django.utils import timezone

from feedback.models import OutboundEmail, SurveyFactor
from feedback.retention import first_day_of_searches
from kb.models import Category
from portal.analytics import knowledge, pledges, satisfaction
from portal.analytics.cases import Cases, held_now
from portal.analytics.days import CountedRows, Days
from portal.analytics.figures import NotKept
from portal.analytics.flow import MATURITY
from portal.analytics.parts import PARTS
from portal.analytics.visits import Visits, empty_searches, last_votes, read_offers
from portal.analytics.window import Window
from portal.analytics.worktime import WorkTime
from portal.models import Probe

PROBES = {"all": Q(), "fine": Q(silent=""), "silent": ~Q(silent="")}


class Facts:
    """Everything about a window and the one before it, in a fixed number of queries."""

    def __init__(self, window, *, now=None, calendar=None):
        self.window = window
        self.now = now or timezone.now()
        self.kept_from = first_day_of_searches(self.now)
        self.start = window.before.start
        self.end = window.end
        self.found = {}
        self._calendar = calendar

    @cached_property
    def days(self):
        return Days(self.window, self.kept_from)

    @property
    def kept_at(self):
        """When the past days of visits were counted, if this page has looked at any."""
        return self.days.kept_at if "days" in self.__dict__ else None

    def part(self, name, window):
        """The rows of visits under one head; read only when they are looked at."""
        return CountedRows(self.total(name, window), lambda: self._rows(name, window))

    def total(self, name, window):
        return sum(self.days.of(name, window).values())

    def _rows(self, name, window):
        return [row for row in PARTS[name](self._visits(window)) if row.at in window]

    def _visits(self, window):
        if window not in self.found:
            self.found[window] = Visits(window)
        return self.found[window]

    @cached_property
    def votes(self):
        return last_votes(Window(self.start, self.end))

    @property
    def is_kept(self):
        """Whether every search, reading, offer and probe of the window can still be shown."""
        return self.window.first >= self.kept_from

    def offers(self, window):
        return self._of(window, self._offers)

    def empty_searches(self, window):
        return self._of(window, self._empty_searches)

    @cached_property
    def _offers(self):
        return read_offers(self.start, self.end)

    @cached_property
    def _empty_searches(self):
        return empty_searches(Window(self.start, self.end))

    def _of(self, window, traces):
        self._must_be_kept(window)
        return [trace for trace in traces if trace.at in window]

    def _must_be_kept(self, window):
        if window.first < self.kept_from:
            raise NotKept

    @cached_property
    def cases(self):
        return Cases(self.start - MATURITY, self.end)

    @cached_property
    def held(self):
        return held_now()

    @cached_property
    def work(self):
        """Business time from the first moment any of these tickets knows."""
        moments = [case.received_at for case in self.cases.all]
        moments += [pledge.due_at for pledge in self.pledges]
        return WorkTime(min([self.start, *moments]), max(self.end, self.now), self._calendar)

    @cached_property
    def acknowledged(self):
        """When each ticket's acknowledgement was handed to mail."""
        sent = OutboundEmail.objects.filter(
            kind="acknowledgement",
            ticket__received_at__gte=self.start,
            ticket__received_at__lt=self.end,
            sent_at__isnull=False,
        )
        return dict(sent.values_list("ticket_id", "sent_at"))

    @cached_property
    def pledges(self):
        return pledges.read_pledges(self.start, self.end)

    @cached_property
    def answers(self):
        return satisfaction.read_answers(self.start, self.end)

    @cached_property
    def factors(self):
        return satisfaction.read_factors(self.start, self.end)

    @cached_property
    def survey_factors(self):
        return list(SurveyFactor.objects.all())

    @cached_property
    def escalations(self):
        return satisfaction.read_escalations(self.start, self.end)

    @cached_property
    def links(self):
        return knowledge.read_links(self.start, self.end)

    @cached_property
    def pages(self):
        return knowledge.read_pages()

    @cached_property
    def open_flags(self):
        return knowledge.read_open_flags()

    @cached_property
    def gaps(self):
        return knowledge.read_gaps()

    @cached_property
    def gap_words(self):
        return knowledge.read_gap_words()

    @cached_property
    def redactions(self):
        return knowledge.read_redactions(self.start, self.end)

    @cached_property
    def refusals(self):
        return knowledge.read_refusals(self.start, self.end)

    def probes(self, head, window):
        """A month has forty thousand of them: counted here, and read when looked at."""
        self._must_be_kept(window)
        rows = Probe.objects.filter(PROBES[head] & _in(window)).order_by("at")
        return CountedRows(self._probed[head, window], lambda: list(rows))

    @cached_property
    def _probed(self):
        """Every head in both windows, counted in one query."""
        keys = list(product(PROBES, (self.window, self.window.before)))
        counts = [Count("pk", filter=PROBES[head] & _in(window)) for head, window in keys]
        rows = Probe.objects.filter(at__gte=self.start, at__lt=self.end)
        numbered = {f"n{n}": count for n, count in enumerate(counts)}
        return dict(zip(keys, rows.aggregate(**numbered).values(), strict=True))

    @cached_property
    def promotions(self):
        return knowledge.read_promotions(self.start, self.end)

    @cached_property
    def categories(self):
        """Shelves by number, in their order."""
        return dict(Category.objects.values_list("pk", "name"))

    @cached_property
    def names(self):
        """Colleagues by number, by the name customers read."""
        return {user.pk: user.get_short_name() for user in get_user_model().objects.all()}


def _in(window):
    return Q(at__gte=window.start, at__lt=window.end)
