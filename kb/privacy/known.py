"""Finding what we already know about a person, however it is written this time."""

import re

from kb.privacy.finding import Hit, Kind, Severity
from kb.privacy.plain import Plain, fold
from kb.privacy.words import LEGAL_FORM, ORDINARY, is_sentence_start

_PARTICLES = {
    "de", "da", "di", "del", "der", "den", "dos", "van", "von", "la", "le", "bin", "al", "el", "y",
}  # fmt: skip
_SHARED_MAILBOXES = {
    "info", "mail", "contact", "office", "hello", "support", "sales", "admin", "help",
}  # fmt: skip
_GAP = r"[\W_]{0,3}"
_LETTER = r"[^\W\d_]"
_POSSESSIVE = rf"(?:'?s|'{_LETTER}{{0,5}})?"
# What one alphabet has one letter for and another has several: Shcherbakov, Schtscherbakow.
_SOUNDS = [
    (r"schtsch|shch|sch|sh|s", "(?:schtsch|shch|sch|sh|s)"),
    (r"zh|z", "zh?"),
    (r"tch|ch|cz|ts|tz|c", "(?:tch|ch|cz|ts|tz|c)"),
    (r"kh|h", "k?h"),
    (r"ks|x", "(?:ks|x)"),
    (r"ph|f", "(?:ph|f)"),
    (r"[vw]", "[vw]"),
    (r"ou|oy|u", "(?:ou|oy|u)"),
    (r"[yij]{1,2}", "[yij]{1,2}"),
    (r".", ""),
]
_SOUND = re.compile("|".join(f"({sound})" for sound, _alike in _SOUNDS))
# How names end by case in Slavic, Baltic, Greek, Finnish and Hungarian, in Latin letters.
_CASES = (
    "a|e|i|o|u|y|[iy]e|[iy]a|[iy]u|i[iy]|i?e[jiy]|o[jiy]|uj|i?em|i?om|[aiy]m|ami|[ae]ch|akh|[oe]v|"
    "ow|ova|owa|ove|ovi|owi|evi|ovy|ovou|i?ego|ogo|oho|eho|i?emu|omu|[yi]mi|[yi]kh|ich|ou|[aeiou]s|"
    "on|nak|nek|val|vel|lle|lla|ssa|sta"
)
_CASES_OF_SHORT = "[aeiouy]|ie|e[jy]|o[juy]|em|om"
_CASED = re.compile(r"[a-z\u0530-\u058f]")
# Scripts whose words may stand without blanks between them.
_UNSPACED = re.compile(r"[\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]+")
_SYLLABLE = r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]"
# And, in, for, by, to, the: Arabic and Hebrew write them together with the name that follows.
_TOGETHER = r"(?<![^\W\d_])(?:[وفبلكהבלמשכו]|ال){0,2}"


def finder(known):
    """A function from a text and its folded form to hits for one known value."""
    value = Plain.of(known.value).text.strip()
    compiled = [re.compile(pattern) for pattern in dict.fromkeys(_PATTERNS[known.kind](value))]

    def find(text, folded):
        for pattern in compiled:
            for match in pattern.finditer(folded.text):
                start, end = folded.place(*match.span())
                if severity := _severity(known, text, start, end, match.lastgroup):
                    yield Hit.of(known.kind, text, start, end, severity, known.proposal)

    return find


def _severity(known, text, start, end, written):
    """A name that is also an ordinary word is a name only where it is written like one."""
    words = text[start:end]
    if known.kind != Kind.NAME:
        return known.kind.severity
    stem = re.sub(r"'s?$", "", words)
    is_ordinary = stem.casefold() in ORDINARY
    if stem[0].islower() and (is_ordinary or written in ("short", "bent")):
        return None
    if not is_ordinary:
        return known.kind.severity
    if written in ("bent", "long"):
        return None
    is_first_word = stem == words and not stem.isupper() and is_sentence_start(text, start)
    return Severity.CONFIRM if is_first_word else Severity.BLOCK


def _spellings(value):
    """Müller is also written Mueller, and Mueller Müller."""
    pairs = {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "đ": "dj"}
    long = "".join(pairs.get(c, c) for c in value.lower())
    short = re.sub(r"(?<=\w)([aou])e(?=\w\w)", r"\1", fold(value))
    return dict.fromkeys([fold(value), fold(long), short])


def _together(words):
    return _GAP.join(map(re.escape, words))


def _phrase(value):
    """The words of it, whatever stands between them."""
    words = re.findall(r"[^\W_]+", value)
    if _UNSPACED.match(value):
        return _together(words)
    return rf"(?<![^\W_]){_together(words)}{_POSSESSIVE}(?![^\W_])"


# --- Names -----------------------------------------------------------------------------


def _name(value):
    particles = _PARTICLES & {word.casefold() for word in re.split(r"[\s,]+", value)}
    for form in _spellings(value):
        if not _CASED.search(form):
            yield from _uncased_name(form)
            continue
        words = re.findall(rf"{_LETTER}+(?:['-]{_LETTER}+)*", form)
        for order in (words, words[1:], words[-1:] + words[:-1], words[1:] + words[:1]):
            if len(order) > 1:
                whole = _GAP.join(map(_spelled, order))
                yield rf"(?<!{_LETTER}){whole}{_POSSESSIVE}(?!{_LETTER})"
        for word in words:
            parts = {word, *word.split("-"), *(p for p in word.split("'") if len(p) > 3)}
            for part in parts - particles:
                yield from _part(part)


def _part(part):
    if len(part) < 2:
        return
    written = "short" if len(part) == 2 else "part"
    yield rf"(?<!{_LETTER})(?P<{written}>{_spelled(part)}{_POSSESSIVE})(?!{_LETTER})"
    stem = re.sub(r"(?:[aeiouy]{1,2}|[aeiou]s)$", "", part)
    if part in ORDINARY or len(stem) < 2:
        return
    endings = _CASES if len(stem) > 3 else _CASES_OF_SHORT
    if not stem.isascii():
        endings = rf"{_LETTER}{{0,4}}"
    written = "bent" if len(stem) < 6 else "long"
    yield rf"(?<!{_LETTER})(?P<{written}>{_spelled(stem)}(?:{endings}))(?!{_LETTER})"


def _spelled(word):
    """The word as other alphabets, and other people, spell it; a sign inside comes and goes."""
    if len(word) < 4:
        return re.escape(word)
    return "".join(
        r"[\s'.-]?" if found[0] in "'-" else _SOUNDS[found.lastindex - 1][1] or re.escape(found[0])
        for found in _SOUND.finditer(word)
    )


def _uncased_name(value):
    """A script without capitals and often without blanks: the whole, its parts, a given name."""
    words = value.split()
    for order in (words, words[-1:] + words[:-1]):
        yield r"[\s\u30fb\u00b7]?".join(map(re.escape, order))
    if len(words) == 1 and re.fullmatch(rf"{_SYLLABLE}+", value):
        # A family name of one sign before the given one, or two and two.
        words = {3: [value[1:]], 4: [value[:2], value[2:]]}.get(len(value), [])
    for word in words:
        if len(word) == 1:
            alone = rf"(?<!{_SYLLABLE}){word}(?!{_SYLLABLE})"
            yield rf"{alone}|{word}(?=\s?(?:先生|女士|小姐|太太|様|さん|氏|님|씨))"
        elif _UNSPACED.fullmatch(word):
            yield re.escape(word)
        elif len(word) > 2:
            yield _TOGETHER + re.escape(word)


# --- Other values ----------------------------------------------------------------------


def _email(value):
    local = value.split("@")[0]
    yield re.escape(fold(value))
    for form in {fold(local), fold(local.split("+")[0])}:
        if len(form) >= 3 and form not in _SHARED_MAILBOXES | ORDINARY:
            yield rf"(?<!\w){re.escape(form)}(?!\w)"


def _phone(value):
    digits = re.sub(r"\D", "", value).lstrip("0")
    if len(digits) >= 6:
        # With or without the country's number in front: the end is what stays.
        kept = digits[-max(6, len(digits) - 3) :]
        yield rf"(?<!\d)(?:\+{_GAP})?(?:\(?\d{_GAP}){{0,7}}{_GAP.join(kept)}(?!\d)"


def _reference(value):
    if not re.search(r"\d", value) and not value.isupper():
        return  # "unknown", "see above"
    folded = fold(value)
    from_number = folded[re.search(r"\S*\d|$", folded).start() :]
    for form in (folded, from_number):
        signs = [c for c in form if c.isalnum()]
        if len(signs) >= 3:
            yield rf"(?<!\w)#?{_together(signs)}(?!\w)"
    if not folded.isalnum():
        yield rf"(?<!\w){re.escape(folded)}(?!\w)"
    for number in re.findall(r"\d{4,}", folded):
        yield rf"(?<!\w)#?{number}(?!\w)"


def _place(value):
    """Each line of an address, a street of two words without its number, and a postcode."""
    for form in _spellings(value):
        for line in filter(None, map(str.strip, re.split(r"[,;\n]", form))):
            if len(line) >= 4 and (re.search(r"\d", line) or len(line.split()) > 1):
                yield _phrase(re.sub(r"(?<=\d)(?=[a-z])|(?<=[a-z])(?=\d)", " ", line))
                street = re.findall(r"(?<!\w)(?!bis\b)[^\W\d]{2,}(?!\w)", line)
                # Four figures are a postcode, and what stands beside it a town.
                if len(street) > 1 and not re.search(r"\d{4}", line):
                    yield _phrase(" ".join(street))
            code = re.search(r"(?<!\w)(?:\d{5,6}|[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2})(?!\w)", line)
            if code:
                yield _phrase(" ".join(code[0].replace(" ", "")))


def _company(value):
    """With and without its legal form; of three words or more, the first two as well."""
    for form in _spellings(value):
        plain = re.sub(rf"(?i:[\s,&]+(?:{LEGAL_FORM}|co)\.?)+$|^株式会社|株式会社$", "", form)
        words = plain.split()
        for name in {form, plain, " ".join(words[:2]) if len(words) > 2 else plain}:
            if len(name) >= 3:
                yield _phrase(name)


def _file(value):
    stem = value.rsplit(".", 1)[0]
    for form in {value, stem} if len(stem) >= 6 else {value}:
        yield _phrase(fold(form))


_PATTERNS = {
    Kind.NAME: _name,
    Kind.EMAIL: _email,
    Kind.PHONE: _phone,
    Kind.REFERENCE: _reference,
    Kind.PLACE: _place,
    Kind.COMPANY: _company,
    Kind.FILE: _file,
}
