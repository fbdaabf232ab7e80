"""Figures in words: with their unit, their number, and how they moved."""

import math
from dataclasses import dataclass

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.analytics.figures import FEW

LONG = 10
DASH = "\N{EN DASH}"


def value_text(value, unit):
    """A value as people say it; a dash where there is none."""
    if value is None:
        return DASH
    return UNITS[unit](value)


def _percent(value):
    """Nearly all is not all, and hardly any is not none."""
    nearly = 0.995 <= value < 1 or 0 < value < 0.005
    shown = math.floor(1000 * value) / 10 or 0.1
    return f"{number_format(shown, 1) if nearly else number_format(100 * value, 0)}%"


def _minutes(value):
    hours, minutes = divmod(round(value), 60)
    if not hours:
        return ngettext("%(n)s min", "%(n)s min", minutes) % {"n": minutes}
    if not minutes:
        return _("%(h)s h") % {"h": number_format(hours, 0)}
    return _("%(h)s h %(m)s min") % {"h": number_format(hours, 0), "m": minutes}


UNITS = {
    "percent": _percent,
    "count": lambda value: number_format(value, 0, force_grouping=True),
    "number": lambda value: number_format(value, 0 if value == int(value) else 1),
    "ratio": lambda value: number_format(value, 2),
    "net": lambda value: f"{'+' if value > 0 else ''}{number_format(value, 2)}",
    "minutes": _minutes,
    "hours": lambda value: _("%(h)s h") % {"h": number_format(value, 1)},
    "to-one": lambda value: f"{number_format(value, 1)} : 1",
}


@dataclass(frozen=True)
class Link:
    text: str
    url: str


@dataclass(frozen=True)
class Tile:
    """One figure on the page, ready to be read."""

    measure: object
    figure: object
    before: object
    window: object

    @property
    def is_too_few(self):
        """So few people that a percentage would point at them, or at chance."""
        return (
            self.measure.is_about_people
            and self.measure.unit == "percent"
            and (0 < self.figure.n < FEW)
        )

    @property
    def value(self):
        if self.is_too_few:
            return _("%(n)s so far") % {"n": self.figure.n}
        return value_text(self.figure.value, self.measure.unit)

    @property
    def links(self):
        """The rows behind it: what was counted, and of how many."""
        counted = Link(number_format(len(self.figure.counted), 0), self.url())
        if self.figure.of is None:
            return [counted]
        return [counted, Link(number_format(len(self.figure.of), 0), self.url("of"))]

    @property
    def beside(self):
        """(label, value, number of rows, address) of what stands beside it."""
        shown = []
        for part in self.figure.beside:
            few = self.measure.is_about_people and part.unit in ("percent", "net")
            value = part.value
            if few and 0 < len(part.rows) < FEW:
                value = None
            if not part.rows and (value is None or part.unit == "count"):
                continue
            text = "" if part.unit == "count" else value_text(value, part.unit)
            shown.append((part.label, text, len(part.rows), self.url(part.name)))
        return shown

    @property
    def is_long(self):
        """So much stands beside it that it wants the whole width."""
        return len(self.beside) > LONG

    def url(self, part="counted"):
        address = reverse("measures:rows", args=[self.measure.number])
        return f"{address}?{self.window.query}&part={part}"

    @property
    def _was_too_few(self):
        return self.measure.is_about_people and 0 < self.before.n < FEW

    @property
    def before_text(self):
        if self._was_too_few:
            return DASH
        return value_text(self.before.value, self.measure.unit)

    @property
    def direction(self):
        """1 up, -1 down, 0 as it was, None where there is nothing to compare."""
        now, then = self.figure.value, self.before.value
        if now is None or then is None or self.is_too_few or self._was_too_few:
            return None
        return (now > then) - (now < then)

    @property
    def mood(self):
        return {1: "good", -1: "bad", 0: "even"}[(self.direction or 0) * self.measure.better]

    @property
    def change_text(self):
        """Up or down, and whether that is good news; never by colour alone."""
        words = {
            (1, "good"): _("up, good"),
            (-1, "good"): _("down, good"),
            (1, "bad"): _("up, watch it"),
            (-1, "bad"): _("down, watch it"),
            (1, "even"): _("up"),
            (-1, "even"): _("down"),
            (0, "even"): _("as before"),
        }
        return words.get((self.direction, self.mood), _("nothing to compare with"))

    @property
    def arrow(self):
        return {1: "▲", -1: "▼"}.get(self.direction, "■")


def tile(measure, facts):
    before = None if measure.is_of_today else measure(facts, facts.window.before)
    return Tile(measure, measure(facts), before, facts.window)
