"""The part of an answer that helps the next customer too: no greeting, no signature, no quotes."""

import re

from feedback.models import Message
from kb.privacy.words import GAP, one_of

# What a CSR wrote as the answer, the weightiest first.
ANSWERS = [Message.Type.RESOLUTION, Message.Type.FINAL, Message.Type.REPLY, Message.Type.PLAN]
_HELLO = one_of("greetings.txt")
_GREETING = re.compile(
    rf"\s*{_HELLO}\b(?:\b(?:mr|mrs|ms|dr|prof)\.|[^\n,!.:;]){{0,60}}(?:[,!.:;]+[ \t]*|[ \t]*\n|$)",
    re.I,
)
_THANKS = re.compile(
    r"\s*(?:thank you|thanks|many thanks)(?: (?:so|very) much)?"
    r"(?: for (?:your|writing|getting|asking|telling|contacting|the)\b[^\n.!]{0,80})?"
    r"(?:[ \t]*[.!,][ \t]*|[ \t]*\n|$)",
    re.I,
)
_FAREWELL = re.compile(
    rf"\n{GAP}(?:(?:with )?{one_of('farewells.txt')}|mvh|lg|vg|mfg|--)[ \t]*[,.!]?[ \t]*(?=\n|$)",
    re.I,
)
# A customer says it all in one line: "... is it still covered? Thanks, Maria"
_LAST_WORDS = re.compile(
    rf"(?<=[.!?\n]){GAP}(?:with )?{one_of('farewells.txt')}(?: in advance)?[,.!\s\u2013-]{{0,9}}"
    r"(?:[^\W\d_][\w'’.-]{0,30}\s?){0,3}\W{0,9}$",
    re.I,
)
_QUOTED_FROM = re.compile(
    r"^[ \t]*(?:on .{5,120} wrote:|am .{5,120} schrieb.*:|le .{5,120} a écrit\s?:|"
    r"-{2,} ?(?:original message|forwarded).*)[ \t]*$",
    re.I | re.M,
)
_QUOTED_LINE = re.compile(r"^[ \t]*>.*\n?", re.M)


def answer_to(ticket):
    """The message that answered this ticket: the weightiest kind, of those the latest."""
    written = ticket.messages.filter(
        direction=Message.Direction.OUT, author_kind=Message.AuthorKind.CSR, type__in=ANSWERS
    )
    return min(written, key=lambda m: (ANSWERS.index(m.type), -m.pk), default=None)


def without_frills(text, *names):
    """The text without greeting, thanks, farewell, the writer's names and what it quotes."""
    text = _QUOTED_FROM.split(text.replace("\r\n", "\n"))[0]
    text = _QUOTED_LINE.sub("", text).strip()
    text = _GREETING.sub("", text, count=1) if _GREETING.match(text) else text
    text = _THANKS.sub("", text, count=1) if _THANKS.match(text) else text
    farewells = list(_FAREWELL.finditer("\n" + text))
    if farewells:
        text = ("\n" + text)[: farewells[-1].start()]
    lines = text.strip().split("\n")
    while len(lines) > 1 and lines[-1].strip(" ,.-").casefold() in {n.casefold() for n in names}:
        lines.pop()
    return "\n".join(lines).strip()


def without_courtesies(text, *names):
    """What a customer asked, without the hello, the thanks and the name below."""
    text = without_frills(text, *names)
    return _LAST_WORDS.sub("", text).strip() or text
