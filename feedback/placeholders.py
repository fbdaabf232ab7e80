"""Canned replies: gaps such as {customer_name} filled with what the ticket knows."""

import re

from django.conf import settings
from django.utils.translation import gettext as _

from feedback import mail, wording
from feedback.people import manager_for, name_of

GAP = re.compile(r"\{([a-z][a-z_]{0,40})\}")


def fill(text, ticket, by=None):
    """The text with its known gaps filled, and the names of those still open."""
    known = values(ticket, by)
    filled = GAP.sub(lambda gap: known.get(gap[1]) or gap[0], text)
    return filled, unresolved(filled)


def unresolved(text):
    """Names of the gaps left in a text, each once, in their order."""
    return list(dict.fromkeys(GAP.findall(text)))


def fill_due(text, due_at):
    """Put the promised time where the writer left {due}: the words and the ledger agree."""
    return text.replace("{due}", wording.moment(due_at))


def values(ticket, by=None):
    """What a reply may say of this ticket without anybody typing it."""
    link = ticket.article_links.select_related("article").order_by("-pk").first()
    manager = manager_for(ticket, besides=by)
    return {
        "customer_name": ticket.customer.greeting_name or _("and thank you for writing"),
        "owner_name": name_of(by or ticket.owner),
        "reference": ticket.reference,
        "subject": ticket.subject,
        "order_number": ticket.order_number,
        "need": ticket.need_statement,
        "what_you_need": ticket.need_statement,
        "manager_name": manager.get_full_name() or name_of(manager) if manager else "",
        "link": mail.link_to(ticket),
        "article_link": settings.SITE_URL + link.article.get_absolute_url() if link else "",
    }
