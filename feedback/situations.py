"""Which difficult situation a ticket is in, and how soon it wants attention.

The label is about the situation and never about the person: customers may read their file.
"""

import re

from feedback.models import Promise, Ticket

Situation, Priority, Kind = Ticket.Situation, Ticket.Priority, Ticket.Kind

STRONG = re.compile(
    r"\b(furious|outrag\w+|disgust\w*|unacceptable|ridiculous|appalling|terrible|horrible|"
    r"fed up|sick of|scam|rip-?off|disgrace\w*|angry|livid|never again|lawyer)\b",
    re.IGNORECASE,
)
WAITED = re.compile(
    r"\b(still waiting|been waiting|waited (?:for )?(?:weeks|days|ages)"
    r"|no (?:answer|reply|response)|nobody (?:answers|replies|has answered|has replied)"
    r"|heard nothing|any news)\b",
    re.IGNORECASE,
)
WORDS = re.compile(r"[^\W\d_]{2,}")


def sounds_upset(text):
    """Capitals, exclamation marks or strong words, as somebody writes who is upset."""
    words = WORDS.findall(text)
    shouted = sum(word.isupper() for word in words)
    return (
        (len(words) >= 4 and shouted >= len(words) / 2)
        or "!!" in text
        or text.count("!") >= 3
        or STRONG.search(text) is not None
    )


def sounds_like_waiting(text):
    return WAITED.search(text) is not None


def detect(ticket, words=""):
    """The situation a customer's words and the ledger suggest; a marked mistake stays."""
    if ticket.situation == Situation.MISTAKE:
        return Situation.MISTAKE
    if sounds_upset(words) or ticket.feeling in (Ticket.Feeling.UPSET, Ticket.Feeling.VERY_UPSET):
        return Situation.UPSET
    if sounds_like_waiting(words) or _asks_again(ticket, words) or _first_reply_is_late(ticket):
        return Situation.WAITING
    return ticket.situation


def priority(ticket):
    """Safety, then upset complaints, complaints, questions and requests, compliments.

    Having waited, or being upset about anything, raises it by one step.
    """
    if ticket.is_safety_concern:
        return Priority.SAFETY
    base = {Kind.COMPLAINT: Priority.COMPLAINT, Kind.COMPLIMENT: Priority.COMPLIMENT}.get(
        ticket.kind, Priority.NORMAL
    )
    if ticket.situation in (Situation.UPSET, Situation.WAITING):
        return Priority(min(base + 10, Priority.UPSET))
    return base


def _asks_again(ticket, words):
    """More words before our first: somebody is waiting for us."""
    return bool(words) and ticket.pk is not None and ticket.first_replied_at is None


def _first_reply_is_late(ticket):
    if ticket.pk is None or ticket.first_replied_at is not None:
        return False
    return ticket.promises.filter(
        kind=Promise.Kind.FIRST_REPLY, state__in=[Promise.State.LATE, Promise.State.KEPT_LATE]
    ).exists()
