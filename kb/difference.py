"""Two revisions side by side: what went, what came, word by word."""

import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import zip_longest

from kb.models import Revision
from kb.privacy.readable import Readable

# Comparing words takes time with the square of their number.
MAX_WORDS = 1500


@dataclass
class Row:
    """One paragraph on both sides, each as (is_changed, words) pieces."""

    before: list = field(default_factory=list)
    after: list = field(default_factory=list)

    @property
    def is_changed(self):
        return any(changed for changed, _words in self.before + self.after)


def compare(before, after):
    """The rows of each part that either revision has, by the part's label."""
    parts = {}
    for part in Revision.PARTS:
        old, new = _paragraphs(before, part), _paragraphs(after, part)
        if old or new:
            label = Revision._meta.get_field(part).verbose_name
            parts[label] = list(_rows(old, new))
    return parts


def _paragraphs(revision, part):
    text = getattr(revision, part)
    if part in revision.RICH_PARTS:
        text = Readable(text).text
    return [line.strip() for line in text.split("\n") if line.strip()]


def _rows(old, new):
    for change, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for left, right in zip_longest(old[i1:i2], new[j1:j2], fillvalue=""):
            if change == "equal":
                yield Row([(False, left)], [(False, right)])
            else:
                yield _words(left, right)


def _words(left, right):
    old, new = re.findall(r"\s+|[^\s]+", left), re.findall(r"\s+|[^\s]+", right)
    if not old or not new or max(len(old), len(new)) > MAX_WORDS:
        return Row([(True, left)] if left else [], [(True, right)] if right else [])
    row = Row()
    for change, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        is_changed = change != "equal"
        if i1 < i2:
            row.before.append((is_changed, "".join(old[i1:i2])))
        if j1 < j2:
            row.after.append((is_changed, "".join(new[j1:j2])))
    return row
