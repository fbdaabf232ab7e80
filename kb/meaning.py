"""When two wordings ask for the same thing.

Words are brought to their stems, question words are left out, words that curators call
synonyms become one, and a rare word one slip away from a common one is taken for it.
Two wordings are near when they share most of what is left.
"""

from collections import Counter, defaultdict

from rapidfuzz import fuzz, process

from kb.models import Synonym
from kb.search import analysis

# Of the words of both together: "change address" is near "change delivery address".
NEAR = 0.6
SLIP = 84
LONG_ENOUGH = 5
MUCH_COMMONER = 3


def content_words(text):
    """The stems of the words that say what a question is about."""
    return [analysis.stem(word) for word in analysis.words(text) if not analysis.is_light(word)]


def spelt(text):
    """(stem, word) for each word in its order; None where a word carries no meaning."""
    return [
        None if analysis.is_light(word) else (analysis.stem(word), word)
        for word in analysis.words(text)
    ]


class Meanings:
    """Wordings sorted by what they mean; `owner` is whatever the caller keeps for a group."""

    def __init__(self, wordings):
        """`wordings` are (text, times) pairs: how often a word is used tells slips from words."""
        vocabulary = Counter()
        for text, times in wordings:
            for word in set(content_words(text)):
                vocabulary[word] += times
        self._same = _slips(vocabulary) | _synonyms()
        self._groups = []
        self._by_word = defaultdict(set)

    def of(self, text):
        """The set of words that carry the meaning; the spelling as it is where none do."""
        words = {self._same.get(word, word) for word in content_words(text)}
        return frozenset(words) or frozenset(text.casefold().split())

    def add(self, text, owner):
        words = self.of(text)
        number = len(self._groups)
        self._groups.append((words, owner))
        for word in words:
            self._by_word[word].add(number)
        return owner

    def nearest(self, text):
        """The owner of the nearest wording that means the same, or None."""
        words = self.of(text)
        shared = Counter(number for word in words for number in self._by_word[word])
        best, score = None, NEAR
        for number, common in shared.items():
            theirs, owner = self._groups[number]
            nearness = 2 * common / (len(words) + len(theirs))
            if nearness > score or (nearness == score and best is None):
                best, score = owner, nearness
        return best


def _slips(vocabulary):
    """Rare words that are one slip away from a much commoner one."""
    words = [word for word in vocabulary if len(word) >= LONG_ENOUGH and word.isalpha()]
    common = [word for word in words if vocabulary[word] >= MUCH_COMMONER]
    slips = {}
    for word in words:
        found = process.extract(word, common, scorer=fuzz.ratio, score_cutoff=SLIP, limit=3)
        for other, _ratio, _place in found:
            if vocabulary[other] >= MUCH_COMMONER * vocabulary[word]:
                slips[word] = other
                break
    return slips


def _synonyms():
    same = {}
    for synonym in Synonym.objects.filter(is_active=True, is_one_way=False):
        words = [content_words(word) for word in synonym.words.split(",")]
        single = [word[0] for word in words if len(word) == 1]
        for word in single[1:]:
            same[word] = single[0]
    return same
