"""The calm composer's ear: words that anger, and the calm ones to offer.

Text and triggers are both brought to plain words first: small letters, straight
apostrophes, contractions spelled out. So "I can’t", "I CANNOT" and "i can\nnot" are the
same three words, and finding them is one walk along the text.
"""

import re
from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import pairwise

from django.utils.translation import gettext as _

from feedback.models import TonePair

WORD = re.compile(r"[^\W_]+(?:['’ʼ`´][^\W_]+)*")
APOSTROPHES = str.maketrans("’ʼ`´", "''''")
QUOTED_LINE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
ENDINGS = {"'m": "am", "'re": "are", "'s": "is", "'ve": "have", "'ll": "will"}
# What people write in haste, and what does not follow the rule.
SPELLED_OUT = {
    "cannot": ("can", "not"),
    "can't": ("can", "not"),
    "won't": ("will", "not"),
    "shan't": ("shall", "not"),
    "cant": ("can", "not"),
    "dont": ("do", "not"),
    "didnt": ("did", "not"),
    "havent": ("have", "not"),
    "im": ("i", "am"),
    "whats": ("what", "is"),
    "thats": ("that", "is"),
}


@dataclass(frozen=True)
class Hit:
    """Words that may anger, where they stand, and what to write instead."""

    start: int
    end: int
    words: str
    group: int
    level: str
    calm: list[str]
    why: str


def check(text: str) -> list[Hit]:
    """What a calm colleague would point out, in the order of the text.

    Lines the customer wrote, quoted with >, are theirs and never checked. A trigger
    inside one of its harmless phrases ("I can't wait") is advice only.
    """
    pairs = tuple(
        TonePair.objects.filter(is_active=True).values_list(
            "group", "level", "triggers", "exceptions", "calm", "why"
        )
    )
    return _check(text, _Ear.of(pairs))


def report(text: str, raised=()) -> list[dict]:
    """What is stored with a sent message: what was found and sent as written, and what of the
    words `raised` while it was written is not in it any more.
    """
    kept = check(text)
    said = {hit.words.casefold() for hit in kept}
    gone = {hit.words.casefold(): hit for words in raised for hit in check(words)}
    return [
        *(_reported(hit, kept=True) for hit in kept),
        *(_reported(hit, kept=False) for words, hit in gone.items() if words not in said),
    ]


def _reported(hit, *, kept):
    return {"group": hit.group, "words": hit.words, "level": hit.level, "kept": kept}


def for_browser(text: str) -> list[dict]:
    """The hits with positions as a browser counts them: an emoji is two."""
    return [
        asdict(hit) | {"start": _utf16(text[: hit.start]), "end": _utf16(text[: hit.end])}
        for hit in check(text)
    ]


def _utf16(text):
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(frozen=True)
class _Phrase:
    words: tuple[str, ...]
    pair: int
    is_harmless: bool


class _Ear:
    """The tone pairs, arranged by the first word of each phrase."""

    def __init__(self, pairs):
        self.pairs = pairs
        self.by_first_word = {}
        for number, (_group, _level, triggers, exceptions, _calm, _why) in enumerate(pairs):
            for lines, is_harmless in ((triggers, False), (exceptions, True)):
                for line in lines.splitlines():
                    self._learn(tuple(word for word, *_ in _plain_words(line)), number, is_harmless)

    def _learn(self, words, pair, is_harmless):
        if words:
            phrase = _Phrase(words, pair, is_harmless)
            self.by_first_word.setdefault(words[0], []).append(phrase)

    @classmethod
    @lru_cache(maxsize=4)
    def of(cls, pairs):
        return cls(pairs)

    def hear(self, text):
        """Every phrase in the text, with where it begins and ends."""
        words = list(_plain_words(text))
        for i, (word, start, _end) in enumerate(words):
            for phrase in self.by_first_word.get(word, ()):
                last = i + len(phrase.words) - 1
                if (
                    last < len(words)
                    and all(words[i + n][0] == w for n, w in enumerate(phrase.words))
                    and _stand_together(words[i : last + 1], text)
                ):
                    yield start, words[last][2], phrase


def _stand_together(words, text):
    """Nothing but space between them, or two words of one contraction."""
    return all(a[1:] == b[1:] or text[a[2] : b[1]].isspace() for a, b in pairwise(words))


def _check(text, ear):
    heard = list(ear.hear(QUOTED_LINE.sub(lambda line: "\0" * len(line[0]), text)))
    harmless = [(start, end, p.pair) for start, end, p in heard if p.is_harmless]
    hits = []
    found = sorted((h for h in heard if not h[2].is_harmless), key=lambda h: (h[0], -h[1]))
    for start, end, phrase in found:
        if hits and end <= hits[-1].end:
            continue  # a part of what is marked already
        group, level, _triggers, _exceptions, calm, why = ear.pairs[phrase.pair]
        if any(s < end and start < e and pair == phrase.pair for s, e, pair in harmless):
            level, why = TonePair.Level.ADVISE, _("Mostly harmless here. Read it once more.")
        hits.append(Hit(start, end, text[start:end], group, level, calm.splitlines(), why))
    return hits


def _plain_words(text):
    """The words of a text, spelled out, each with where it stands."""
    for match in WORD.finditer(text):
        word = match[0].translate(APOSTROPHES).lower()
        for plain in _spelled_out(word):
            yield plain, match.start(), match.end()


@lru_cache(maxsize=4096)
def _spelled_out(word):
    if word in SPELLED_OUT:
        return SPELLED_OUT[word]
    if word.endswith("n't"):
        return (word[:-3], "not")
    stem, apostrophe, ending = word.rpartition("'")
    if apostrophe and apostrophe + ending in ENDINGS:
        return (*_spelled_out(stem), ENDINGS[apostrophe + ending])
    return (word,)
