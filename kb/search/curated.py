"""What curators teach the search: synonyms and pinned answers, at work without a rebuild."""

import threading
import time
from collections import defaultdict

from django.db.models.signals import post_delete, post_save

from kb.models import Pin, Synonym
from kb.search import analysis

LASTS = 1.0  # seconds until other processes hear of a change
SYNONYM_WEIGHT = 0.7


class Kept:
    """Rows that every search needs: read once, and again when a second has passed."""

    def __init__(self, model, read):
        self._read = read
        self._lock = threading.Lock()
        self._until = 0.0
        self._value = None
        for signal in (post_save, post_delete):
            signal.connect(self.forget, sender=model, weak=False)

    def __call__(self):
        if time.monotonic() > self._until:
            with self._lock:
                self._value = self._read()
                self._until = time.monotonic() + LASTS
        return self._value

    def forget(self, **kwargs):
        self._until = 0.0


def stems(text):
    return tuple(analysis.stem(word) for word in analysis.words(text))


def telling(text):
    """The stems that say what a question is about, in any order."""
    words = analysis.words(text)
    return frozenset(analysis.stem(word) for word in words if not analysis.is_light(word))


# --- Synonyms --------------------------------------------------------------------------


class SynonymBook:
    """From each wording to the wordings that answer to it too."""

    def __init__(self, rows):
        self._by_first = defaultdict(list)
        self.terms = set()
        for words, is_one_way in rows:
            wordings = [wording for part in words.split(",") if (wording := stems(part))]
            self.terms.update(*wordings)
            for number, wording in enumerate(wordings):
                if number == 0 or not is_one_way:
                    others = wordings[:number] + wordings[number + 1 :]
                    self._by_first[wording[0]].append((wording, others))

    def also_meant(self, asked):
        """Terms that mean the same as some of these stems, with their weights."""
        meant = defaultdict(float)
        for at, first in enumerate(asked):
            for wording, others in self._by_first.get(first, ()):
                if tuple(asked[at : at + len(wording)]) == wording:
                    for other in others:
                        for term in set(other) - set(asked):
                            weight = SYNONYM_WEIGHT * len(wording) / len(other)
                            meant[term] = max(meant[term], weight)
        return dict(meant)


synonyms = Kept(
    Synonym,
    lambda: SynonymBook(Synonym.objects.filter(is_active=True).values_list("words", "is_one_way")),
)


# --- Pinned answers -----------------------------------------------------------------------


def _read_pins():
    return {telling(pin.words): pin.article_id for pin in Pin.objects.filter(is_active=True)}


pins = Kept(Pin, _read_pins)


def pinned(text):
    """The article a curator has chosen for these words, or None."""
    book = pins()
    return book.get(telling(text)) if book else None
