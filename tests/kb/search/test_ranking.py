"""Our scores are Whoosh's own: another way to the same numbers."""

import random
from collections import Counter

import numpy as np
import pytest
from whoosh import query, scoring

from kb.search import schema
from kb.search.backend import RankedIndex
from kb.search.ranking import K1, B, Word

WORDS = [f"w{n}" for n in range(40)]


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    rng = random.Random(5)
    made = RankedIndex(tmp_path_factory.mktemp("ranking") / "index", schema.make)
    made.switch_to(made.start_anew(), mark=0)
    for batch in (range(1, 61), range(61, 101)):  # two segments
        made.apply([document(number, rng) for number in batch])
    return made


def document(number, rng):
    text = Counter(rng.choices(WORDS, weights=range(1, 41), k=rng.randint(5, 80)))
    return {
        "id": f"kb.article.{number}",
        "django_ct": "kb.article",
        "django_id": str(number),
        "language": "en",
        "article": number,
        "stamp": number,
        "text": text,
        "title": Counter(rng.choices(WORDS, k=rng.randint(1, 6))),
        "questions": Counter(),
        "words": Counter(text.keys()),
    }


@pytest.mark.parametrize("field", ["text", "title"])
def test_scores_and_counts_equal_whooshs_own(index, field):
    ranking, model = index.ranking(), scoring.BM25F(B=B, K1=K1)
    store = index.store()
    with store.index.searcher(weighting=model) as searcher:
        for word in WORDS:
            theirs = searcher.search(query.Term(field, word), limit=None)
            expected = {hit["article"]: hit.score for hit in theirs}
            scores = ranking.scores(Word({word: 1.0}), (field,))
            articles = ranking.generation.column("article")
            ours = {int(articles[n]): float(scores[n]) for n in np.flatnonzero(scores)}
            assert ours == pytest.approx(expected, rel=1e-5)


def test_question_words_change_the_order_and_never_what_is_found(index):
    ranking = index.ranking()
    heavy, light = Word({"w3": 1.0}), Word({"w39": 1.0}, is_light=True)
    alone, both = ranking.find([heavy], 100), ranking.find([heavy, light], 100)
    assert sorted(alone.numbers) == sorted(both.numbers)
    assert alone.numbers.tolist() != both.numbers.tolist()


@pytest.mark.parametrize("limit", [1, 3, 10])
def test_looking_up_question_words_late_gives_the_same_page(index, limit):
    ranking = index.ranking()
    words = [Word({"w5": 1.0}), *(Word({w: 1.0}, is_light=True) for w in ("w38", "w39", "w20"))]
    everything, page = ranking.find(words, 100), ranking.find(words, limit)
    assert page.numbers.tolist() == everything.numbers[:limit].tolist()
    assert page.total == everything.total


def test_what_is_deleted_counts_nowhere(index, tmp_path):
    index = RankedIndex(tmp_path / "index", schema.make)
    index.switch_to(index.start_anew(), mark=0)
    rng = random.Random(5)
    documents = [document(number, rng) for number in range(1, 31)]
    index.apply(documents[:20])
    before = index.ranking().scores(Word({"w30": 1.0}))
    index.apply(documents[20:])
    index.apply([], gone=range(21, 31))
    after = index.ranking().scores(Word({"w30": 1.0}))
    assert after[:20] == pytest.approx(before, rel=1e-2)
    assert not after[20:].any()


def scores_by_article(index, word):
    ranking = index.ranking()
    articles = ranking.generation.column("article")
    scores = ranking.scores(Word({word: 1.0}))
    return {int(articles[n]): float(scores[n]) for n in np.flatnonzero(scores)}


def test_merging_small_segments_changes_no_score_and_brings_nothing_back(tmp_path):
    index = RankedIndex(tmp_path / "index", schema.make)
    index.switch_to(index.start_anew(), mark=0)
    rng = random.Random(5)
    for number in range(1, 12):
        index.apply([document(number, rng)])
    index.apply([document(3, rng)], gone=[7])
    before = scores_by_article(index, "w30")
    index.tidy()
    generation = index.ranking().generation
    assert len(generation.segments) == 1
    assert sorted(generation.column("article").tolist()) == [1, 2, 3, 4, 5, 6, 8, 9, 10, 11]
    assert scores_by_article(index, "w30") == pytest.approx(before, rel=1e-2)
    assert index.trouble(thoroughly=True) is None
