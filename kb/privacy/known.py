"""Finding what we already know about a person, however it is written this time."""

import re

from kb.privacy.finding import Hit, Kind, Severity
from kb.privacy.words import ORDINARY, bare, is_sentence_start

_PARTICLES = {
    "de",
    "da",
    "di",
    "del",
    "der",
    "den",
    "van",
    "von",
    "la",
    "le",
    "bin",
    "al",
    "el",
    "y",
}
_GAP = r"[\s\-\u2010-\u2013_/.#()]{0,3}"
_SHARED_MAILBOXES = {
    "info",
    "mail",
    "contact",
    "office",
    "hello",
    "support",
    "sales",
    "admin",
    "help",
}


def finder(known):
    """A function from text to hits for one known value."""
    patterns = _PATTERNS[known.kind](known.value.strip()) if known.value.strip() else []
    compiled = [re.compile(pattern, re.I) for pattern in patterns]

    def find(text):
        # Accents come and go in writing, so both sides are compared without them.
        folded = bare(text)
        for pattern in compiled:
            for match in pattern.finditer(folded):
                severity = _severity(known, text, match)
                if severity:
                    yield Hit.of(known.kind, text, *match.span(), severity, known.proposal)

    return find


def _severity(known, text, match):
    """A name that is also an ordinary word is a name only where it is written like one."""
    words = text[match.start() : match.end()]
    stem = re.sub(r"['’]s?$", "", words)
    if known.kind != Kind.NAME or stem.casefold() not in ORDINARY:
        return known.kind.severity
    if stem[0].islower():
        return None
    is_first_word = stem == words and is_sentence_start(text, match.start())
    return Severity.CONFIRM if is_first_word else Severity.BLOCK


def _words(value):
    return [re.escape(part) for part in bare(value).split()]


def _phrase(value):
    spaced = r"[\s,]+".join(_words(value))
    return [rf"(?<!\w){spaced}(?:['’]s?)?(?!\w)"]


def _name(value):
    if not any(c.isascii() or c.lower() != c.upper() for c in value):
        return _uncased_name(value)
    spelled = {value, _unfold(value)}
    patterns = [pattern for form in spelled for pattern in _phrase(form)]
    for form in spelled:
        for part in re.split(r"[\s,.]+", form):
            pieces = {part, *part.split("-")}
            patterns += [
                rf"(?<!\w){re.escape(bare(piece))}(?:['’]?s|['’])?(?!\w)"
                for piece in pieces
                if len(piece) >= 2 and piece.casefold() not in _PARTICLES
            ]
    return patterns


def _uncased_name(value):
    """A script without capitals and often without spaces: the whole, its parts, a given name."""
    parts = {value, *(part for part in value.split() if len(part) >= 3)}
    if re.fullmatch(r"[\u4e00-\u9fff]{3}", value):
        parts.add(value[1:])
    return [re.escape(bare(part)) for part in parts]


def _unfold(value):
    """Müller is also written Mueller."""
    pairs = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "æ": "ae"}
    return "".join(pairs.get(c, c) for c in value.lower())


def _email(value):
    local = bare(value.split("@")[0])
    patterns = [re.escape(bare(value))]
    if len(local) >= 3 and local.casefold() not in _SHARED_MAILBOXES | ORDINARY:
        patterns.append(rf"(?<!\w){re.escape(local)}(?!\w)")
    return patterns


def _phone(value):
    digits = re.sub(r"\D", "", value).lstrip("0")
    if len(digits) < 6:
        return []
    # With or without the country's number in front: the end is what stays.
    kept = digits[-max(6, len(digits) - 3) :]
    return [rf"(?<!\d)(?:\+{_GAP})?(?:\(?\d{_GAP}){{0,7}}{_GAP.join(kept)}(?!\d)"]


def _reference(value):
    signs = [re.escape(c) for c in bare(value) if c.isalnum()]
    patterns = [rf"(?<!\w)#?{_GAP.join(signs)}(?!\w)"] if len(signs) >= 3 else []
    numbers = re.findall(r"\d{4,}", value)
    return patterns + [rf"(?<!\w)#?{number}(?!\w)" for number in numbers]


def _place(value):
    lines = [line.strip() for line in re.split(r"[,;\n]", value)]
    worthwhile = [x for x in lines if len(x) >= 4 and (re.search(r"\d", x) or len(x.split()) > 1)]
    return [pattern for line in worthwhile for pattern in _phrase(line)]


def _company(value):
    short = re.sub(
        r"[\s,]+(?:inc|ltd|llc|gmbh|ag|plc|s\.?a\.?r?\.?l?|bv|ab|oy|co|kg)\.?$",
        "",
        value,
        flags=re.I,
    )
    return [pattern for form in {value, short} if len(form) >= 3 for pattern in _phrase(form)]


def _file(value):
    stem = value.rsplit(".", 1)[0]
    forms = {value, stem} if len(stem) >= 6 else {value}
    return [rf"(?<!\w){re.escape(bare(form))}(?!\w)" for form in forms]


_PATTERNS = {
    Kind.NAME: _name,
    Kind.EMAIL: _email,
    Kind.PHONE: _phone,
    Kind.REFERENCE: _reference,
    Kind.PLACE: _place,
    Kind.COMPANY: _company,
    Kind.FILE: _file,
}
