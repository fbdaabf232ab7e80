"""Small words for templates: icons, friendly times, an author's HTML and a customer's text."""

import re
from datetime import datetime
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from kb import markup
from kb.search.snippets import anchor

register = template.Library()

_ADDRESS = re.compile(r"(https?://[^\s<>\"']{1,2000})")
_HEADING = re.compile(r"<h([2-4])>(.*?)</h\1>", re.DOTALL)
_TRAILING = ".,;:!?)]}"


@register.simple_tag
def icon(name, label=""):
    """A drawing of static/portal/icons; hidden from listeners unless it says something new."""
    if label:
        return format_html(
            '<span class="icon icon-{}" role="img" aria-label="{}"></span>', name, label
        )
    return format_html('<span class="icon icon-{}" aria-hidden="true"></span>', name)


@register.filter
def article_html(cleaned):
    """A rich part of a revision, made safe when it was saved; its headings can be linked to.

    They go one level down, below the part's own heading.
    """
    return markup.safe(_HEADING.sub(_as_subheading, cleaned or ""))


def _as_subheading(heading):
    level, words = int(heading[1]) + 1, heading[2]
    return f'<h{level} id="{anchor(markup.to_text(words))}">{words}</h{level}>'


@register.filter
def linked(text):
    """A customer's plain text, escaped, with its web addresses made links."""
    return format_html_join("", "{}", ((_link(part),) for part in _ADDRESS.split(str(text))))


def _link(part):
    if not _ADDRESS.fullmatch(part):
        return part
    address = part.rstrip(_TRAILING)
    return format_html(
        '<a href="{0}" rel="nofollow noopener ugc">{0}</a>{1}', address, part[len(address) :]
    )


def _day(at):
    """The day as people say it, and whether it has a name of its own."""
    at, today = timezone.localtime(at), timezone.localdate()
    match (at.date() - today).days:
        case 0:
            return _("today")
        case 1:
            return _("tomorrow")
        case -1:
            return _("yesterday")
        case days if -330 < days < 330:
            return date_format(at, "l ") + date_format(at, "MONTH_DAY_FORMAT")
    return date_format(at, "DATE_FORMAT")


def _clock(at):
    return date_format(timezone.localtime(at), "TIME_FORMAT")


@register.filter
def moment(at):
    """ "today at 17:00", "Tuesday 24 November at 09:00"."""
    return _("%(day)s at %(time)s") % {"day": _day(at), "time": _clock(at)} if at else ""


@register.filter
def by_when(at):
    """ "today by 17:00": how a promise names its time."""
    return _("%(day)s by %(time)s") % {"day": _day(at), "time": _clock(at)} if at else ""


@register.filter
def stamp(at):
    """ "today, 17:00", "Wed 11 Nov, 09:45": when something happened, in few letters."""
    local = timezone.localtime(at)
    is_near = abs((local.date() - timezone.localdate()).days) <= 1
    return f"{_day(at) if is_near else date_format(local, 'D j M')}, {_clock(at)}"


@register.filter
def day(at):
    """ "today", "Tuesday 24 November"."""
    return _day(at) if at else ""


@register.filter
def clock(at):
    """ "17:00"."""
    return _clock(at) if at else ""


@register.simple_tag
def result_link(hit, words, results, place):
    """The article's address with the words and the place, by which a reading knows its search."""
    address, _hash, anchor = hit.url.partition("#")
    position = (results.page - 1) * results.per_page + place
    query = urlencode({"q": words, "pos": position})
    return f"{address}?{query}" + (f"#{anchor}" if anchor else "")


@register.simple_tag
def search_page(words, category, page, step):
    """The address of the page before or after this one of the same search."""
    query = {"q": words} | ({"category": category.slug} if category else {}) | {"page": page + step}
    return f"{reverse('portal:search')}?{urlencode(query)}"


@register.filter
def from_iso(text):
    """A moment written down as text in a plan's options."""
    return datetime.fromisoformat(text) if text else None
