"""Searching, with results and without, and suggestions while typing."""

import runpy
from urllib.parse import quote

import pytest
from django.urls import reverse
from gunicorn.config import Config
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader

from tests import factories


@pytest.fixture
def shelf(db):
    return factories.category("Delivery", slug="delivery")


@pytest.fixture
def parcel(shelf):
    return factories.article(
        "Where is my parcel?",
        public=True,
        category=shelf,
        resolution="<p>Open the <b>tracking</b> page.</p>",
    )


@pytest.fixture
def secret(shelf):
    return factories.article("How we trace a parcel inside", category=shelf)


def test_each_result_is_marked_and_its_first_link_is_the_article(visitor, parcel, search_index):
    page = visitor.get("/search/", {"q": "lost parcel"}).content.decode()
    _before, result = page.split('class="search-result"')
    link = result.split('href="')[1].split('"')[0]
    assert link.startswith(parcel.get_absolute_url())
    assert "q=lost+parcel" in link
    assert "pos=1" in link


def test_a_visitor_never_finds_hears_of_or_counts_an_internal_article(
    visitor, parcel, secret, search_index
):
    page = visitor.get("/search/", {"q": secret.title})
    assert secret.title not in page.content.decode().replace(f'value="{secret.title}"', "").replace(
        f"“{secret.title}”", ""
    ).replace(f"<title>{secret.title}", "")
    assert page.context["results"].total == 1
    found = visitor.get("/search/suggest/", {"q": secret.title}).json()["suggestions"]
    assert [each["title"] for each in found] == [parcel.title]


def test_a_colleague_finds_it(signed_in, dana, secret, search_index):
    hits = signed_in(dana).get("/search/", {"q": secret.title}).context["results"].hits
    assert secret in [hit.article for hit in hits]


def test_a_customer_is_a_visitor_here(visitor, customer, secret, search_index):
    visitor.get(factories.ticket(customer=customer).get_absolute_url())
    assert visitor.get("/search/", {"q": secret.title}).context["results"].total == 0


def test_suggestions_are_the_search_in_the_same_order(visitor, shelf, search_index):
    for n in range(5):
        factories.article(f"Parcel question {n}", public=True, category=shelf)
    search_index()
    hits = visitor.get("/search/", {"q": "parcel"}).context["results"].hits
    found = visitor.get("/search/suggest/", {"q": "parcel"}).json()["suggestions"]
    assert [each["title"] for each in found] == [hit.article.title for hit in hits]
    assert all(each["url"].startswith("/articles/") for each in found)


def test_nothing_found_brings_the_form_with_the_words_in_it(visitor, parcel, search_index):
    page = visitor.get("/search/", {"q": "xylophone zebra"})
    text = page.content.decode()
    assert "This is a new one" in text
    assert page.context["form"]["body"].value() == "xylophone zebra"
    assert page.context["form"]["searched"].value() == "xylophone zebra"
    assert 'action="/ask/"' in text


def test_the_form_of_an_empty_result_makes_a_request_that_knows_the_search(
    visitor, parcel, search_index
):
    from feedback.models import Ticket
    from tests.portal.test_ask_form import filled

    form = visitor.get("/search/", {"q": "xylophone zebra"}).context["form"]
    visitor.post("/ask/", filled(searched=form["searched"].value()))
    assert Ticket.objects.get().search_words == "xylophone zebra"


def test_a_category_narrows_the_results(visitor, parcel, search_index):
    other = factories.category("Returns", slug="returns")
    factories.article("Return a parcel", public=True, category=other)
    search_index()
    results = visitor.get("/search/", {"q": "parcel", "category": "returns"}).context["results"]
    assert [hit.article.title for hit in results.hits] == ["Return a parcel"]


def test_an_empty_search_is_a_page_and_not_an_error(visitor, db):
    page = visitor.get("/search/", {"q": "   "})
    assert page.status_code == 200
    assert "results" not in page.context


@pytest.mark.parametrize(
    "words",
    [
        "\x00",
        "a" * 5000,
        "[a TO zzzz]",
        "word~50",
        '"unclosed (and AND OR NOT',
        "<script>alert(1)</script>",
        "مرحبا بكم",
        "🫖" * 100,
        "\ufdd0 \u202e",
    ],
)
def test_whatever_is_typed_is_words(visitor, parcel, search_index, words):
    page = visitor.get("/search/", {"q": words})
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()
    assert visitor.get("/search/suggest/", {"q": words}).status_code == 200


def test_without_an_index_the_database_answers_and_the_page_says_so(visitor, parcel):
    page = visitor.get("/search/", {"q": "parcel"}).content.decode()
    assert parcel.title in page.replace("<mark>", "").replace("</mark>", "")
    assert "plainer than usual" in page
    nothing = visitor.get("/search/", {"q": "zeppelin"}).content.decode()
    assert "shows less than usual" in nothing


@pytest.mark.parametrize("many", [3, 40])
def test_searching_takes_few_queries_however_many_articles(
    visitor, shelf, search_index, many, django_assert_max_num_queries
):
    for n in range(many):
        factories.article(f"Parcel {n}", public=True, category=shelf)
    search_index()
    visitor.get("/search/", {"q": "parcel"})
    with django_assert_max_num_queries(14):
        visitor.get("/search/", {"q": "parcel"})
    with django_assert_max_num_queries(14):
        visitor.get("/search/", {"q": "xylophone"})
    with django_assert_max_num_queries(5):
        visitor.get(reverse("portal:suggest"), {"q": "parcel"})


def test_a_repaired_search_says_so_and_offers_the_words_as_typed(visitor, shelf, search_index):
    for n in range(3):
        factories.article(f"Where is my invoice {n}?", public=True, category=shelf)
    search_index()
    page = visitor.get("/search/", {"q": "invioce"}).content.decode()
    assert "Showing results for <strong>invoice</strong>" in page
    assert "/search/?q=invioce&amp;exact=1" in page
    exact = visitor.get("/search/", {"q": "invioce", "exact": "1"}).content.decode()
    assert "Showing results for" not in exact


def test_a_whole_letter_pasted_into_the_search_box_is_answered(visitor, shelf, search_index):
    search_index()
    letter = "Wo ist mein Päckchen? " * 500
    config = Config()
    config.set("limit_request_line", runpy.run_path("gunicorn.conf.py")["limit_request_line"])
    line = f"GET /search/?q={quote(letter)} HTTP/1.1\r\nHost: help.example\r\n\r\n"
    read = Request(config, IterUnreader([line.encode()]), ("127.0.0.1", 1))
    assert visitor.get(f"/search/?{read.query}").status_code == 200
