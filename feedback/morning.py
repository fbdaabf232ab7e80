"""What the desk's home says: the next reply round, the lists, and the manager's morning."""

from datetime import timedelta
from urllib.parse import urlencode

from django.db.models import Count, F, Q, Value
from django.db.models.functions import Concat, Trim
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from feedback import lists
from feedback.hours import Calendar
from feedback.models import ContactChannel, Escalation, Promise, Ticket
from feedback.spikes import spikes
from kb.models import Article, ArticleFlag, Revision

ROWS = 8


def page(user):
    """Everything the home of the desk shows to this person, in a fixed number of queries."""
    now = timezone.now()
    context = {"now": now, "lists": [], "is_manager": user.has_perm("feedback.manage_ticket")}
    if user.has_perm("feedback.view_ticket"):
        next_round = Calendar.load().next_round(now)
        for_it = Q(first_replied_at=None, first_reply_due__lte=next_round)
        counted = lists.counts(user, now, waiting_for_round=for_it)
        context |= {
            "lists": [_entry(each, counted[each.name]) for each in lists.lists_for(user)],
            "open_count": counted["open"],
            "next_up": list(next_up(user)[:ROWS]),
            "next_round": next_round,
            "waiting_for_round": counted["waiting_for_round"],
        }
    context["lists"] += _knowledge(user)
    if context["is_manager"]:
        context["missing_channels"] = _missing_channels()
        context |= _managers_morning(user, now)
    return context


def next_up(user):
    """What this person should look at next: own tickets waiting for us, then nobody's."""
    ours = Q(owner=user) | Q(owner=None)
    return (
        lists.open_to(user)
        .filter(ours, waiting_on=Ticket.WaitingOn.US)
        .exclude(about_person=user)
        .select_related("customer", "owner")
        .by_urgency()
    )


def _entry(each, count):
    return {"name": each.name, "title": each.title, "count": count, "url": each.url}


def _knowledge(user):
    """Counts of the knowledge base; each opens its own list there."""
    waiting = Revision.State.SUBMITTED
    entries = [
        (
            "drafts",
            _("Drafts to review"),
            "kb.publish_article",
            Article.objects.filter(latest_revision__state=waiting),
            "admin:kb_article_changelist",
            "?todo=review",
        ),
        (
            "sent-back",
            _("Sent back to you"),
            "kb.change_article",
            Article.objects.sent_back_to(user),
            "admin:kb_article_changelist",
            "?todo=mine",
        ),
        (
            "overdue",
            _("To read again"),
            "kb.publish_article",
            Article.objects.public().filter(review_by__lt=timezone.localdate()),
            "admin:kb_article_changelist",
            "?todo=overdue",
        ),
        (
            "flags",
            _("Flags"),
            "kb.view_articleflag",
            ArticleFlag.objects.filter(state=ArticleFlag.State.OPEN),
            "admin:kb_articleflag_changelist",
            "",
        ),
    ]
    return [
        {"name": name, "title": title, "count": rows.count(), "url": reverse(url_name) + query}
        for name, title, permission, rows, url_name, query in entries
        if user.has_perm(permission)
    ]


def _managers_morning(user, now):
    visible = lists.open_to(user)
    return {
        "due_promises": list(
            Promise.objects.open()
            .filter(ticket__in=visible, due_at__lt=now + timedelta(hours=24))
            .select_related("ticket__customer", "ticket__owner")
            .order_by("due_at")[:ROWS]
        ),
        "escalations": list(
            Escalation.objects.filter(
                state__in=[Escalation.State.OPEN, Escalation.State.ACKNOWLEDGED]
            )
            .select_related("ticket__customer", "to")
            .order_by("raised_at")[:ROWS]
        ),
        "load": _load(visible),
        "spikes": spikes(now),
        "causes": _causes(now),
    }


def _load(visible):
    """Open tickets on each desk, the fullest first; for sharing work, never a ranking."""
    ours = Q(waiting_on=Ticket.WaitingOn.US)
    name = Trim(Concat("owner__first_name", Value(" "), "owner__last_name"))
    counted = (
        visible.exclude(owner=None)
        .values("owner", username=F("owner__username"), name=name)
        .annotate(open_count=Count("pk"), to_do=Count("pk", filter=ours))
        .order_by("-open_count", "owner")
    )
    return [
        row
        | {
            "open_url": _queue(owner__id__exact=row["owner"]),
            "to_do_url": _queue(owner__id__exact=row["owner"], waiting_on__exact="us"),
        }
        for row in counted
    ]


def _causes(now):
    """Why customers complained in the last seven days, as found when it was resolved."""
    since = (now - timedelta(days=7)).replace(microsecond=0)
    of_the_week = {"list": "all", "kind__exact": "complaint", "received_at__gte": since.isoformat()}
    counted = (
        Ticket.objects.filter(kind=Ticket.Kind.COMPLAINT, received_at__gte=since)
        .exclude(complaint_cause="")
        .values("complaint_cause")
        .annotate(count=Count("pk"))
        .order_by("-count")
    )
    return [
        {
            "name": row["complaint_cause"],
            "title": Ticket.Cause(row["complaint_cause"]).label,
            "count": row["count"],
            "url": _queue(complaint_cause__exact=row["complaint_cause"], **of_the_week),
        }
        for row in counted
    ]


def _queue(**narrowed):
    return f"{reverse('admin:feedback_ticket_changelist')}?{urlencode(narrowed)}"


def _missing_channels():
    """The ways to reach us that every customer page should name and does not yet."""
    kinds = ContactChannel.Kind
    wanted = [kinds.EMAIL, kinds.PHONE, kinds.POST]
    there = set(ContactChannel.objects.active().values_list("kind", flat=True))
    return [kind.label for kind in wanted if kind not in there]
