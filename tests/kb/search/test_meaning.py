"""Meaning reorders what words find, and its absence costs nobody a page."""

import numpy as np
import pytest

from kb.search import arrays, keeping, meaning, search, sentences, vectors, weights, wordvectors
from tests import factories

pytestmark = pytest.mark.django_db


class Toy:
    """A model that knows one thing: a bicycle and a bike are the same."""

    name, size, weight, helping = "toy", 2, 2.0, 100

    def __init__(self):
        self.read = []

    def encode(self, texts):
        self.read += texts
        rides = [any(word in text.lower() for word in ("bicycle", "bike")) for text in texts]
        return np.array([[ride, not ride] for ride in rides], np.float32).reshape(-1, 2)


@pytest.fixture
def toy(monkeypatch):
    model = Toy()
    monkeypatch.setattr(vectors, "model", lambda: model)
    yield model
    vectors.forget()
    meaning._question.cache_clear()


@pytest.fixture
def shelf(search_index, toy):
    factories.article("Repair, repair and repair", public=True, resolution="<p>Lamps.</p>")
    factories.article("My bicycle", public=True, resolution="<p>Where to repair it.</p>")
    search_index()


def catch_up():
    while vectors.catch_up():
        pass


def first(text):
    results = search(text)
    assert not results.is_fallback
    return results.hits[0].article.title


def test_words_alone_rank_until_the_vectors_are_there(shelf):
    assert first("repair bike") == "Repair, repair and repair"


def test_the_nearer_meaning_comes_first(shelf):
    catch_up()
    assert first("repair bike") == "My bicycle"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b"nonsense"),
        lambda path: path.unlink(),
        lambda path: arrays.write(path, {"size": 2}, {"something": np.zeros(2)}),
    ],
    ids=["garbled", "gone", "of another kind"],
)
def test_broken_vectors_leave_the_words_and_are_made_again(shelf, index_folder, spoil):
    catch_up()
    for path in index_folder.rglob("vectors_*"):
        spoil(path)
    vectors.forget()
    assert first("repair bike") == "Repair, repair and repair"
    catch_up()
    assert first("repair bike") == "My bicycle"


def test_a_model_that_fails_leaves_the_words(shelf, toy, monkeypatch):
    catch_up()
    monkeypatch.setattr(toy, "encode", lambda texts: 1 / 0)
    assert first("repair bike") == "Repair, repair and repair"


def test_a_model_whose_files_are_missing_is_no_model(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "folder", lambda package: tmp_path)
    vectors.model.cache_clear()
    assert vectors.model() is None
    vectors.model.cache_clear()


def test_a_new_index_takes_over_what_the_model_has_read(shelf, toy):
    catch_up()
    already = len(toy.read)
    for backend in keeping.backends():
        keeping.rebuild(backend)
    catch_up()
    assert len(toy.read) == already
    assert first("repair bike") == "My bicycle"


def test_much_work_is_done_in_helpings(shelf, toy, monkeypatch):
    monkeypatch.setattr(toy, "helping", 1)
    helpings = 0
    while vectors.catch_up():
        helpings += 1
        assert len(toy.read) <= helpings
    assert len(toy.read) == len(set(toy.read)) == 4
    assert first("repair bike") == "My bicycle"


def test_vectors_nobody_needs_any_more_are_swept_away(shelf, index_folder):
    catch_up()
    before = set(index_folder.rglob("vectors_*"))
    for backend in keeping.backends():
        keeping.rebuild(backend)
    catch_up()
    assert before.isdisjoint(index_folder.rglob("vectors_*"))


@pytest.mark.parametrize("kind", [sentences.SentenceModel, wordvectors.WordVectors])
def test_a_real_model_knows_what_belongs_together(kind):
    model = kind.installed()
    if model is None:
        pytest.skip("the extra is not installed")
    bike, bicycle, tax = model.encode(["my bike is broken", "a damaged bicycle", "income tax"])
    assert bike @ bicycle > bike @ tax
    assert model.encode(["", "日本語 😀"]).shape == (2, model.size)
