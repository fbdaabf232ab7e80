"""Words that are nobody's name, and names that are hardly anything else."""

import re
from pathlib import Path

_LISTS = Path(__file__).parent / "lists"
ORDINARY = frozenset((_LISTS / "ordinary_words.txt").read_text(encoding="utf-8").split())
GIVEN_NAMES = frozenset((_LISTS / "given_names.txt").read_text(encoding="utf-8").split()) - ORDINARY
_SENTENCE_START = re.compile(r"(?:^|[.!?:;•\n]\s*[\"'“(]?)\s*$")


def is_sentence_start(text, at):
    """Whether a capital at this place says nothing."""
    return _SENTENCE_START.search(text[max(0, at - 12) : at]) is not None if at else True
