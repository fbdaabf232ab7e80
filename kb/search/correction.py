"""The nearest word of the index for a word it does not know.

Only the question is corrected, never the index, and only words nobody has written: whatever
stands in an article is right by definition. One wrong letter changes at most two of the bits
that say which letters a word has, so one pass over an array leaves a handful of words whose
distance is then measured.
"""

from collections import Counter

import numpy as np
from rapidfuzz.distance import OSA

from kb.search import analysis

SHORTEST = 4  # letters; what is shorter and unknown is mostly a name or an abbreviation


def nearest(generation, word):
    """The most likely word meant, or None."""
    if len(word) < SHORTEST or analysis.is_exact(word):
        return None
    for edits in range(1, allowed(word) + 1):
        if near := _within(generation, word, edits):
            # People seldom mistype the first letter, and mostly mean the more usual word.
            return max(near, key=lambda known: (known[0] == word[0], near[known]))
    return None


def allowed(word):
    """One slip in a short word, two in a long one: a word further off is mostly another word."""
    return 1 if len(word) < 8 else 2


def _within(generation, word, edits):
    """Words at most so many wrong letters away, and how many articles hold each."""
    bits, size = np.uint64(analysis.letters(word)), len(word)
    near = Counter()
    for part in generation.segments:
        words = part.segment.fields["words"]
        differing = np.bitwise_count(words.letters ^ bits)
        sizes = words.sizes.astype(np.int16)
        for number in np.flatnonzero((differing <= 2 * edits) & (abs(sizes - size) <= edits)):
            known = words.term(number).decode()
            if OSA.distance(word, known, score_cutoff=edits) <= edits:
                near[known] += part.count_of("words", number)
    return +near
