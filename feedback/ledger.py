"""What became of our promises: the one count for the home page and for the managers."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Count, F, Q
from django.utils import timezone

from feedback.models import Organisation, Promise, Ticket

State = Promise.State


@dataclass(frozen=True)
class Kept:
    """So many of so many promises were kept on time."""

    kept: int
    due: int


def kept_on_time(start, end, *, now=None):
    """Of the promises due in this time; released and renewed in time are left out."""
    due = (
        Promise.objects.filter(due_at__gte=start, due_at__lt=end)
        .exclude(ticket__outcome__in=[Ticket.Outcome.SPAM, Ticket.Outcome.DUPLICATE])
        .exclude(state=State.RELEASED)
        .exclude(state=State.RENEWED, done_at__lte=F("due_at"))
        .exclude(state=State.OPEN, due_at__gt=now or timezone.now())
    )
    return Kept(**due.aggregate(kept=Count("pk", filter=Q(state=State.KEPT)), due=Count("pk")))


def published(now=None):
    """Last month's count for everybody to read, if the organisation shows it and there is one."""
    if not Organisation.get().publishes_promises:
        return None
    first_of_this = timezone.localdate(now).replace(day=1)
    first_of_last = (first_of_this - timedelta(days=1)).replace(day=1)
    found = kept_on_time(_midnight(first_of_last), _midnight(first_of_this), now=now)
    return found if found.due else None


def _midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))
