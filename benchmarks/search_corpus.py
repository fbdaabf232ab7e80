"""A help site of any size, made up but shaped like real ones: Zipf's law, real question words.

Nothing here is anybody's text. The same seed gives the same site.
"""

import random
from itertools import accumulate

from kb.search import analysis

SYLLABLES = [c + v for c in "b c d f g l m n p r s t v br st tr pl".split() for v in "aeiou"]  # noqa: SIM905
ENDINGS = ["", "", "s", "ed", "ing", "er", "ment"]
VOCABULARY = 40_000
LIGHT_SHARE = 0.4  # of running English text, function words


class Site:
    """Articles with titles, bodies of 250 words, and questions people ask about them."""

    def __init__(self, seed=1):
        self.random = random.Random(seed)
        words = {}
        while len(words) < VOCABULARY:
            size = self.random.choice([1, 2, 2, 3, 3, 4])
            stem = "".join(self.random.choices(SYLLABLES, k=size)) + self.random.choice("nrtlks")
            words[stem + self.random.choice(ENDINGS)] = None
        self.words = list(words)
        self.weights = list(accumulate(1 / (rank + 2.7) for rank in range(VOCABULARY)))
        self.light = sorted(analysis.QUESTION_WORDS.split())

    def heavy(self, count):
        return self.random.choices(self.words, cum_weights=self.weights, k=count)

    def article(self, length=250):
        light = int(length * LIGHT_SHARE)
        text = self.heavy(length - light) + self.random.choices(self.light, k=light)
        self.random.shuffle(text)
        sentences = [" ".join(text[i : i + 12]).capitalize() for i in range(0, length, 12)]
        title = " ".join(["how to", *self.heavy(4)]).capitalize()
        return title, ". ".join(sentences) + "."

    def question(self, words=8):
        """Half question words, half what it is about, as people write."""
        return " ".join(["how", "do", "i", "get"][: words // 2] + self.heavy(words - words // 2))


def mistyped(word, rng):
    """One letter left out, doubled, swapped or wrong, never the first."""
    at = rng.randrange(1, len(word) - 1)
    change = rng.randrange(4)
    if change == 0:
        return word[:at] + word[at + 1 :]
    if change == 1:
        return word[:at] + word[at] + word[at:]
    if change == 2:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + rng.choice("etaoins") + word[at + 1 :]
