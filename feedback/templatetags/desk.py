"""How the desk says times and what comes next."""

import re
from datetime import timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback.models import Ticket
from kb import markup

register = template.Library()

SOON = timedelta(hours=4)
_EMPTY_CELL = re.compile(r"<t[dh][^>]*>\s*-?\s*</t[dh]>")

NEXT_STEPS = {
    Ticket.Stage.GREETING: gettext_lazy("Take it on"),
    Ticket.Stage.UNDERSTANDING: gettext_lazy("Say what you understood"),
    Ticket.Stage.AGREEING: gettext_lazy("Send the plan"),
    Ticket.Stage.DELIVERING: gettext_lazy("Do what was promised"),
    Ticket.Stage.CLOSING: gettext_lazy("Asked whether it is settled"),
    Ticket.Stage.CLOSED: gettext_lazy("Closed"),
}


@register.filter
def by_when(moment):
    """A time as one says it: today 14:30, tomorrow 9:00, Tue 24 Nov 12:00."""
    if moment is None:
        return ""
    moment = timezone.localtime(moment)
    days = (moment.date() - timezone.localdate()).days
    clock = date_format(moment, "H:i")
    if days in (-1, 0, 1):
        day = {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}[days]
    elif moment.year == timezone.localdate().year:
        day = date_format(moment, "D j M")
    else:
        day = date_format(moment, "j M Y")
    return f"{day} {clock}"


@register.filter
def urgency(moment):
    """late, soon or later: the class that colours a time."""
    if moment is None:
        return ""
    left = moment - timezone.now()
    return "late" if left < timedelta(0) else "soon" if left < SOON else "later"


@register.filter
def next_step(ticket):
    """What somebody has to do now."""
    if not ticket.is_open:
        return ticket.get_outcome_display()
    if ticket.waiting_on == Ticket.WaitingOn.MANAGER:
        return _("A manager writes")
    if ticket.owner_id is None:
        return NEXT_STEPS[Ticket.Stage.GREETING]
    if ticket.waiting_on == Ticket.WaitingOn.CUSTOMER:
        return _("The customer answers")
    return NEXT_STEPS[ticket.stage]


@register.filter
def stage_number(ticket):
    """1 to 5 for the five dots; 5 when closed."""
    return min(list(Ticket.Stage).index(Ticket.Stage(ticket.stage)) + 1, 5)


@register.filter
def labelled(cells, headers):
    """The cells of a list's row, as Django made them, each with the name of its column.

    Where a row is a card, the name stands before the value, and what is empty stays away.
    """
    for cell, header in zip(cells, headers, strict=False):
        if "action-checkbox" in cell:
            yield cell
            continue
        is_empty = _EMPTY_CELL.fullmatch(cell)
        said = format_html(' data-label="{}"', "" if is_empty else capfirst(header["text"]))
        yield markup.safe(cell[:3] + said + cell[3:])
