"""Forgetting: what a person told us goes, what happened stays, so that figures hold.

Words, files, mails, drafts and notes go. Events keep their types, times and stages.
"""

import json
from email import message_from_bytes
from email.utils import getaddresses
from pathlib import Path

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from feedback import files, promotion
from feedback.models import (
    Attachment,
    Customer,
    Draft,
    Escalation,
    KnownIssueFollower,
    LinkRequest,
    Message,
    Note,
    OutboundEmail,
    Promise,
    SurveyResponse,
    Ticket,
    TicketEvent,
)
from feedback.workflow import move
from kb.models import AnswerOffer, ArticleView, SearchQuery

# What an event may keep: numbers and our own words, nothing anybody typed.
KEPT_OF_EVENTS = {
    "owner", "former_owner", "promise", "message", "heard", "escalation", "manager", "state",
    "kind", "former_kind", "channel", "outcome", "was_late", "knowledge", "cause", "option",
    "promises", "via", "changed", "score", "is_first", "was", "step", "of", "from", "closed_at",
}  # fmt: skip
WORDS_OF_A_TICKET = (
    "subject", "original_words", "remedy_sought", "order_number", "facts", "personal_remarks",
    "need_statement", "customer_tasks", "knowledge_reason", "visit_key", "search_words",
)  # fmt: skip


def anonymise(tickets, *, now=None):
    """Take the person out of these tickets for good."""
    now = now or timezone.now()
    pks = list(tickets.values_list("pk", flat=True))
    visits = set(tickets.exclude(visit_key="").values_list("visit_key", flat=True))
    with transaction.atomic():
        for ticket in tickets.select_related("customer", "owner"):
            promotion.forget(ticket)
        stored = _forget_words(pks, now)
        _forget_visits(visits)
    # Files go after the rows are gone for good: a file without a row is swept, never the reverse.
    files.discard_paths(stored)
    return len(pks)


def erase(customer, *, is_dry_run=False):
    """Everything this person left with us; what it was, counted by name."""
    tickets = Ticket.objects.filter(customer=customer)
    found = count(customer)
    if not is_dry_run:
        address = customer.email
        for ticket in tickets.open():
            move(ticket, "withdraw", actor="system")
        anonymise(tickets)
        with transaction.atomic():
            KnownIssueFollower.objects.filter(customer=customer).delete()
            OutboundEmail.objects.filter(to__iexact=address or "").delete()
            LinkRequest.objects.filter(email=address or "").delete()
            _forget_customer(customer)
        _remove_mail_files(address)
        _take_samples_anew()
        _empty_the_log()
    return found


def count(customer):
    of_theirs = {"ticket__customer": customer}
    address = customer.email or ""
    return {
        "tickets": customer.tickets.count(),
        "messages": Message.objects.filter(**of_theirs).count(),
        "notes": Note.objects.filter(**of_theirs).count(),
        "attachments": Attachment.objects.filter(message__ticket__customer=customer).count(),
        "drafts": Draft.objects.filter(**of_theirs).count(),
        "mails": OutboundEmail.objects.filter(to__iexact=address).count(),
        "mail files": len(list(_mail_files(address))),
        "survey answers": SurveyResponse.objects.filter(**of_theirs).count(),
        "followed issues": KnownIssueFollower.objects.filter(customer=customer).count(),
    }


def forget_customers_without_words(now, before):
    """Whoever has only anonymised tickets is forgotten too, or has only followed a trouble."""
    known = Customer.objects.filter(anonymised_at=None)
    silent = known.filter(tickets__isnull=False).exclude(tickets__anonymised_at=None).distinct()
    followers = known.filter(tickets=None, created_at__lt=before)
    done = 0
    for customer in [*silent, *followers]:
        KnownIssueFollower.objects.filter(customer=customer).delete()
        _forget_customer(customer, now)
        done += 1
    if done:
        _take_samples_anew()
    return done


def _forget_words(pks, now):
    of_theirs = {"ticket__in": pks}
    stored = list(Attachment.objects.filter(message__ticket__in=pks).values_list("file", flat=True))
    Attachment.objects.filter(message__ticket__in=pks).delete()
    Note.objects.filter(**of_theirs).delete()
    Draft.objects.filter(**of_theirs).delete()
    # `update` on purpose: these rows may not change by any other way.
    Message.objects.filter(**of_theirs).update(body="", choices=None)
    for message in Message.objects.filter(**of_theirs).exclude(tone_report=None):
        message.tone_report = [{**hit, "words": ""} for hit in message.tone_report]
        message.save(update_fields=["tone_report"])
    Promise.objects.filter(**of_theirs).update(what="", reason="", steps=[])
    Escalation.objects.filter(**of_theirs).update(tried="", outcome="")
    SurveyResponse.objects.filter(**of_theirs).update(comment="")
    OutboundEmail.objects.filter(**of_theirs).update(
        to="", subject="", text="", html="", last_error=""
    )
    OutboundEmail.objects.filter(**of_theirs, state=OutboundEmail.State.QUEUED).update(
        state=OutboundEmail.State.FAILED
    )
    for event in TicketEvent.objects.filter(**of_theirs).exclude(data={}):
        event.data = {k: v for k, v in event.data.items() if k in KEPT_OF_EVENTS}
        event.save(update_fields=["data"])
    Ticket.objects.filter(pk__in=pks).update(
        **dict.fromkeys(WORDS_OF_A_TICKET, ""),
        feeling=Ticket.Feeling.CALM,
        tried_article=None,
        submission_key=None,
        may_be_quoted=False,
        link_version=F("link_version") + 1,
        anonymised_at=now,
    )
    return stored


def _forget_visits(visits):
    """The searches and readings of their visits, and the journal lines not yet read."""
    SearchQuery.objects.filter(visit_key__in=visits).update(text="", normalised="", visit_key="")
    ArticleView.objects.filter(visit_key__in=visits).update(visit_key="")
    AnswerOffer.objects.filter(visit_key__in=visits).update(visit_key="")
    for path in Path(settings.JOURNAL_DIR).glob("*.jsonl") if visits else ():
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
        kept = [line for line in lines if _visit_of(line) not in visits]
        if len(kept) < len(lines):
            path.write_text("".join(kept), encoding="utf-8")


def _visit_of(line):
    try:
        return json.loads(line).get("visit")
    except (ValueError, AttributeError):
        return None


def _forget_customer(customer, now=None):
    customer.name = customer.call_me = customer.phone = ""
    customer.preferred_time = customer.language = ""
    customer.email = None
    customer.anonymised_at = now or timezone.now()
    customer.save()
    # The admin notes by name whose row an administrator changed.
    rows = ContentType.objects.get_for_model(Customer).logentry_set
    rows.filter(object_id=str(customer.pk)).update(object_repr="")


def _mail_files(address):
    """Mails written to the folder of a first look, addressed to this person."""
    folder = Path(settings.MAIL_DIR)
    for path in folder.glob("*.eml") if address else ():
        to = message_from_bytes(path.read_bytes()).get_all("To", [])
        if address.casefold() in {found.casefold() for _name, found in getaddresses(to)}:
            yield path


def _take_samples_anew():
    """Databases plan by samples of what stands in their columns: addresses, too."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _empty_the_log():
    """SQLite's write-ahead log holds what rows said before; it is cut to nothing."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _remove_mail_files(address):
    for path in list(_mail_files(address)):
        path.unlink(missing_ok=True)
