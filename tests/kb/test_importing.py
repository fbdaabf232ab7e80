import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from kb import markdown, publishing
from kb.management.commands import import_articles
from kb.models import Article, ArticleFlag, Category, IndexChange, Revision
from kb.privacy import gate
from kb.search import search
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def give(tmp_path, capsys):
    """Import these records (or raw lines) and get what the command said."""

    def give(*records, **options):
        path = tmp_path / "articles.jsonl"
        lines = [r if isinstance(r, bytes) else json.dumps(r).encode() for r in records]
        path.write_bytes(b"\n".join(lines))
        call_command("import_articles", str(path), **options)
        said = capsys.readouterr()
        return said.out + said.err

    return give


def record(n=1, **fields):
    return {"id": f"a{n}", "title": f"Title {n}", "body": f"<p>Answer {n}</p>"} | fields


def test_imported_articles_are_public_at_once_and_the_index_hears_of_them(give):
    assert "2 created" in give(record(1), record(2))
    assert Article.objects.visible_to(None).count() == 2
    assert IndexChange.objects.count() == 2


def test_a_draft_import_is_for_colleagues_only(give):
    give(record(), draft=True)
    assert not Article.objects.visible_to(None).exists()
    assert Revision.objects.get().state == Revision.State.DRAFT


def test_a_second_import_updates_what_changed_and_keeps_the_address(give):
    give(record(1), record(2))
    address = Article.objects.get(external_id="a1").slug
    said = give(record(1, title="A better title"), record(2), record(3))
    assert "1 created, 1 updated, 1 unchanged" in said
    article = Article.objects.get(external_id="a1")
    assert (article.title, article.slug) == ("A better title", address)
    assert article.published_revision.number == 2


def test_a_draft_import_leaves_the_public_text_and_waits_beside_it(give):
    give(record())
    give(record(title="Better", type="problem"), draft=True)
    article = Article.objects.get()
    assert (article.title, article.latest_revision.title) == ("Title 1", "Better")
    assert (article.is_public, article.type) == (True, Article.Type.PROBLEM)


def test_what_was_brought_as_a_draft_appears_when_the_file_says_public(give):
    give(record(), draft=True)
    give(record(audience="public"))
    assert Article.objects.visible_to(None).get().published_revision.number == 2


def test_a_bad_line_is_named_and_the_rest_go_in(give):
    said = give(
        record(1),
        b"{not json",
        {"id": "x", "body": "no title"},
        record(4, audience="everyone"),
        record(5, title="NUL \x00 in it"),
        b'{"id": "6", "title": "Half \\ud83d a letter", "body": "b"}',
        b"[" * 100_000,
        record(8, body="<div>" * 3000),
        record(9, body=""),
        b"[1, 2]",
        record(11),
        b'{"id": "caf\xe9"}',
        record(13, body="<script>x</script>"),
        record(14, slug="no/address?"),
        record(15, former_slugs=["a b"]),
        record(16, review_by="soon"),
        record(17, published_at="2030-02-30T10:00"),
    )
    assert "2 created, 0 updated, 0 unchanged, 15 left out" in said
    for line in (*range(2, 11), *range(12, 18)):
        assert f"line {line}: " in said
    assert "line 2: it is not JSON from character 2 on: " in said
    assert "line 3: it has no title" in said
    assert "line 6: title holds half a character" in said
    assert "line 12: it is not written in UTF-8" in said
    assert "line 13: it has no body" in said
    assert "line 16: review_by is not a date like 2030-12-31" in said


@pytest.mark.parametrize("fields", [{"confidence": "wip"}, {"body": "", "issue": "<p>Why?</p>"}])
def test_what_has_no_answer_yet_is_for_colleagues_whatever_the_file_says(give, fields):
    give(record(audience="public", **fields))
    assert not Article.objects.visible_to(None).exists()
    give(record(audience="Public"))
    assert Article.objects.visible_to(None).exists()
    give(record(audience="public", **fields))
    article = Article.objects.get()
    assert (article.is_public, article.published_revision) == (False, None)


def test_a_time_without_a_zone_is_the_organisations(give, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    with timezone.override("Europe/Berlin"):
        give(record(published_at="2024-01-01T10:00"))
        assert "1 unchanged" in give(record(published_at="2024-01-01T10:00"))
    assert Article.objects.get().published_at.isoformat() == "2024-01-01T09:00:00+00:00"


def test_what_may_show_personal_data_is_public_flagged_and_counted(give):
    said = give(record(1), record(2, body="<p>Write to maria@mail.se, she knows.</p>"))
    assert "1 may show personal data" in said
    flagged = ArticleFlag.objects.get(reason=ArticleFlag.Reason.PERSONAL).article
    assert flagged.is_public
    assert not flagged.published_revision.redaction_report.is_passed


def test_what_the_gate_has_yet_to_read_is_counted_and_read_by_the_worker(give, monkeypatch):
    monkeypatch.setattr(import_articles, "READ_AT_ONCE", 1)
    assert "2 are still to be read" in give(record(1), record(2), record(3))
    gate.rescan()
    assert not gate.unread().exists()


def test_the_same_id_twice_in_a_file_is_one_article_with_the_later_text(give):
    give(record(1), record(1, title="Later"))
    assert [a.title for a in Article.objects.all()] == ["Later"]


def test_articles_of_one_title_get_addresses_of_their_own(give):
    give(*[record(n, title="Overview") for n in range(5)])
    give(*[record(n, title="Overview") for n in range(5, 8)])
    assert Article.objects.count() == 8


def test_a_title_as_long_as_real_ones_are_goes_in_whole(give):
    title = "A guide for consumers - Weddings - " + "Am I entitled to a refund? " * 16
    give(record(title=title.strip()))
    assert Article.objects.get().title == title.strip()
    assert "1 left out" in give(record(2, title="x" * 501))


def test_scripts_and_outside_images_stay_outside(give):
    give(
        record(body='<p onclick="x()">Hi</p><script>x</script><img src="https://e.example/a.png">')
    )
    text = Revision.objects.get().resolution
    assert "script" not in text
    assert "onclick" not in text
    assert "e.example" not in text


def test_categories_are_found_by_address_or_name_and_made_when_new(give):
    shelf = Category.objects.create(name="Machines", slug="machines")
    give(record(1, category="machines"), record(2, category="Machines / Kettles"))
    assert Article.objects.get(external_id="a1").category == shelf
    assert Article.objects.get(external_id="a2").category.parent == shelf


def test_a_path_deeper_than_two_levels_is_the_same_shelf_every_time(give):
    give(record(category="All / Machines / Kettles"))
    assert "1 unchanged" in give(record(category="All / Machines / Kettles"))
    assert Article.objects.get().category.path == "Machines / Kettles"
    assert Category.objects.count() == 2


def test_a_folder_of_markdown_becomes_articles_with_their_parts(tmp_path):
    (tmp_path / "leaks.md").write_text(
        "---\n# ours\ntitle: My kettle leaks\ntags: [a]\nkeywords:\n- water\n- drip\n"
        "alternate_questions:\n- water under the kettle\n---\n\n"
        "> Water runs out.\n\n**Dry it.**\n\n## Then\n\n1. Wait.\n\n"
        "## When this applies\n\nThe K2.\n\n## Why it happens\n\nChalk.\n"
    )
    call_command("import_articles", str(tmp_path))
    article = Article.objects.get(external_id="leaks")
    text = article.published_revision
    assert text.issue == "<p>Water runs out.</p>"
    assert (text.environment, text.cause) == ("<p>The K2.</p>", "<p>Chalk.</p>")
    assert "<h2>Then</h2>" in text.resolution
    assert text.keywords == "water, drip"
    assert article.alternate_questions.get().text == "water under the kettle"


def test_a_list_of_the_front_matter_may_stand_in_brackets():
    fields, _body = markdown.front_matter('---\nkeywords: [one, "two"]\n---\nText')
    assert fields == {"keywords": ["one", "two"]}


def test_markdown_keeps_html_as_text():
    assert "<script>" not in markdown.to_parts("<script>alert(1)</script>")["resolution"]


def test_what_is_exported_comes_back_the_same(publisher, tmp_path):
    shelf = factories.category("Kettles", parent=factories.category("Machines"))
    article = factories.article(
        "Why? 🫖",
        by=publisher,
        category=shelf,
        issue="<p>a &amp; b</p>",
        environment="<p>env</p>",
        cause="<p>cause</p>",
        keywords="one, two",
        type=Article.Type.PROBLEM,
        is_pinned=True,
    )
    article.publish(by=publisher)
    article.add_question("why oh why", source="editor")
    article.rename("why-then")
    retired = factories.article("Why once?", by=publisher, category=shelf)
    retired.publish(by=publisher)
    publishing.archive(retired, by=publisher, replaced_by=article)
    factories.article("Internal only", by=publisher)
    Article.start(by=publisher, title="Begun", keywords="typed;as they ,came")
    first, second = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    call_command("export_articles", str(first))
    Article.objects.update(published_revision=None, latest_revision=None)
    Article.objects.all().delete()
    Category.objects.filter(parent__isnull=False).delete()
    Category.objects.all().delete()
    call_command("import_articles", str(first))
    call_command("export_articles", str(second))
    assert first.read_text() == second.read_text()
    assert Article.objects.visible_to(None).get().former_slugs.exists()
    assert Article.objects.get(title="Why once?").replaced_by.title == "Why? 🫖"


def test_a_successor_that_is_not_here_is_named(give):
    said = give(record(1, confidence="archived", replaced_by="a2"))
    assert "1 created" in said
    assert "line 1: replaced_by names no article here: a2" in said


def test_a_missing_file_is_named():
    with pytest.raises(CommandError, match=r"nowhere\.jsonl"):
        call_command("import_articles", "/nowhere.jsonl")


def test_a_large_import_takes_few_queries(give, django_assert_max_num_queries):
    with django_assert_max_num_queries(90):
        give(*[record(n) for n in range(900)])


def test_what_the_public_reads_stands_in_a_category_whatever_the_file_says(give):
    give(record(1), record(2, audience="internal"), record(3, category="x" * 100))
    give(record(3, title="Again", category="x" * 100))
    assert Article.objects.get(external_id="a1").category.name == "General"
    assert Article.objects.get(external_id="a2").category is None
    assert Category.objects.count() == 2


def test_what_was_imported_is_found_although_no_worker_runs(give):
    give(record(title="How do I descale the kettle?"))
    assert [hit.article.external_id for hit in search("descale")] == ["a1"]


def test_a_plain_folder_of_markdown_takes_its_titles_from_headings_or_names(tmp_path):
    for folder in ("kettles", "pans"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "index.md").write_text(f"# About {folder}\n\nThey are good.\n")
    (tmp_path / "sending-back.MD").write_text("Print the label.\n")
    (tmp_path / "secret.md").symlink_to("/etc/hostname")
    call_command("import_articles", str(tmp_path))
    assert dict(Article.objects.values_list("external_id", "title")) == {
        "kettles/index": "About kettles",
        "pans/index": "About pans",
        "sending-back": "sending back",
    }
    assert Revision.objects.get(title="About pans").resolution == "<p>They are good.</p>"


def test_headings_and_bold_words_of_other_programs_stay_what_they_are(give):
    give(record(body="<H1 id=x>First</H1><p><b>Now</b> <i>this</i></p><body>b</body>"))
    text = Revision.objects.get().resolution
    assert text == "<h2>First</h2><p><strong>Now</strong> <em>this</em></p>b"


def test_an_export_goes_to_the_standard_output_or_says_why_not(capsys):
    factories.article("Why?", public=True)
    call_command("export_articles", "-")
    assert json.loads(capsys.readouterr().out)["title"] == "Why?"
    with pytest.raises(CommandError, match="No such file"):
        call_command("export_articles", "/nowhere/at/all.jsonl")
