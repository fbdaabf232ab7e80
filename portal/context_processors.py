"""What every page shows: who we are, how to reach a person, and whether we are there now."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from feedback.hours import Calendar, NeverOpen
from feedback.models import ContactChannel, Organisation


@dataclass(frozen=True)
class Presence:
    """Whether somebody is there now, and when the next answers go out."""

    is_open: bool = False
    closes_at: datetime | None = None
    opens_at: datetime | None = None
    next_round: datetime | None = None

    @classmethod
    def now(cls):
        calendar, at = Calendar.load(), timezone.now()
        try:
            return cls(
                is_open=calendar.is_open(at),
                closes_at=calendar.closes_at(at),
                opens_at=calendar.next_opening(at),
                next_round=calendar.next_round(at),
            )
        except NeverOpen:
            return cls()


def organisation(request):
    """All lazy: a page that does not show them does not fetch them."""
    return {
        "organisation": SimpleLazyObject(Organisation.get),
        "contact_channels": SimpleLazyObject(lambda: list(ContactChannel.objects.active())),
        "presence": SimpleLazyObject(Presence.now),
    }
