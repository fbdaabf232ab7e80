"""Words that are nobody's name, and names that are hardly anything else."""

import re
from pathlib import Path

_LISTS = Path(__file__).parent / "lists"


def _read(name):
    return frozenset((_LISTS / name).read_text(encoding="utf-8").split())


# Names that are words or places as well: a surname must follow before they count as names.
AMBIGUOUS = _read("ambiguous_names.txt")
ORDINARY = _read("ordinary_words.txt") | AMBIGUOUS
GIVEN_NAMES = _read("given_names.txt") - ORDINARY
_SENTENCE_START = re.compile(r"(?:^|[.!?:;•\n]\s*[\"'“(]?)\s*$")


def is_sentence_start(text, at):
    """Whether a capital at this place says nothing."""
    return _SENTENCE_START.search(text[max(0, at - 12) : at]) is not None if at else True
