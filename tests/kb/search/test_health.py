"""The search-health page."""

import pytest
from django.urls import reverse

from kb.models import Pin, Synonym
from tests import factories

pytestmark = pytest.mark.django_db


def test_it_says_how_the_indexes_are_and_why_an_article_stands_where(
    search_index, signed_in, publisher
):
    factories.article("Get an invoice", public=True, by=publisher)
    search_index()
    page = signed_in(publisher).get(reverse("admin:kb_search_health"), {"q": "invoice"})
    assert page.status_code == 200
    assert [index.in_index for index in page.context["indexes"]] == [1, 1]
    (told,) = page.context["explained"].places
    assert told.hit.article.title == "Get an invoice"
    shares = [points for _, fields in told.parts for points in fields.values()]
    assert sum(shares) == pytest.approx(told.points, rel=1e-4)
    assert told.points == pytest.approx(told.hit.score, rel=1e-4)


def test_it_tells_what_was_repaired_taught_and_pinned(search_index, signed_in, publisher):
    factories.article("Get an invoice", public=True, by=publisher)
    chosen = factories.article("Papers for the tax office", public=True, by=publisher)
    Synonym.objects.create(words="invoice, bill")
    Pin.objects.create(words="invoice", article=chosen)
    search_index()
    page = signed_in(publisher).get(reverse("admin:kb_search_health"), {"q": "invoide"})
    explained = page.context["explained"]
    assert explained.results.corrected == "invoice"
    assert explained.synonyms == ["bill"]
    assert [(t.hit.article.title, t.is_pinned) for t in explained.places] == [
        ("Papers for the tax office", True),
        ("Get an invoice", False),
    ]
    assert "pinned by a curator" in page.content.decode()


def test_an_internal_article_is_no_part_of_what_a_visitor_finds(search_index, signed_in, publisher):
    factories.article("Get an invoice", by=publisher)
    search_index()
    page = signed_in(publisher).get(reverse("admin:kb_search_health"), {"q": "invoice"})
    assert page.context["explained"].places == []


def test_without_an_index_it_says_so(signed_in, publisher):
    page = signed_in(publisher).get(reverse("admin:kb_search_health"), {"q": "invoice"})
    assert all(index.trouble for index in page.context["indexes"])


def test_a_contributor_does_not_see_it(signed_in, contributor):
    assert signed_in(contributor).get(reverse("admin:kb_search_health")).status_code == 403
