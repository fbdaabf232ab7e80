"""Pictures of figures: where each bar stands, worked out here and drawn as SVG by a template.

Each picture has its table with the same numbers, for everybody who reads rather than looks.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone
from django.utils.formats import date_format, number_format

# Up to this many days a column is a day, beyond it a week.
MOST_COLUMNS = 62
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 220, 40, 24, 8
ROW, LABEL, VALUE = 30, 230, 70


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    series: int
    title: str


@dataclass(frozen=True)
class Mark:
    """A word on an axis, and its line."""

    x: float
    y: float
    text: str


@dataclass
class Chart:
    title: str
    headers: list
    rows: list
    note: str = ""
    bars: list = field(default_factory=list)
    marks: list = field(default_factory=list)
    grid: list = field(default_factory=list)
    legend: list = field(default_factory=list)
    paths: list = field(default_factory=list)
    width: int = WIDTH
    height: int = HEIGHT
    kind: str = "columns"
    zero: float = 0

    @property
    def is_empty(self):
        return not self.bars


def columns(title, window, series, note=""):
    """Stacked columns over time; `series` is a list of (label, moments or counts by day)."""
    spans = _spans(window)
    counts = [(label, _count(spans, _by_day(series_of))) for label, series_of in series]
    rows = [
        [name, *(counted[n] for _label, counted in counts)]
        for n, (_first, _last, name) in enumerate(spans)
    ]
    chart = Chart(title, ["", *(label for label, _counted in counts)], rows, note)
    chart.legend = [(n, label) for n, (label, _counted) in enumerate(counts)]
    top = _round_up(max((sum(row[1:]) for row in rows), default=0))
    if not any(sum(row[1:]) for row in rows):
        return chart
    high, wide = HEIGHT - BOTTOM - TOP, WIDTH - LEFT
    step = wide / len(rows)
    for n, (name, *values) in enumerate(rows):
        foot = HEIGHT - BOTTOM
        for number, value in enumerate(values):
            if value:
                tall = value / top * high
                foot -= tall
                words = f"{name}, {chart.legend[number][1]}: {value}"
                chart.bars.append(
                    _bar(LEFT + n * step + step * 0.15, foot, step * 0.7, tall, number, words)
                )
    every = max(1, len(rows) // 6)
    chart.marks = [
        Mark(round(LEFT + (n + 0.5) * step, 1), HEIGHT - 6, rows[n][0])
        for n in range(0, len(rows), every)
    ]
    chart.grid = [
        Mark(LEFT - 6, round(HEIGHT - BOTTOM - part * high, 1), number_format(top * part, 0))
        for part in (0, 0.5, 1)
    ]
    return chart


def lines(title, days, series, *, text, note=""):
    """Shares over days: `series` is a list of (label, value for each day, None where unknown)."""
    rows = [
        [date_format(day, "j M"), *(text(values[n]) for _label, values in series)]
        for n, day in enumerate(days)
    ]
    chart = Chart(title, ["", *(label for label, _values in series)], rows, note, kind="lines")
    if not days:
        return chart
    chart.legend = [(n, label) for n, (label, _values) in enumerate(series)]
    high, step = HEIGHT - BOTTOM - TOP, (WIDTH - LEFT) / len(days)
    for number, (label, values) in enumerate(series):
        places = [
            (round(LEFT + (n + 0.5) * step, 1), round(HEIGHT - BOTTOM - value * high, 1), n)
            for n, value in enumerate(values)
            if value is not None
        ]
        chart.paths.append((number, " ".join(f"{x},{y}" for x, y, _n in places)))
        chart.bars += [
            Bar(x - 3, y - 3, 6, 6, number, f"{rows[n][0]}, {label}: {text(values[n])}")
            for x, y, n in places
        ]
    every = max(1, len(rows) // 6)
    chart.marks = [
        Mark(round(LEFT + (n + 0.5) * step, 1), HEIGHT - 6, rows[n][0])
        for n in range(0, len(rows), every)
    ]
    chart.grid = [
        Mark(LEFT - 6, round(HEIGHT - BOTTOM - part * high, 1), text(part)) for part in (0, 0.5, 1)
    ]
    return chart


def bars(title, rows, *, headers, text=None, note="", width=WIDTH):
    """Lying bars for named things; a value below nothing goes to the left."""
    text = text or (lambda value: number_format(value, 0))
    chart = Chart(title, headers, [[label, text(value)] for label, value in rows], note)
    chart.kind, chart.width, chart.height = "bars", width, ROW * len(rows) + TOP
    values = [value for _label, value in rows if value is not None]
    if not any(values):
        return chart
    low, high = min(0, *values, 0), max(0, *values, 0)
    room = width - LABEL - VALUE
    scale = room / (high - low)
    chart.zero = round(LABEL - low * scale, 1)
    for n, (label, value) in enumerate(rows):
        y = TOP + n * ROW
        chart.marks.append(Mark(LABEL - 10, y + ROW / 2, str(label)))
        if not value:
            continue
        start = chart.zero if value >= 0 else chart.zero + value * scale
        words = f"{label}: {text(value)}"
        series = 0 if value >= 0 else 1
        chart.bars.append(_bar(start, y + 5, max(2, abs(value) * scale), ROW - 10, series, words))
        end = start + max(2, abs(value) * scale) if value >= 0 else chart.zero
        chart.grid.append(Mark(round(end + 8, 1), y + ROW / 2, text(value)))
    return chart


def _bar(x, y, width, height, series, title):
    return Bar(round(x, 1), round(y, 1), round(width, 1), round(height, 1), series, title)


def _spans(window):
    """(first day, last day, name) of each column."""
    days = window.days
    long = 1 if len(days) <= MOST_COLUMNS else 7
    return [
        (
            days[n],
            days[min(n + long, len(days)) - 1],
            date_format(days[n], "SHORT_DATE_FORMAT" if long > 1 else "j M"),
        )
        for n in range(0, len(days), long)
    ]


def _by_day(moments):
    if isinstance(moments, dict):
        return moments
    return Counter(timezone.localtime(moment).date() for moment in moments)


def _count(spans, by_day):
    """How many fall into each column."""
    first = spans[0][0]
    long = (spans[0][1] - first).days + 1
    counted = Counter()
    for day, number in by_day.items():
        counted[(day - first) // timedelta(days=long)] += number
    return [counted[n] for n in range(len(spans))]


def _round_up(value):
    """The next number that makes a quiet axis."""
    if value <= 4:
        return 4
    size = 10 ** (len(str(int(value))) - 1)
    for step in (1, 2, 4, 5, 10):
        if value <= step * size:
            return step * size
    return value
