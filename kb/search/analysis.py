"""Text to the terms an index holds: one way in for articles and for questions.

A *word* is what stands in a text, folded: small letters, no accents. A *term* is the word's
stem in the language of the text, so that "paying" finds "pay". Exact things stay exact: what
carries a digit or a sign (`E-1042`, `C++`) is never stemmed and never corrected.
"""

import re
import threading
import unicodedata
from functools import cache, lru_cache

import snowballstemmer
from whoosh.lang.stopwords import stoplists

# Languages written without spaces are cut into pairs of characters.
UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
)
# Vowel signs belong to their word, though Python does not count them as letters.
_LETTER = r"[\w\u0300-\u036f\u0900-\u0963\u0966-\u0dff]"
_RUN = re.compile(f"[{UNSPACED}]+")
# A word with what holds it together: e-mail, 3.5.1, don't, C++, c#.
TOKEN = re.compile(rf"{_LETTER}+(?:\+\+|#(?!\w)|(?:[-./'\u2019:]{_LETTER}+)*)")
_PART = re.compile(rf"{_LETTER}+(?:\+\+|#)?")
_POSSESSIVE = re.compile(r"['\u2019]s\b")
# l'adresse, qu'il, dell'ordine: the article of some languages, shortened, is no part of the word.
_ELISION = re.compile(r"^(?:[cdjlmnst]|[a-z]*qu|un|[dn]ell|[ads]?all|sull)['\u2019](?=\w\w)")
_MARKS = re.compile(r"(?<![\u0400-\u04ff])[\u0300-\u036f]+|[\u0591-\u05c7\u064b-\u065f\u0670]+")
# Longer ones are not words, and each would cost the dictionary a page.
MAX_LETTERS = 48

LANGUAGES = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german",
    "el": "greek", "en": "english", "eo": "esperanto", "es": "spanish", "et": "estonian",
    "eu": "basque", "fa": "persian", "fi": "finnish", "fr": "french", "ga": "irish",
    "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian",
    "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "nn": "norwegian",
    "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip

# Words a question is made of. They count a quarter: dropped, a question made only of them
# finds nothing; whole, they drown the rest.
QUESTION_WORDS = """
    am any anybody anyone anything are can cannot cant could did do does doing dont find for get
    getting give go going got had has have help how i id if ill im is it its ive know let like
    look make may me might mine much must my need needs no not of please possible should show
    something take tell than thank thanks that the their them there these they this those to
    try trying use using want wants was way we were what whats when where which who whom whose
    why will with without wont would you your
"""


def fold(text):
    """Small letters without accents, so that "Café" and "cafe" are one word."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", _MARKS.sub("", text))


def words(text):
    """The folded words of a text, in their order.

    What a hyphen or a digit holds together is also one word without its signs, so that
    e-mail is email and E1042 is E-1042.
    """
    text = fold(text).replace("_", " ")
    if not text.isascii():
        text = _RUN.sub(lambda run: f" {' '.join(_pairs(run[0]))} ", text)
    found = []
    for token in TOKEN.findall(text):
        found.extend(_words_of(token))
    return found


def _pairs(run):
    return [run[i : i + 2] for i in range(len(run) - 1)] or [run]


def pieces(token):
    """Where the words of a token begin and end: mostly one, pairs where there are no spaces."""
    end = 0
    for run in _RUN.finditer(token):
        if run.start() > end:
            yield end, run.start()
        for at in range(run.start(), max(run.end() - 1, run.start() + 1)):
            yield at, min(at + 2, run.end())
        end = run.end()
    if end < len(token):
        yield end, len(token)


@lru_cache(maxsize=100_000)
def _words_of(token):
    if token.isalnum():
        return (token,) if len(token) <= MAX_LETTERS else ()
    token = _ELISION.sub("", _POSSESSIVE.sub("", token))
    token = token.replace("'", "").replace("\u2019", "")
    parts = _PART.findall(token)
    if len(parts) > 1 and ("-" in token or any(map(str.isdigit, token))):
        parts.append("".join(parts))
    return tuple(part for part in parts if len(part) <= MAX_LETTERS)


class _Stemmers(threading.local):
    """A stemmer keeps the word it works on in itself, so each thread has its own."""

    def __init__(self):
        self.by_name = {}

    def __getitem__(self, name):
        if name not in self.by_name:
            self.by_name[name] = snowballstemmer.stemmer(name)
        return self.by_name[name]


_stemmers = _Stemmers()


def base_language(language):
    return (language or "").lower().replace("_", "-").split("-")[0]


@lru_cache(maxsize=200_000)
def stem(word, language="en"):
    name = LANGUAGES.get(base_language(language))
    if name is None or not word.isalpha():
        return word
    return _stemmers[name].stemWord(word)


def terms(text, language="en"):
    """What the index holds of a text."""
    return [stem(word, language) for word in words(text)]


@lru_cache(maxsize=100_000)
def token_terms(token, language="en"):
    """The terms of one token as it stands in a text; most tokens come again."""
    return frozenset(terms(token, language))


@cache
def _light_words(language):
    listed = {word for entry in stoplists.get(language, ()) for word in words(entry)}
    return listed.union(QUESTION_WORDS.split()) if language == "en" else frozenset(listed)


def is_light(word, language="en"):
    """A word that questions are made of, rather than what they are about."""
    return word in _light_words(base_language(language))


def is_exact(word):
    """A number, a code, a name with signs: never corrected."""
    return not word.isalpha() or bool(_RUN.match(word))


def letters(word):
    """Which letters a word has, a bit for each."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) % 61)
    return bits
