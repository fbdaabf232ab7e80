"""The mails we send: rows written with what they tell of, sent by the worker afterwards.

A row is leased before it is sent, so that two workers never send the same one and a
killed worker's mail is taken up again. The Message-ID is part of the row: should a
server have taken a mail without our hearing of it, the second one carries the same.
"""

import os
from datetime import timedelta
from email.utils import formataddr, make_msgid
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection as database
from django.db import transaction
from django.db.models import Q
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone, translation
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback import wording
from feedback.hours import Calendar
from feedback.models import (
    ContactChannel,
    LinkRequest,
    Message,
    Organisation,
    OutboundEmail,
    Ticket,
)

LEASE = timedelta(minutes=5)
# How long to wait after each failed try; after the last, a person must look.
BACK_OFF = [timedelta(minutes=m) for m in (1, 10, 60, 360)]
MAX_TRIES = len(BACK_OFF) + 1
LINKS_AT_ONCE = 5

Type, State = Message.Type, OutboundEmail.State

SUBJECTS = {
    Type.ACKNOWLEDGEMENT: gettext_lazy("We have your message"),
    Type.QUESTION: gettext_lazy("A question for you"),
    Type.NEED: gettext_lazy("Have we understood you right?"),
    Type.PLAN: gettext_lazy("What happens now, and when"),
    Type.REPLY: gettext_lazy("An answer for you"),
    Type.RESOLUTION: gettext_lazy("Did this settle it for you?"),
    Type.REMINDER: gettext_lazy("A short reminder"),
    Type.LATE_NOTICE: gettext_lazy("It takes longer than we said"),
    Type.ESCALATION: gettext_lazy("A manager writes to you"),
    Type.FINAL: gettext_lazy("Our answer to you"),
    Type.THANK_YOU: gettext_lazy("Thank you"),
    Type.NEWS: gettext_lazy("News about your request"),
}
ALERTS = {
    "due-soon": gettext_lazy("Due soon"),
    "late": gettext_lazy("Late"),
    "escalated": gettext_lazy("A manager is asked for"),
    "escalation-late": gettext_lazy("A manager is still waited for"),
    "runaround": gettext_lazy("Handed over again and again"),
    "safety": gettext_lazy("A safety concern"),
}

# After these a customer is asked how we did; what we never answered is not rated.
RATED = [Ticket.Outcome.SATISFIED, Ticket.Outcome.UNANSWERED, Ticket.Outcome.FINAL]


def link_to(ticket):
    """The customer's own link, whole, as a mail needs it."""
    return settings.SITE_URL + ticket.get_absolute_url()


# --- Writing rows -------------------------------------------------------------


def queue_message(ticket, message, *, now=None, is_automatic=False):
    """Tell the customer by mail what was said; nothing where we have no address."""
    customer = ticket.customer
    if not customer.email:
        return None
    with translation.override(customer.language or settings.LANGUAGE_CODE):
        promises = [p for p in message.promises.all() if p.due_at != p.done_at]
        is_question = message.type == Type.RESOLUTION or (
            message.type == Type.REMINDER and ticket.stage == ticket.Stage.CLOSING
        )
        template = "acknowledgement" if message.type == Type.ACKNOWLEDGEMENT else "message"
        context = {
            "ticket": ticket,
            "customer": customer,
            "message": message,
            "link": link_to(ticket),
            "promises": [(p.what, wording.moment(p.due_at)) for p in promises],
            "asks_whether_settled": is_question,
            "asks_for_survey": ticket.outcome in RATED and not ticket.is_safety_concern,
            "articles": _articles(ticket) if message.type == Type.RESOLUTION else [],
        }
        return queue(
            message.type,
            customer.email,
            f"{SUBJECTS[message.type]} ({ticket.reference})",
            template,
            context,
            ticket=ticket,
            message=message,
            now=now,
            is_automatic=is_automatic,
        )


def answer_link_requests():
    """Mail the links to those who wrote to us; to anybody else nothing."""
    while request := LinkRequest.objects.first():
        with transaction.atomic():
            taken, _of = LinkRequest.objects.filter(pk=request.pk).delete()
            if taken:  # by us, not by another worker
                recent = Ticket.objects.select_related("customer").order_by("-received_at")
                for ticket in recent.filter(customer__email=request.email)[:LINKS_AT_ONCE]:
                    queue_link(ticket)


def queue_link(ticket):
    """The link to their page, for somebody who has lost it."""
    with translation.override(ticket.customer.language or settings.LANGUAGE_CODE):
        return queue(
            "find-request",
            ticket.customer.email,
            _("The link to your request %s") % ticket.reference,
            "link",
            {"ticket": ticket, "customer": ticket.customer, "link": link_to(ticket)},
            ticket=ticket,
        )


def queue_alert(kind, ticket, people, *, now=None, of=None):
    """Tell colleagues what waits for them; each once for each thing."""
    for person in people:
        if person.email:
            subject = f"{ALERTS[kind]}: {ticket.reference}"
            key = f"{kind}:{of._meta.model_name}:{of.pk}:{person.pk}" if of else None
            link = f"{settings.SITE_URL}/admin/feedback/ticket/{ticket.pk}/change/"
            context = {"ticket": ticket, "person": person, "headline": subject, "link": link}
            queue(
                f"alert-{kind}",
                person.email,
                subject,
                "alert",
                context,
                ticket=ticket,
                once_key=key,
                now=now,
            )


def queue(
    kind,
    to,
    subject,
    template,
    context,
    *,
    ticket=None,
    message=None,
    once_key=None,
    now=None,
    is_automatic=False,
):
    """Write the row of one mail, in the caller's transaction; None if its key was used."""
    now = now or timezone.now()
    send_at = now
    if is_automatic and ticket is not None:
        once_key, send_at = _next_free_day(ticket, now)
    if once_key and OutboundEmail.objects.filter(once_key=once_key).exists():
        return None
    context = {**_house(), **context}
    return OutboundEmail.objects.create(
        ticket=ticket,
        message=message,
        kind=kind,
        once_key=once_key,
        to=to,
        subject=_one_line(subject),
        text=_render(f"mail/{template}.txt", context, autoescape=False).strip() + "\n",
        html=_render(f"mail/{template}.html", context, autoescape=True),
        header_id=make_msgid(domain=urlsplit(settings.SITE_URL).hostname),
        created_at=now,
        next_attempt_at=send_at,
    )


def requeue(rows):
    """Mails that were given up, to be tried again from the beginning."""
    return rows.filter(state=State.FAILED).update(
        state=State.QUEUED, attempts=0, next_attempt_at=timezone.now(), leased_until=None
    )


def _next_free_day(ticket, now):
    """One automatic mail a working day for a ticket: today, or the first day without one."""
    calendar = Calendar.load()
    send_at = now
    while True:
        day = send_at.astimezone(calendar.zone).date()
        key = f"automatic:{ticket.pk}:{day}"
        if not OutboundEmail.objects.filter(once_key=key).exists():
            return key, send_at
        send_at = calendar.next_working_day(send_at)


def _articles(ticket):
    links = ticket.article_links.filter(relation="solved-by").select_related("article")
    return [
        (link.article.title, settings.SITE_URL + link.article.get_absolute_url())
        for link in links
        if link.article.is_public
    ]


def _house():
    return {
        "organisation": Organisation.get(),
        "channels": list(ContactChannel.objects.active()),
        "site_url": settings.SITE_URL,
        "language": translation.get_language(),
    }


def _one_line(subject):
    """A header holds no line break, whoever wrote its words."""
    return "".join(c if c.isprintable() else " " for c in str(subject))[:200].strip()


def _render(name, context, *, autoescape):
    return get_template(name).template.render(Context(context, autoescape=autoescape))


# --- Sending ------------------------------------------------------------------


def send_due(limit=200):
    """Send what is due; how many left. One connection serves the whole round."""
    sent = 0
    connection = get_connection()
    try:
        for _turn in range(limit):
            row = _lease_next()
            if row is None:
                break
            sent += _deliver(row, connection)
    finally:
        connection.close()
    return sent


def _due(now):
    return (
        OutboundEmail.objects.filter(Q(leased_until=None) | Q(leased_until__lt=now))
        .filter(state=State.QUEUED, next_attempt_at__lte=now)
        .order_by("next_attempt_at", "pk")
    )


def _lease_next():
    """Take the next due row for ourselves; it counts as tried before it is."""
    now = timezone.now()
    if not _due(now).exists():  # the usual answer, and it costs no lock
        return None
    with transaction.atomic():
        row = (
            _due(now)
            .select_for_update(skip_locked=database.features.has_select_for_update_skip_locked)
            .first()
        )
        if row is None:
            return None
        if row.attempts >= MAX_TRIES:  # every earlier try died halfway
            row.state = State.FAILED
        row.attempts += 1
        row.leased_until = now + LEASE
        row.save(update_fields=["attempts", "leased_until", "state"])
    return row


def _deliver(row, connection):
    if row.state == State.FAILED:
        return False
    try:
        connection.open()
        _compose(row, connection).send()
    except (OSError, ValueError) as error:  # whatever a mail server does is an OSError
        _put_off(row, error)
        connection.close()  # whatever state it was in, the next mail begins afresh
        return False
    row.state = State.SENT
    row.sent_at = timezone.now()
    row.leased_until = None
    row.last_error = ""
    row.save(update_fields=["state", "sent_at", "leased_until", "last_error"])
    return True


def _put_off(row, error):
    row.last_error = f"{type(error).__name__}: {error}"[:2000]
    row.leased_until = None
    if row.attempts >= MAX_TRIES:
        row.state = State.FAILED
    else:
        row.next_attempt_at = timezone.now() + BACK_OFF[row.attempts - 1]
    row.save(update_fields=["state", "next_attempt_at", "leased_until", "last_error"])


def _compose(row, connection):
    headers = {"Message-ID": row.header_id}
    is_personal = row.message is not None and row.message.author_id is not None
    if not is_personal:
        headers["Auto-Submitted"] = (
            "auto-replied" if row.kind == Type.ACKNOWLEDGEMENT else "auto-generated"
        )
        headers["X-Auto-Response-Suppress"] = "All"
    thread = row.ticket and row.ticket.emails.filter(pk__lt=row.pk, to=row.to).first()
    if thread:
        headers["In-Reply-To"] = headers["References"] = thread.header_id
    mail = EmailMultiAlternatives(
        subject=row.subject,
        body=row.text,
        from_email=formataddr((Organisation.get().name, settings.DEFAULT_FROM_EMAIL)),
        to=[row.to],
        headers=headers,
        connection=connection,
    )
    if row.html:
        mail.attach_alternative(row.html, "text/html")
    return mail


class FolderBackend(BaseEmailBackend):
    """Writes one file a mail, to be opened with any mail program: what a first look uses."""

    def send_messages(self, messages):
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(parents=True, exist_ok=True)
        for message in messages:
            name = f"{timezone.now():%Y%m%d-%H%M%S-%f}-{get_random_string(6)}.eml"
            half = folder / f".{name}.part"
            half.write_bytes(message.message().as_bytes())
            os.replace(half, folder / name)
        return len(messages)
