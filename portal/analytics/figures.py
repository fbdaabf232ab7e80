"""A figure: its value, what it was counted over, and the rows behind it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

# Below this many people or answers a percentage would point at persons, or at chance.
FEW = 5


class NotKept(Exception):
    """The rows of so long ago are forgotten, and what is left of them would mislead."""


@dataclass(frozen=True)
class Part:
    """A second number that belongs beside the first, with its own rows."""

    name: str
    label: str
    rows: Sequence
    value: float | None = None
    unit: str = "count"

    def __post_init__(self):
        if self.value is None and self.unit == "count":
            object.__setattr__(self, "value", len(self.rows))


@dataclass(frozen=True)
class Figure:
    """What a measure found: `counted` of `of`, or a middle value over `counted`."""

    value: float | None
    counted: Sequence
    of: Sequence | None = None
    beside: Sequence[Part] = ()
    note: str = ""

    @property
    def n(self):
        return len(self.counted if self.of is None else self.of)

    def rows(self, part="counted"):
        """The rows a link on the dashboard opens; LookupError when there is no such part."""
        if part == "counted":
            return self.counted
        if part == "of" and self.of is not None:
            return self.of
        for beside in self.beside:
            if beside.name == part:
                return beside.rows
        raise LookupError(part)


@dataclass(frozen=True)
class Measure:
    """How one figure is made, and the words that explain it."""

    do_not_call_in_templates: ClassVar = True  # a template reads it, and makes none

    number: str
    label: str
    definition: str
    make: Callable
    unit: str = "percent"
    # Which direction is good news: 1 up, -1 down, 0 neither.
    better: int = 1
    is_about_people: bool = False
    # It tells how things stand now, whatever the window: there is nothing to compare it with.
    is_of_today: bool = False
    target: str = ""

    def __call__(self, facts, window=None):
        try:
            return self.make(facts, window or facts.window)
        except NotKept:
            return Figure(None, ())


MEASURES: dict[str, Measure] = {}


def measure(number, label, definition, **how):
    """Name a function as a measure of the house."""

    def register(make):
        MEASURES[number] = Measure(number, label, definition, make, **how)
        return MEASURES[number]

    return register


def once_a_window(find):
    """Several figures look at the same rows: find them once for each window of the facts."""

    @wraps(find)
    def found(facts, window):
        key = find, window
        if key not in facts.found:
            facts.found[key] = find(facts, window)
        return facts.found[key]

    return found


@dataclass
class Tally:
    """Plus and minus of one thing, for net scores and shares of causes."""

    plus: list = field(default_factory=list)
    minus: list = field(default_factory=list)
    none: list = field(default_factory=list)

    @property
    def net(self):
        said = len(self.plus) + len(self.minus)
        return (len(self.plus) - len(self.minus)) / said if said else None


def count(rows, **more):
    return Figure(len(rows), rows, **more)


def share(counted, *, of, **more):
    """So many of so many; nothing at all when there was nothing to count over."""
    return Figure(len(counted) / len(of) if of else None, counted, of, **more)


def share_where(of, test, **more):
    of = list(of)
    return share([row for row in of if test(row)], of=of, **more)


def nearest_rank(values, percent):
    """The smallest value that at least so many percent of all do not exceed."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(percent / 100 * len(ranked)) - 1)] if ranked else None


def median(values):
    return nearest_rank(values, 50)


def mean(values):
    return sum(values) / len(values) if values else None


def middle(timed, **more):
    """Median over (row, minutes) pairs, with the 90th percentile beside it."""
    rows = [row for row, _minutes in timed]
    minutes = [minutes for _row, minutes in timed]
    slow = Part("p90", _("90th percentile"), rows, nearest_rank(minutes, 90), "minutes")
    beside = (slow, *more.pop("beside", ()))
    return Figure(median(minutes), rows, beside=beside, **more)


def wilson_lower_bound(good, n, z=1.96):
    """The share one may count on with 95% confidence, after so few or so many answers."""
    if not n:
        return 0.0
    p = good / n
    centre = p + z * z / (2 * n)
    spread = z * math.sqrt((p * (1 - p) + z * z / (4 * n)) / n)
    return (centre - spread) / (1 + z * z / n)
