"""`manage.py audit` sees what should never be."""

from datetime import timedelta

import pytest
from django.utils import timezone

from kb import proofs, voting
from kb.models import (
    AlternateQuestion,
    Article,
    ArticleFlag,
    FormerSlug,
    RedactionReport,
    Revision,
    SearchQuery,
)
from kb.privacy import gate
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def article(publisher):
    article = factories.article(by=publisher)
    article.publish(by=publisher)
    return article


def test_a_house_in_order_gives_no_line(article, search_index):
    search_index()
    for proof in (
        proofs.public_articles_may_be_public,
        proofs.the_public_index_is_true,
        proofs.former_addresses_lead_on,
        proofs.nobody_is_named_in_logs,
    ):
        assert list(proof()) == []


@pytest.mark.parametrize(
    "damage",
    [
        {"published_revision": None},
        {"confidence": Article.Confidence.WIP},
        {"category": None},
        {"title": "Something else"},
    ],
    ids=str,
)
def test_an_article_that_should_not_be_public_is_named(article, damage):
    Article.objects.update(**damage)
    assert any(article.number in line for line in proofs.public_articles_may_be_public())


@pytest.mark.parametrize("resolution", ["", "  ", "<p></p>"])
def test_an_answer_without_a_word_is_named(article, resolution):
    Revision.objects.update(resolution=resolution)
    (line,) = proofs.public_articles_may_be_public()
    assert line == f"{article.number} is public without an answer"


def test_a_text_read_under_older_patterns_is_named_and_a_new_import_waits_for_the_worker(article):
    RedactionReport.objects.update(pattern_version="older")
    assert len(list(proofs.public_articles_may_be_public())) == 1
    RedactionReport.objects.update(pattern_version=gate.IMPORTED)
    assert list(proofs.public_articles_may_be_public()) == []
    RedactionReport.objects.update(checked_at=timezone.now() - timedelta(days=2))
    assert len(list(proofs.public_articles_may_be_public())) == 1


def test_a_text_the_gate_holds_is_named(article):
    RedactionReport.objects.update(is_passed=False)
    assert len(list(proofs.public_articles_may_be_public())) == 1


def test_what_was_found_later_is_a_persons_to_decide_and_never_forgotten(article):
    RedactionReport.objects.update(is_passed=False)
    voting.flag(article, reason="personal", comment="Found later.")
    assert list(proofs.public_articles_may_be_public()) == []
    ArticleFlag.objects.update(state=ArticleFlag.State.FIXED)
    assert len(list(proofs.public_articles_may_be_public())) == 1


def test_an_index_that_differs_is_named(article, search_index):
    search_index()
    Article.objects.update(audience=Article.Audience.INTERNAL)
    assert any(article.number in line for line in proofs.the_public_index_is_true())


@pytest.mark.parametrize(
    ("model", "damage"),
    [
        (Revision, {"resolution": "<p>Something else altogether.</p>"}),
        (AlternateQuestion, {"text": "Something else?"}),
        (AlternateQuestion, {"hidden_reason": "It named a person."}),
        (Article, {"category": None}),
    ],
    ids=str,
)
def test_words_changed_by_hand_are_named(article, search_index, model, damage):
    article.add_question("Is it broken?", source="editor")
    search_index()
    assert list(proofs.the_public_index_is_true()) == []
    model.objects.update(**damage)
    assert any(article.number in line for line in proofs.the_public_index_is_true())


def test_an_address_with_two_meanings_is_named(article):
    other = factories.article()
    FormerSlug.objects.create(slug=article.slug, article=other)
    assert len(list(proofs.former_addresses_lead_on())) == 1


def test_a_search_that_names_somebody_is_named(article):
    SearchQuery.objects.create(
        text="mail maria@mail.se", normalised="mail", results_count=0, visit_key="v"
    )
    assert len(list(proofs.nobody_is_named_in_logs())) == 1
