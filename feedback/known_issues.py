"""Troubles many customers have at once: from the first hint to one word to all of them."""

from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from feedback import mail, people
from feedback.models import KnownIssue, Message, Ticket
from feedback.workflow import MoveRefused, move

State = KnownIssue.State


@transaction.atomic
def begin(title, tickets, *, by):
    """A draft that holds the tickets which told of the trouble."""
    issue = KnownIssue.objects.create(title=capfirst(title[:160]), text="", state=State.DRAFT)
    attach(issue, tickets, by=by)
    return issue


def attach(issue, tickets, *, by):
    """These tickets speak of this trouble; returns how many were open and are attached."""
    attached = 0
    for ticket in tickets:
        if ticket.is_open:
            move(ticket, "set_facts", by=by, known_issue=issue)
            attached += 1
    return attached


@dataclass
class Told:
    """Who got the word that it is mended, and whose ticket a person must look at."""

    answered: list = field(default_factory=list)
    written: list = field(default_factory=list)
    followers: int = 0
    left: list = field(default_factory=list)


def tell_all(issue, body, *, by, cause=Ticket.Cause.INCONVENIENCE):
    """One reply to all: each open ticket is answered, each follower gets one mail.

    A ticket that still carries a promise of its own is only written to; one that refuses
    even that is named, so that a person looks at it. May be run again: nobody hears twice.
    """
    told = Told()
    has_read = Exists(Message.objects.filter(ticket=OuterRef("pk"), direction="out", body=body))
    for ticket in _waiting(issue).exclude(has_read).order_by("pk"):
        _tell_ticket(issue, ticket, body, by, cause, told)
    heard = [ticket.customer_id for ticket in (*told.answered, *told.written)]
    issue.followers.filter(customer__in=heard, told_at=None).update(told_at=timezone.now())
    told.followers = tell_followers(issue, body)
    return told


def _waiting(issue):
    """Tickets whose customers hear of it there."""
    return issue.tickets.open().exclude(stage=Ticket.Stage.CLOSING)


def tell_followers(issue, body=""):
    """One mail to each follower who has not heard yet; returns how many there were."""
    body = body or _("It works again. Thank you for your patience.")
    return sum(_tell_follower(follower, issue, body) for follower in untold(issue))


def _tell_ticket(issue, ticket, body, by, cause, told):
    knowledge = (
        {"articles": [issue.article], "knowledge": Ticket.Knowledge.LINKED}
        if issue.article
        else {"knowledge": Ticket.Knowledge.NOT_NEEDED, "knowledge_reason": str(issue)[:200]}
    )
    answered = {"body": body, "complaint_cause": cause} | knowledge
    for name, details, heard in (
        ("answer_now", answered, told.answered),
        ("reply", {"body": body}, told.written),
    ):
        try:
            move(ticket, name, by=by, **details)
        except MoveRefused:
            continue
        heard.append(ticket)
        return
    told.left.append(ticket)


def untold(issue):
    """Followers who have not heard, less those who wait with a ticket and hear it there."""
    return (
        issue.followers.filter(told_at=None)
        .exclude(customer__tickets__in=_waiting(issue))
        .exclude(customer__email=None)
        .select_related("customer")
    )


@transaction.atomic
def _tell_follower(follower, issue, body):
    is_ours = issue.followers.filter(pk=follower.pk, told_at=None).update(told_at=timezone.now())
    if is_ours:
        customer = follower.customer
        with translation.override(customer.language or settings.LANGUAGE_CODE):
            mail.queue(
                "known-issue",
                customer.email,
                _("It is mended: %s") % issue.title,
                "known_issue",
                {"customer": customer, "issue": issue, "body": body},
                once_key=f"known-issue:{issue.pk}:{customer.pk}",
            )
    return is_ours


def close(issue):
    """The trouble is over: no banner and no promised news any more."""
    issue.state, issue.next_update_at = State.RESOLVED, None
    issue.resolved_at = issue.resolved_at or timezone.now()
    issue.save(update_fields=["state", "resolved_at", "next_update_at"])


def resolve(issue, body, *, by, **details):
    """Mended: the banner goes, and everybody it touched hears of it."""
    if issue.state != State.RESOLVED:
        close(issue)
    return tell_all(issue, body, by=by, **details)


def overdue(now=None):
    """Active ones whose next news were promised for a time that has passed."""
    return KnownIssue.objects.filter(state=State.ACTIVE, next_update_at__lt=now or timezone.now())


def watch_next_updates(now, calendar=None):
    """Like a late promise: every manager hears, once for each time that was told and passed."""
    alerted = 0
    for issue in overdue(now):
        for person in people.managers():
            row = person.email and mail.queue(
                "alert-known-issue",
                person.email,
                _("News were promised: %s") % issue.title,
                "known_issue_due",
                {
                    "person": person,
                    "issue": issue,
                    "link": f"{settings.SITE_URL}/admin/feedback/knownissue/{issue.pk}/change/",
                },
                once_key=f"known-issue-due:{issue.pk}:{issue.next_update_at.timestamp():.0f}:{person.pk}",
                now=now,
            )
            alerted += bool(row)
    return alerted
