"""The search command, as scripts and outside checks use it."""

import json

import pytest
from django.core.management import CommandError, call_command

from tests import factories


def test_a_run_file_names_its_columns_and_ranks_each_answer(search_index, tmp_path):
    factories.article("How do I descale the kettle?", public=True, external_id="a1")
    factories.article("Where is my parcel?", public=True, external_id="a2")
    search_index()
    queries, run = tmp_path / "queries.jsonl", tmp_path / "run.tsv"
    query = json.dumps({"id": "q1", "text": "descale kettle"})
    queries.write_text(query + "\n", encoding="utf-8-sig")  # as a spreadsheet saves it

    call_command("search", queries=queries, run=run)

    header, first, *_ = [line.split("\t") for line in run.read_text().splitlines()]
    assert header == ["query_id", "article_id", "rank", "score"]
    assert first[:3] == ["q1", "a1", "1"]
    assert float(first[3]) > 0


def test_an_article_may_have_a_title_of_several_lines(db, tmp_path):
    long = "What happens when " + "somebody asks at length " * 15
    file = tmp_path / "articles.jsonl"
    file.write_text(json.dumps({"id": "long", "title": long, "body": "<p>It is kept.</p>"}))

    call_command("import_articles", str(file))

    assert factories.Article.objects.get(external_id="long").title == long.strip()


@pytest.mark.parametrize("line", ["{nonsense", "[1]", '{"id": "q1"}'])
def test_a_bad_line_of_queries_is_named(db, tmp_path, line):
    queries = tmp_path / "queries.jsonl"
    queries.write_text(f"\n{line}\n")
    with pytest.raises(CommandError, match="line 2"):
        call_command("search", queries=queries, run=tmp_path / "run.tsv")


def test_a_missing_file_and_a_limit_below_one_are_named(db, tmp_path):
    with pytest.raises(CommandError, match=r"nowhere\.jsonl"):
        call_command("search", queries=tmp_path / "nowhere.jsonl", run=tmp_path / "run.tsv")
    with pytest.raises(CommandError, match="from 1 on"):
        call_command("search", "kettle", "--limit", "0")
