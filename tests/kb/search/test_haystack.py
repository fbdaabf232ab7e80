"""What Haystack offers goes on working with our engine, and the index with Haystack's others."""

import pytest
from django.core.management import call_command
from haystack.query import SQ, SearchQuerySet

from kb.models import Article
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(search_index):
    returns, paying = factories.category("Returns"), factories.category("Paying")
    made = {
        title: factories.article(title, public=True, category=shelf, resolution=f"<p>{text}</p>")
        for title, shelf, text in (
            ("Send a parcel back", returns, "Print the label."),
            ("Where is my parcel", returns, "Follow the number of the parcel."),
            ("Pay by card", paying, "Cards of all banks."),
        )
    }
    search_index()
    return made


def titles(results):
    return [result.object.title for result in results]


def test_content_matches_any_word_best_first(shelf):
    assert titles(SearchQuerySet().filter(content="follow parcel")) == [
        "Where is my parcel",
        "Send a parcel back",
    ]


def test_filters_negations_and_counts(shelf):
    category = shelf["Pay by card"].category
    assert SearchQuerySet().count() == 3
    assert titles(SearchQuerySet().filter(category=category.pk)) == ["Pay by card"]
    assert SearchQuerySet().exclude(category=category.pk).count() == 2
    assert titles(SearchQuerySet().filter(SQ(title="card") | SQ(title="label"))) == ["Pay by card"]
    assert titles(SearchQuerySet().auto_query("parcel -label")) == ["Where is my parcel"]


def test_facets_by_category(shelf):
    returns = shelf["Send a parcel back"].category
    counts = SearchQuerySet().filter(content="parcel card").facet("category").facet_counts()
    assert counts["fields"]["category"][0] == (returns.pk, 2)


def test_order_by_a_field(shelf):
    found = SearchQuerySet().all().order_by("-article")
    assert [int(result.pk) for result in found] == sorted(
        (article.pk for article in shelf.values()), reverse=True
    )


def test_highlighting_marks_words_and_escapes(shelf):
    result = SearchQuerySet().filter(content="labels").highlight()[0]
    assert "<mark>label</mark>" in result.highlighted["text"][0]


def test_more_like_this(shelf):
    similar = SearchQuerySet().more_like_this(shelf["Send a parcel back"])
    assert titles(similar) == ["Where is my parcel"]


def test_a_spelling_suggestion(shelf):
    assert SearchQuerySet().spelling_suggestion("parcle") == "parcel"


def test_haystacks_own_commands(shelf, capsys):
    Article.objects.filter(title="Pay by card").update(audience="internal")
    call_command("update_index")
    assert SearchQuerySet().count() == 2
    call_command("rebuild_index", interactive=False)
    assert SearchQuerySet().count() == 2
    assert SearchQuerySet().using("staff").count() == 3
    assert "default: 2 articles" in capsys.readouterr().out


def test_the_definition_makes_a_schema_for_solr(settings, capsys):
    from haystack import connections

    engine = "haystack.backends.solr_backend.SolrEngine"
    pytest.importorskip("pysolr")
    connections.connections_info["solr"] = {"ENGINE": engine, "URL": "http://127.0.0.1:1/solr/x"}
    try:
        call_command("build_solr_schema", using="solr")
    finally:
        del connections.connections_info["solr"]
    schema = capsys.readouterr().out
    for field in ("text", "title", "questions", "category", "language", "stamp"):
        assert f'<field name="{field}"' in schema
