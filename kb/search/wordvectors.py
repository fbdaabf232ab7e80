"""Static word vectors: the light choice, 256 numbers for each piece of a word, no network.

The numbers are WordLlama's (`l2_supercat_256`), read from its package without running it. A text
is the mean of its pieces, so a question costs a look-up for each.
"""

import json
from functools import lru_cache
from itertools import pairwise

import numpy as np

from kb.search import weights

PACKAGE = "wordllama"
SPACE = "\u2581"  # stands for the space before a word


class WordVectors:
    """Turns texts into vectors whose product says how near their meanings are."""

    name = "words"
    size = 256
    helping = 10_000  # texts that are read without a pause
    weight = 0.75  # of the nearness against the best lexical score, see docs/search.md

    @classmethod
    def installed(cls):
        """The vectors as their package carries them, or None without the extra."""
        folder = weights.folder(PACKAGE)
        return cls(folder) if folder else None

    def __init__(self, path):
        table = weights.read(path / "weights" / "l2_supercat_256.safetensors")
        self._vectors = table["embedding.weight"]
        pieces = path / "tokenizers" / "l2_supercat_tokenizer_config.json"
        model = json.loads(pieces.read_text(encoding="utf-8"))["model"]
        self._numbers = model["vocab"]
        self._ranks = {tuple(pair.split(" ")): rank for rank, pair in enumerate(model["merges"])}

    def encode(self, texts):
        vectors = [self._encode(text) for text in texts]
        return np.array(vectors, np.float32).reshape(-1, self.size)

    def _encode(self, text):
        numbers = [number for word in text.split() for number in self._pieces(word)]
        mean = self._vectors[np.array(numbers, int)].astype(np.float32).sum(axis=0)
        return mean / (np.linalg.norm(mean) or 1)

    @lru_cache(maxsize=50_000)  # noqa: B019 (there is one model for the life of the process)
    def _pieces(self, word):
        """The numbers of a word's pieces: letters, joined pair by pair, the most usual first."""
        pieces = [SPACE, *word]
        while len(pieces) > 1:
            pairs = [self._ranks.get(pair, len(self._ranks)) for pair in pairwise(pieces)]
            at = pairs.index(min(pairs))
            if pairs[at] == len(self._ranks):
                break
            pieces[at : at + 2] = [pieces[at] + pieces[at + 1]]
        return tuple(number for piece in pieces for number in self._numbers_of(piece))

    def _numbers_of(self, piece):
        """A letter that has no number of its own is the numbers of its bytes."""
        if piece in self._numbers:
            return [self._numbers[piece]]
        return [self._numbers[f"<0x{byte:02X}>"] for byte in piece.encode()]
