"""Words that are nobody's name, and names that are hardly anything else."""

import re
from pathlib import Path

_LISTS = Path(__file__).parent / "lists"


def _read(name):
    return frozenset((_LISTS / name).read_text(encoding="utf-8").split())


# Blanks between two things. Of an endless run of them each would be tried as the first one.
GAP = r"\s{0,9}"

# What a firm's name ends with.
LEGAL_FORM = (
    r"(?:Ltd|LTD|Limited|Inc|Incorporated|LLC|LLP|PLC|plc|Corp|GmbH|mbH|AG|KG|UG|e\.K|S\.A|SA|SARL|"
    r"SAS|S\.?[rR]\.?[lL]|S\.?p\.?A|S\.?L|B\.?V|N\.?V|A/S|ApS|AB|AS|Oyj?|Kft|[sS]\.r\.o|"
    r"[sS]p\. z o\.o)"
)


def one_of(name):
    """A pattern for any phrase of a list, the longest first; capitals make no difference."""
    phrases = set((_LISTS / name).read_text(encoding="utf-8").splitlines())
    spaced = (r"\s+".join(map(re.escape, phrase.split())) for phrase in phrases)
    return f"(?i:{'|'.join(sorted(spaced, key=len, reverse=True))})"


# Names that are words or places as well: a surname must follow before they count as names.
AMBIGUOUS = _read("ambiguous_names.txt")
ORDINARY = _read("ordinary_words.txt") | AMBIGUOUS
GIVEN_NAMES = _read("given_names.txt") - ORDINARY
_SENTENCE_START = re.compile(r"(?:^|[.!?:;•\n]\s*[\"'“(]?)\s*$")


def is_sentence_start(text, at):
    """Whether a capital at this place says nothing."""
    return _SENTENCE_START.search(text[max(0, at - 12) : at]) is not None if at else True
