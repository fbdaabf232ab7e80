"""How long we remember. Every rule here may be run again at any time."""

from datetime import timedelta

from django.utils import timezone

from feedback import erasing, files
from feedback.models import Attachment, Draft, OutboundEmail, Ticket
from kb.models import AnswerOffer, ArticleView, SearchQuery

WORDS = timedelta(days=730)
ATTACHMENTS = timedelta(days=183)
SEARCHES = timedelta(days=396)
DRAFTS = timedelta(days=60)
AT_ONCE = 200


def run(now=None):
    """Forget everything whose time has come; how many things were forgotten."""
    now = now or timezone.now()
    return {
        "tickets": _anonymise_old_tickets(now),
        "customers": erasing.forget_customers_without_words(now, before=now - WORDS),
        "attachments": _delete_old_attachments(now),
        "searches": SearchQuery.objects.filter(at__lt=now - SEARCHES).delete()[0],
        "readings": ArticleView.objects.filter(at__lt=now - SEARCHES).delete()[0],
        "offers": AnswerOffer.objects.filter(at__lt=now - SEARCHES).delete()[0],
        "drafts": Draft.objects.filter(saved_at__lt=now - DRAFTS).delete()[0],
        "mails of no request": OutboundEmail.objects.filter(
            ticket=None, created_at__lt=now - WORDS
        ).delete()[0],
        "stray files": files.sweep(now),
    }


def first_day_of_searches(now):
    """The first day of which every search, reading and offer is still there."""
    return timezone.localdate(now - SEARCHES) + timedelta(days=1)


def _anonymise_old_tickets(now):
    old = Ticket.objects.filter(closed_at__lt=now - WORDS, anonymised_at=None, stage="closed")
    done = 0
    while pks := list(old.values_list("pk", flat=True)[:AT_ONCE]):
        done += erasing.anonymise(Ticket.objects.filter(pk__in=pks), now=now)
    return done


def _delete_old_attachments(now):
    old = Attachment.objects.filter(
        message__ticket__stage="closed", message__ticket__closed_at__lt=now - ATTACHMENTS
    )
    done = old.count()
    files.delete(old)
    return done
