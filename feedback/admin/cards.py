"""Cards for difficult situations. They speak of the situation, never of the person."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from feedback.models import Ticket

Situation = Ticket.Situation


@dataclass(frozen=True)
class Card:
    title: str
    steps: tuple[str, ...]
    reminder: str = ""


CARDS = {
    Situation.WAITING: Card(
        _("Has been waiting"),
        (
            _("Apologise first, in one sentence."),
            _("Say why it took so long."),
            _("Say what is happening now."),
            _("Name the time of the next word, and keep it."),
        ),
    ),
    Situation.UPSET: Card(
        _("Upset"),
        (
            _("Say back what happened, in their words. It is not about you."),
            _("Apologise for it."),
            _("Do one thing today, and say which."),
            _("Name a time."),
        ),
        _("Would this read well if it were shared?"),
    ),
    Situation.MISTAKE: Card(
        _("We made a mistake"),
        (
            _("Own it in the first sentence: what went wrong."),
            _("Say what we do to put it right."),
            _("Say by when."),
        ),
    ),
}


def card_for(ticket):
    return CARDS.get(ticket.situation) if ticket.is_open else None
