"""The lists a CSR works from. One condition says what is in a list and how many there are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from feedback.models import Escalation, OutboundEmail, Promise, Ticket

# An acknowledgement leaves within a minute; what is younger is not yet news.
ACKNOWLEDGED_WITHIN = timedelta(seconds=60)
# The outer limit of every first reply, whatever the rounds say.
RED_AFTER = timedelta(hours=24)


@dataclass(frozen=True)
class List:
    """Some of the open tickets, under a name that also stands in the queue's address."""

    name: str
    title: str
    empty: str
    condition: Callable[[object, datetime], Q]
    is_for_managers: bool = False

    @property
    def url(self):
        return f"{reverse('admin:feedback_ticket_changelist')}?list={self.name}"

    def rows(self, user, now=None):
        return open_to(user).filter(self.condition(user, now or timezone.now()))


def open_to(user):
    return Ticket.objects.visible_to(user).open()


def _has(queryset):
    return Q(Exists(queryset.filter(ticket=OuterRef("pk"))))


def _end_of_day(now):
    return timezone.localtime(now).replace(hour=23, minute=59, second=59, microsecond=999999)


def _promised_today(user, now):
    return _has(Promise.objects.open().filter(due_at__gte=now, due_at__lte=_end_of_day(now)))


def _late(user, now):
    return _has(Promise.objects.open().filter(Q(due_at__lt=now) | Q(state=Promise.State.LATE)))


def _escalated(user, now):
    return _has(
        Escalation.objects.filter(state__in=[Escalation.State.OPEN, Escalation.State.ACKNOWLEDGED])
    )


def _not_acknowledged(user, now):
    return Q(received_at__lt=now - ACKNOWLEDGED_WITHIN) & _has(
        OutboundEmail.objects.filter(kind="acknowledgement").exclude(state=OutboundEmail.State.SENT)
    )


LISTS = [
    List(
        "unclaimed",
        _("Unclaimed"),
        _("Everybody is looked after."),
        lambda user, now: Q(owner=None),
    ),
    List(
        "mine",
        _("Mine"),
        _("Nothing of yours is open. Take the next one when you like."),
        lambda user, now: Q(owner=user) & ~Q(waiting_on=Ticket.WaitingOn.MANAGER),
    ),
    List("today", _("Promises today"), _("Nothing more is promised for today."), _promised_today),
    List("late", _("Late"), _("Every promise is on time."), _late),
    List(
        "waiting",
        _("Waiting for the customer"),
        _("No customer owes us an answer."),
        lambda user, now: Q(waiting_on=Ticket.WaitingOn.CUSTOMER),
    ),
    List("escalated", _("Escalated"), _("No manager is needed."), _escalated),
    List(
        "not-acknowledged",
        _("Not yet acknowledged"),
        _("Everybody has our acknowledgement."),
        _not_acknowledged,
    ),
    List(
        "red",
        _("No reply for 24 hours"),
        _("Everybody has heard from us within a day."),
        lambda user, now: Q(first_replied_at=None, received_at__lt=now - RED_AFTER),
        is_for_managers=True,
    ),
]
BY_NAME = {each.name: each for each in LISTS}


def lists_for(user):
    is_manager = user.has_perm("feedback.manage_ticket")
    return [each for each in LISTS if is_manager or not each.is_for_managers]


def counts(user, now=None, **more):
    """How many rows each list opens, by its name; one query for all of them.

    `more` are further conditions to be counted in the same go.
    """
    now = now or timezone.now()
    conditions = {each.name: each.condition(user, now) for each in lists_for(user)} | more
    counted = {name: Count("pk", filter=condition) for name, condition in conditions.items()}
    return open_to(user).aggregate(open=Count("pk"), **counted)
