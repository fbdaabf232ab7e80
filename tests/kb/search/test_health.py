"""The search-health page."""

import pytest
from django.urls import reverse

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
    explained = page.context["explained"][0]
    assert explained.article.title == "Get an invoice"
    assert sum(points for *_, points in explained.parts) == pytest.approx(explained.score, rel=1e-4)


def test_without_an_index_it_says_so(signed_in, publisher):
    page = signed_in(publisher).get(reverse("admin:kb_search_health"), {"q": "invoice"})
    assert all(index.trouble for index in page.context["indexes"])


def test_a_contributor_does_not_see_it(signed_in, contributor):
    assert signed_in(contributor).get(reverse("admin:kb_search_health")).status_code == 403
