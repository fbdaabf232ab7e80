"""The manager's dashboard and the lists its figures open."""

from contextlib import suppress
from datetime import date

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import Http404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.analytics import rows as listed
from portal.analytics.export import as_csv
from portal.analytics.facts import Facts
from portal.analytics.figures import MEASURES, NotKept
from portal.analytics.sections import BY_NAME, SECTIONS, tiles
from portal.analytics.window import Window
from portal.analytics.wording import tile
from portal.audit import record

PER_PAGE = 100
EARLIEST, LATEST = 2000, 2200  # years that a portal may have seen
PRESETS = (7, 28, 90, 365)
may_view = permission_required("feedback.view_measures", raise_exception=True)
may_export = permission_required("feedback.export_data", raise_exception=True)


def asked_window(request):
    """The days asked for, or the last four weeks where none or nonsense was asked."""
    try:
        first, last = (date.fromisoformat(request.GET[name]) for name in ("from", "to"))
    except (KeyError, ValueError):
        return Window.latest()
    return Window.of_days(first, last) if EARLIEST <= first.year <= LATEST else Window.latest()


@require_safe
@may_view
def section(request, name="overview"):
    if name not in BY_NAME:
        raise Http404
    window = asked_window(request)
    facts, shown = Facts(window), BY_NAME[name]
    blocks = [
        (block.title, block.note, [tile(measure, facts) for measure in block.measures])
        for block in shown.blocks
    ]
    rear = [
        (title, meaning, tile(first, facts), tile(second, facts))
        for title, meaning, first, second in (tiles() if name == "overview" else ())
    ]
    context = {
        "title": shown.title,
        "section": shown,
        "sections": SECTIONS,
        "window": window,
        "presets": [(days, Window.latest(days)) for days in PRESETS],
        "rear": rear,
        "blocks": blocks,
        "charts": list(_drawn(shown.charts, facts, window)),
        "facts": facts,
    }
    return _page(request, "admin/measures/section.html", context)


@require_safe
@may_view
def rows(request, number):
    measure, facts, figure, found = _found(request, number)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    part = request.GET.get("part", "counted")
    headers = listed.headers(found)
    lines = listed.lines(list(page), request.user)
    context = {
        "title": measure.label,
        "measure": measure,
        "window": facts.window,
        "facts": facts,
        "part": part,
        "part_label": _part_label(figure, part),
        "total": len(found),
        "page": page,
        "headers": headers,
        "lines": [(line.url, zip(headers, line.cells, strict=True)) for line in lines],
    }
    return _page(request, "admin/measures/rows.html", context)


@require_safe
@may_view
@may_export
def export(request, number):
    measure, facts, _figure, found = _found(request, number)
    window = facts.window
    part = request.GET.get("part", "counted")
    record("export", request=request, target=f"measure {number}", part=part, rows=len(found))
    name = f"{measure.number}-{part}-{window.first:%Y%m%d}-{window.last:%Y%m%d}"
    lines = listed.lines(list(found), request.user)
    return as_csv(name, listed.headers(found), (line.cells for line in lines))


def _drawn(charts, facts, window):
    """The pictures for which there still are rows."""
    for chart in charts:
        with suppress(NotKept):
            yield chart(facts, window)


def _found(request, number):
    """The measure, its facts, and the rows of the part asked for."""
    try:
        measure = MEASURES[number]
        facts = Facts(asked_window(request))
        figure = measure(facts)
        return measure, facts, figure, figure.rows(request.GET.get("part", "counted"))
    except LookupError:
        raise Http404 from None


def _part_label(figure, part):
    if part == "of":
        return _("all that it is counted over")
    return next((beside.label for beside in figure.beside if beside.name == part), "")


def _page(request, template, context):
    request.current_app = admin.site.name
    context = admin.site.each_context(request) | {"now": timezone.now()} | context
    return TemplateResponse(request, template, context)
