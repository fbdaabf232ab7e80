"""Looking through a text, and blotting out what was found."""

import hashlib
from bisect import bisect_left
from dataclasses import replace

from django.core.cache import cache

from kb.models.privacy import SHAPES, NumberShape, PublicValue
from kb.privacy import hints, known, numbers, patterns, uncased
from kb.privacy.finding import Kind, Severity
from kb.privacy.plain import Plain

# Raised whenever what the finders find changes; older reports are then looked at again.
VERSION = "3"
_public_value_sources = []
# In a search log these stay: they say what was wanted and point at nobody.
HARMLESS_IN_SEARCHES = frozenset({Kind.AMOUNT, Kind.DATE})
BLOT = "…"
# A blot may bring words together that then say something new: a few times in what people write,
# and hundreds of times in what was made to keep us busy, of which nothing stays.
ROUNDS = 8


def add_public_values(source):
    """Let `source()`, an iterable of strings, name values that everybody may know."""
    _public_value_sources.append(source)


def pattern_version():
    """Names the state of all patterns, the company's own included."""
    shapes = "\n".join(_shapes())
    return f"{VERSION}-{hashlib.sha256(shapes.encode()).hexdigest()[:8]}"


def scan(fields, known_values=(), public=None):
    """Every hit in these fields (a mapping of name to plain text), in reading order.

    Whoever reads many texts brings the `public_values` along, asked for once.
    """
    finders = [known.finder(value) for value in known_values]
    public = public_values() if public is None else public
    vocabulary = hints.vocabulary_of(fields.values())
    return [
        replace(hit, field=name)
        for name, text in fields.items()
        if text
        for hit in _scan_text(text, finders, public, vocabulary)
    ]


def mask(text, known_values=(), *, keep=HARMLESS_IN_SEARCHES):
    """The same text with everything that may name a person blotted out, but for these kinds."""
    if not text:
        return text
    finders = [known.finder(value) for value in known_values]
    for _round in range(ROUNDS):
        hits = _to_blot(text, finders, keep)
        if not hits:
            return text
        for hit in reversed(hits):
            text = text[: hit.start] + BLOT + text[hit.end :]
    return BLOT


def _to_blot(text, finders, keep):
    """What is left to blot."""
    hits = _scan_text(text, finders, public=(), vocabulary=hints.Vocabulary())
    return [hit for hit in hits if hit.kind not in keep and hit.words != BLOT]


def _scan_text(text, finders, public, vocabulary):
    plain = Plain.of(text)
    found = _known(plain.text, finders) if finders else []
    found += patterns.find(plain.text, shapes=_shapes())
    found += numbers.find(plain.text)
    found += hints.find(plain.text, vocabulary)
    found += uncased.find(plain.text)
    standing = _settle([hit for hit in found if _squeeze(hit.words) not in public])
    return [_as_written(hit, text, *plain.place(hit.start, hit.end)) for hit in standing]


def _known(text, finders):
    folded = Plain(text).folded()
    return [hit for find in finders for hit in find(text, folded)]


def _as_written(hit, text, start, end):
    return replace(hit, start=start, end=end, words=text[start:end])


def _settle(hits):
    """Where hits overlap the gravest one stands, then the longest; in reading order."""
    standing = []
    for hit in sorted(hits, key=lambda h: (h.severity != Severity.BLOCK, h.start - h.end)):
        place = bisect_left(standing, hit.start, key=lambda other: other.start)
        is_free_before = place == 0 or standing[place - 1].end <= hit.start
        is_free_after = place == len(standing) or standing[place].start >= hit.end
        if is_free_before and is_free_after:
            standing.insert(place, hit)
    return standing


def _squeeze(value):
    """A value without the ways of writing it: case, spaces, and the marks between digits."""
    return "".join(c for c in value.casefold() if c.isalnum() or c in "@+")


def _shapes():
    return cache.get_or_set(
        SHAPES,
        lambda: [
            shape.pattern for shape in NumberShape.objects.filter(is_active=True).order_by("pk")
        ],
        60,
    )


def public_values():
    """What everybody may know, without the ways of writing it."""
    values = list(PublicValue.objects.values_list("value", flat=True))
    values += [value for source in _public_value_sources for value in source()]
    return {_squeeze(value) for value in values}
