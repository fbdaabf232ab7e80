"""Meaning reorders what words find, and its absence costs nobody a page."""

import numpy as np
import pytest

from kb.search import meaning, search
from tests import factories

pytestmark = pytest.mark.django_db


class Toy:
    """A model that knows one thing: a bicycle and a bike are the same."""

    name, size, weight = "toy", 2, 2.0

    def encode(self, texts):
        rides = [any(word in text.lower() for word in ("bicycle", "bike")) for text in texts]
        return np.array([[ride, not ride] for ride in rides], np.float32).reshape(-1, 2)


@pytest.fixture
def shelf(search_index, monkeypatch):
    monkeypatch.setattr(meaning, "model", Toy)
    factories.article("Repair, repair and repair", public=True, resolution="<p>Lamps.</p>")
    factories.article("My bicycle", public=True, resolution="<p>Where to repair it.</p>")
    search_index()


def first(text):
    results = search(text)
    assert not results.is_fallback
    return results.hits[0].article.title


def test_words_alone_rank_until_the_vectors_are_there(shelf, index_folder):
    for path in index_folder.rglob("vectors_*"):
        path.unlink()
    meaning._vectors.cache_clear()
    assert first("repair bike") == "Repair, repair and repair"


def test_the_nearer_meaning_comes_first(shelf, search_index):
    search_index()
    assert first("repair bike") == "My bicycle"


def test_broken_vectors_leave_the_words(shelf, index_folder):
    meaning._vectors.cache_clear()
    for path in index_folder.rglob("vectors_*"):
        path.write_bytes(b"nonsense")
    assert first("repair bike") == "Repair, repair and repair"
