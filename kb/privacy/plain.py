"""One way of writing each sign, so that the finders need to know no other.

Full-width and Arabic figures, blanks and dashes of every kind, a letter and its accent as two
signs, signs nobody sees, marks of emphasis inside a number: all are read as plain text, and
every sign of it knows where it came from.
"""

import re
import unicodedata
from functools import lru_cache

_OTHERWISE = re.compile(
    r"</?(?P<tag>[a-z][a-z0-9]*)(?:\s[^<>]{0,200})?/?>|(?P<at>(?<=\w)%40(?=\w))|"
    r"(?P<emphasis>(?<!\*)\*{1,3}(?!\*)|`)|"
    r"[a-z][\u0300-\u036f]+|[^\x00-\x7f][\u0300-\u036f]*",
    re.I,
)
_INLINE = {"a", "strong", "b", "em", "i", "u", "s", "sub", "sup", "code", "span", "mark", "wbr"}
_NOT_PLAIN = re.compile(r"[^\x00-\x7f]")
# Letters no accent can be taken from, and what other alphabets are in Latin letters.
_LATIN = dict(
    re.findall(
        r"(.):(\w*)",
        "ø:o ł:l đ:d ð:d ħ:h ı:i ŋ:n ə:e æ:ae œ:oe ß:ss þ:th "
        "а:a б:b в:v г:g ґ:g д:d е:e є:e ж:zh з:z и:i і:i й:y к:k л:l м:m н:n о:o п:p р:r с:s т:t "
        "у:u ф:f х:kh ц:ts ч:ch ш:sh щ:shch ы:y э:e ю:yu я:ya ь: ъ: ђ:dj ј:j љ:lj њ:nj ћ:c џ:dz "
        "α:a β:v γ:g δ:d ε:e ζ:z η:i θ:th ι:i κ:k λ:l μ:m ν:n ξ:x ο:o π:p ρ:r σ:s ς:s τ:t υ:y φ:f "
        "χ:ch ψ:ps ω:o",
    )
)


class Plain:
    """A text in plain writing; `place` tells where a stretch of it stands as it was typed."""

    def __init__(self, text, starts=None, ends=None):
        self.text = text
        self._starts = range(len(text)) if starts is None else starts
        self._ends = range(1, len(text) + 1) if ends is None else ends

    @classmethod
    def of(cls, text):
        return cls(text)._with(_OTHERWISE, _plainly)

    def folded(self):
        """In small Latin letters without accents, whatever alphabet it was written in."""
        small = self._with(_NOT_PLAIN, lambda found: _folded(found[0]))
        small.text = small.text.lower()
        return small

    def place(self, start, end):
        return self._starts[start], self._ends[end - 1]

    def _with(self, pattern, new):
        pieces, starts, ends, at = [], [], [], 0
        for found in pattern.finditer(self.text):
            written = new(found)
            if written == found[0]:
                continue
            start, end = self.place(*found.span())
            pieces += self.text[at : found.start()], written
            starts += [*self._starts[at : found.start()], *[start] * len(written)]
            ends += [*self._ends[at : found.start()], *[end] * len(written)]
            at = found.end()
        if not at:
            return Plain(self.text, self._starts, self._ends)
        return Plain(
            "".join([*pieces, self.text[at:]]),
            [*starts, *self._starts[at:]],
            [*ends, *self._ends[at:]],
        )


def fold(text):
    return Plain.of(text).folded().text


def _plainly(found):
    if found["tag"]:
        return "" if found["tag"].lower() in _INLINE else "\n"
    if found["at"] or found["emphasis"]:
        return "@" if found["at"] else ""
    return _plain_sign(found[0])


@lru_cache(8192)
def _plain_sign(sign):
    kind = unicodedata.category(sign[0])
    if kind == "Nd":
        return str(unicodedata.digit(sign[0]))
    if kind == "Cf" or "\ufe00" <= sign <= "\ufe0f":
        return ""
    if kind in ("Zs", "Pd") or sign in "\u2212\u00b4\u2018\u2019\u02bc":
        return {"Zs": " ", "Pd": "-"}.get(kind, "-" if sign == "\u2212" else "'")
    is_letter = kind[0] == "L" and sign not in "ªº"
    if is_letter or "\uff01" <= sign[0] <= "\uff5e" or len(sign) > 1:
        return unicodedata.normalize("NFKC", sign)
    return sign


@lru_cache(8192)
def _folded(letter):
    if unicodedata.category(letter) == "Mn":
        return ""
    small = letter.lower()
    # Syllables of Korean and Japanese would fall apart.
    if letter < "\u0700" or "\u1e00" <= letter <= "\u1fff":
        small = unicodedata.normalize("NFD", small)[0]
    return _LATIN.get(small, small)
