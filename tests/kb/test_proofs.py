"""`manage.py audit` sees what should never be."""

import pytest

from kb import proofs, voting
from kb.models import Article, ArticleFlag, FormerSlug, RedactionReport, SearchQuery
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


def test_an_address_with_two_meanings_is_named(article):
    other = factories.article()
    FormerSlug.objects.create(slug=article.slug, article=other)
    assert len(list(proofs.former_addresses_lead_on())) == 1


def test_a_search_that_names_somebody_is_named(article):
    SearchQuery.objects.create(
        text="mail maria@mail.se", normalised="mail", results_count=0, visit_key="v"
    )
    assert len(list(proofs.nobody_is_named_in_logs())) == 1
