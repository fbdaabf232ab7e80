"""The door through which everything customers bring comes in, whatever the channel."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from feedback import files as file_store
from feedback.models import Customer, Ticket
from feedback.workflow import move
from feedback.workflow.opening import open_ticket

REPEAT_WITHIN = timedelta(minutes=10)
ABOUT_THE_CUSTOMER = ("call_me", "phone", "preferred_channel", "preferred_detail", "preferred_time")
ABOUT_THE_TICKET = (
    "kind", "subject", "channel", "category", "order_number", "remedy_sought", "visit_key",
    "search_words", "tried_article", "may_be_quoted", "about_person", "known_issue",
)  # fmt: skip


@dataclass
class Contact:
    """Somebody brings us something: who, the words, and what they told beside them."""

    body: str
    email: str = ""
    name: str = ""
    kind: str = Ticket.Kind.QUESTION
    subject: str = ""
    channel: str = Ticket.Channel.FORM
    call_me: str = ""
    phone: str = ""
    preferred_channel: str = ""
    preferred_detail: str = ""
    preferred_time: str = ""
    language: str = ""
    category: object = None
    order_number: str = ""
    remedy_sought: str = ""
    visit_key: str = ""
    search_words: str = ""
    tried_article: object = None
    may_be_quoted: bool = False
    about_person: object = None
    known_issue: object = None


def submit(contact: Contact, *, key: str = "", files=()) -> Ticket:
    """One ticket for one submission, however often it arrives.

    `key` is the form's own; the same key leads to the same ticket, and other words under
    it are added there. Without a key, the same words from the same address within ten
    minutes are the same ticket. `files` are checked uploads; they are on the disk before
    anything is promised.
    """
    if key and _is_somebody_elses(key, contact):
        key = ""  # a key opens nothing: it only tells one's own form from itself
    stored = file_store.store(files)
    try:
        with transaction.atomic():
            customer = _customer(contact)
            ticket = _already_here(customer, contact, key)
            if ticket is None:
                fields = {name: getattr(contact, name) for name in ABOUT_THE_TICKET}
                return open_ticket(
                    customer,
                    body=contact.body,
                    files=stored,
                    submission_key=key or None,
                    **fields,
                )
    except IntegrityError:
        # The same form was quicker, between our look and our row: now it is there to be found.
        file_store.discard(stored)
        return submit(contact, key=key)
    except BaseException:
        file_store.discard(stored)
        raise
    return _same_again(ticket, contact, stored)


def _is_somebody_elses(key, contact):
    owner = Ticket.objects.filter(submission_key=key).values_list("customer__email").first()
    return owner is not None and (owner[0] or "") != contact.email.strip().casefold()


def _customer(contact):
    if not contact.email:
        return Customer.objects.create(
            name=contact.name, language=contact.language, **_preferences(contact)
        )
    customer = Customer.objects.for_address(contact.email, name=contact.name)
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    changes = _preferences(contact)
    if customer.phone:  # a number on file is changed by a person, not by whoever fills the form
        changes.pop("phone", None)
    for name in ("name", "language"):
        if getattr(contact, name) and not getattr(customer, name):
            changes[name] = getattr(contact, name)
    if changes:
        for name, value in changes.items():
            setattr(customer, name, value)
        customer.save(update_fields=list(changes))
    return customer


def _preferences(contact):
    return {n: getattr(contact, n) for n in ABOUT_THE_CUSTOMER if getattr(contact, n)}


def _already_here(customer, contact, key):
    if key:
        return Ticket.objects.filter(submission_key=key).first()
    return customer.tickets.filter(
        original_words=contact.body, received_at__gte=timezone.now() - REPEAT_WITHIN
    ).first()


def _same_again(ticket, contact, stored):
    """The same form once more. Other words under the same key are not lost: they are added."""
    if ticket.messages.filter(direction="in", body=contact.body).exists():
        file_store.discard(stored)
    else:
        move(ticket, "add_message", actor="customer", body=contact.body, files=stored)
    return ticket
