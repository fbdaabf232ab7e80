"""What a writer should see once more before words leave for a customer.

Nothing here refuses: it shows angry words with calm ones beside them, a template that
went unchanged, a question about something we know already. The writer decides.
"""

import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback import placeholders, tone
from feedback.models import TonePair

# Every "we will" is a promise, and a promise has a date.
WE_WILL = re.compile(
    r"\b(?:I|we)(?:\s+(?:will|shall)|['’]ll|\s+(?:am|are)\s+going\s+to)\b", re.IGNORECASE
)
QUESTIONS = re.compile(
    r"[^.!?\n]*\?|(?im:^.*\b(please|could you|tell us|tell me|send us|send me)\b.*$)"
)
# What a question may ask for although we hold it: how it is asked, what it is, where it is.
KNOWN_FACTS = [
    (
        re.compile(r"\b(order|reference|invoice) (number|no\.?)\b", re.IGNORECASE),
        gettext_lazy("The order number"),
        lambda ticket: ticket.order_number,
    ),
    (
        re.compile(r"\b(telephone|phone|mobile)( number)?\b", re.IGNORECASE),
        gettext_lazy("The telephone number"),
        lambda ticket: ticket.customer.phone,
    ),
    (
        re.compile(r"\be-?mail( address)?\b", re.IGNORECASE),
        gettext_lazy("The e-mail address"),
        lambda ticket: ticket.customer.email,
    ),
    (
        re.compile(r"\b(your|full) name\b", re.IGNORECASE),
        gettext_lazy("The name"),
        lambda ticket: ticket.customer.name,
    ),
]


@dataclass
class Review:
    """Angry words found, and plain notices; empty when nothing is worth a second look."""

    hits: list = field(default_factory=list)
    notices: list = field(default_factory=list)

    @property
    def advice(self):
        """Each hit once, however often the words were said."""
        return list({hit.words.casefold(): hit for hit in reversed(self.hits)}.values())[::-1]

    @property
    def asks(self):
        """Whether somebody should look before it goes; mere advice never stops a message."""
        return bool(self.notices) or any(h.level == TonePair.Level.CONFIRM for h in self.hits)


def review(ticket, body, *, by, canned_reply=None, questions="", has_promise=False, asks=False):
    """Everything worth a second look in these words to the customer."""
    notices = [
        _unchanged(ticket, body, canned_reply, by),
        *(already_known(ticket, f"{body}\n{questions}") if asks else ()),
        _no_time(ticket, body, has_promise),
    ]
    return Review(tone.check(body), [notice for notice in notices if notice])


def already_known(ticket, text):
    """A notice for each fact that is asked for although the ticket holds it."""
    asked = "\n".join(found.group(0) for found in QUESTIONS.finditer(text))
    return [
        _("%(what)s is already known: %(value)s.") % {"what": what, "value": value_of(ticket)}
        for pattern, what, value_of in KNOWN_FACTS
        if value_of(ticket) and pattern.search(asked)
    ]


def _unchanged(ticket, body, canned_reply, by):
    if canned_reply is None:
        return ""
    filled, _open_gaps = placeholders.fill(canned_reply.body, ticket, by)
    if body.split() != filled.split():
        return ""
    return _("This is the template as it stands. Add a line that is only for %s.") % ticket.customer


def _no_time(ticket, body, has_promise):
    """Something is announced, with no date anywhere in sight."""
    if has_promise or "{due}" in body or not WE_WILL.search(body):
        return ""
    return _("Tell them when. A time builds trust: when will this be done?")


def parts(text, hits):
    """The text cut into (words, hit or None), so that a page can mark what was found."""
    pieces, at = [], 0
    for hit in sorted(hits, key=lambda hit: hit.start):
        if hit.start < at:
            continue
        pieces += [(text[at : hit.start], None), (text[hit.start : hit.end], hit)]
        at = hit.end
    return [piece for piece in [*pieces, (text[at:], None)] if piece[0]]


def with_calm_words(text, hits):
    """The text with calm wording where it may anger, for the writer to read over first."""
    angry = [hit for hit in hits if hit.level == TonePair.Level.CONFIRM]
    return "".join(_calmed(words, hit) if hit else words for words, hit in parts(text, angry))


def _calmed(words, hit):
    calm = first_calm(hit)
    return calm[:1].upper() + calm[1:] if words[:1].isupper() and calm else calm or words


def first_calm(hit):
    """The calm wording offered first."""
    return hit.calm[0] if hit.calm else ""
