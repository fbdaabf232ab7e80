"""Pictures in articles: drawn anew, refused by name, swept up, there and back with an export."""

import base64
import json
import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from kb import content_standard, images, markup, pictures, publishing
from kb.models import Article, ArticleFlag, Picture, PublishRefused
from kb.search import search
from portal.models import AuditEntry
from tests import factories
from tests.kb.test_admin import address, form

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("pictures_folder")]


def shows(picture, words="The tank"):
    return f'<p>Lift it.</p><img src="{picture.address}" alt="{words}">'


def opened(picture):
    with Image.open(picture.path) as image:
        image.load()
        return image


def photo(orientation=1):
    """A photograph with the place where it was taken, and a note which side is up."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Camera of Maria"
    exif.get_ifd(0x8825)[2] = (59.0, 19.0, 46.0)
    return factories.image(
        "garden.jpg", size=(60, 20), exif=exif, comment=b"my garden", xmp=b"<x>Maria</x>"
    )


# --- Drawing ------------------------------------------------------------------


def test_nothing_is_kept_of_a_photograph_but_what_it_shows():
    sent = photo()
    assert b"Maria" in sent.read()
    picture = pictures.add(pictures.draw(sent, "garden.jpg"), alternative_text="A garden")
    kept = picture.path.read_bytes()
    assert b"Maria" not in kept
    assert b"my garden" not in kept
    assert not opened(picture).getexif()


def test_a_photograph_stands_upright():
    drawn = pictures.draw(photo(orientation=6), "garden.jpg")
    assert drawn.look == "20x60.jpg"


def test_what_shines_through_is_drawn_on_white():
    sent = factories.image("line.png", mode="RGBA", colour=(0, 0, 0, 0))
    picture = pictures.add(pictures.draw(sent, "line.png"), alternative_text="A line")
    assert opened(picture).convert("RGB").getpixel((1, 1)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("sent", "options", "kept"),
    [
        ("a.png", {"size": (3200, 400)}, "1600x200.png"),
        ("a.JPEG", {}, "40x30.jpg"),
        ("a.jpg", {"mode": "CMYK"}, "40x30.jpg"),
        ("a.webp", {}, "40x30.webp"),
        ("a.gif", {"mode": "P", "colour": 1}, "40x30.png"),
        ("a.png", {"mode": "LA", "colour": (9, 9)}, "40x30.png"),
    ],
)
def test_each_kind_is_kept_as_a_page_can_show_it(sent, options, kept):
    drawn = pictures.draw(factories.image(sent, **options), sent)
    assert drawn.look == kept
    with Image.open(BytesIO(drawn.content)) as image:
        assert not image.has_transparency_data
        assert f"{image.width}x{image.height}" == kept.partition(".")[0]


def test_a_drawing_of_few_colours_weighs_less_and_looks_the_same():
    colours = [(n, 255 - n, (n * 7) % 256) for n in range(256)]
    image = Image.new("RGB", (64, 64))
    image.putdata([colours[n % 256] for n in range(64 * 64)])
    out = BytesIO()
    image.save(out, "PNG")
    drawn = pictures.draw(SimpleUploadedFile("drawing.png", out.getvalue()), "drawing.png")
    with Image.open(BytesIO(drawn.content)) as kept:
        assert kept.mode == "P"
        assert kept.convert("RGB").tobytes() == image.tobytes()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("drawing.svg", b"<svg onload='alert(1)'/>", "Welcome are"),
        ("page.html", b"<script>", "Welcome are"),
        ("virus.png", b"MZ\x90\x00", "does not look like a picture"),
        ("half.png", factories.image().read()[:40], "does not look like a picture"),
        ("other.jpg", factories.image().read(), "does not look like a picture"),
    ],
)
def test_what_is_no_picture_is_refused_by_name(name, content, says):
    with pytest.raises(ValidationError, match=says) as refusal:
        pictures.draw(SimpleUploadedFile(name, content), name)
    assert name in refusal.value.messages[0]


def test_what_is_too_large_to_send_to_open_or_to_load_is_refused(monkeypatch):
    for where, limit, most, says in (
        (pictures, "MAX_BYTES", 10, "too large"),
        (images, "MAX_PIXELS", 1000, "does not look like"),
        (pictures, "MAX_DRAWN", 50, "too heavy for a page"),
    ):
        monkeypatch.setattr(where, limit, most)
        with pytest.raises(ValidationError, match=says):
            pictures.draw(factories.image(), "tank.png")
        monkeypatch.undo()


# --- Keeping ------------------------------------------------------------------


def test_a_picture_is_on_the_disk_before_its_row(monkeypatch):
    synced = []
    monkeypatch.setattr("os.fsync", lambda descriptor: synced.append(Picture.objects.count()))
    factories.picture()
    assert synced
    assert set(synced) == {0}


def test_the_same_picture_is_kept_once_under_a_name_only_our_key_can_make(settings):
    first, again = factories.picture("A tank"), factories.picture("The tank, open")
    assert first.pk == again.pk
    assert Picture.objects.get().alternative_text == "The tank, open"
    settings.SECRET_KEY = "another house's"
    assert factories.picture().name != first.name


def test_a_full_disk_leaves_neither_row_nor_half_a_file(monkeypatch, pictures_folder):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        factories.picture()
    assert not Picture.objects.exists()
    assert list(pictures_folder.iterdir()) == []


def test_the_sweeper_takes_what_no_text_has_ever_shown_and_files_without_a_row(
    pictures_folder, publisher, django_capture_on_commit_callbacks
):
    shown, once_shown = factories.picture(colour="red"), factories.picture(colour="blue")
    unused = factories.picture(colour="green")
    article = factories.article(by=publisher, resolution=shows(once_shown))
    article.write(by=publisher, resolution=shows(shown))
    (pictures_folder / "left-by-a-kill.png.part").write_bytes(b"half")

    assert pictures.sweep() == 0
    assert pictures.sweep(timezone.now() + timedelta(hours=25)) == 1
    with django_capture_on_commit_callbacks(execute=True):
        pictures.sweep(timezone.now() + timedelta(days=91))
    assert set(Picture.objects.all()) == {shown, once_shown}
    assert {path.name for path in pictures_folder.iterdir()} == {shown.name, once_shown.name}
    assert not unused.path.exists()


# --- In articles --------------------------------------------------------------


def test_a_picture_keeps_its_room_on_the_page_before_it_comes():
    picture = factories.picture(size=(40, 30))
    text = markup.clean(f"<img alt='The &quot;tank&quot;' src={picture.address}>")
    assert text == (
        f'<img src="{picture.address}" alt="The &quot;tank&quot;" '
        'width="40" height="30" loading="lazy">'
    )
    assert markup.clean(text) == text


@pytest.mark.parametrize(
    "source",
    ["https://e.example/a.png", "//e.example/a.png", "/\\e.example/a.png", "/\t/e.example/a.png",
     "data:image/png;base64,AAAA", "a.png", ""],
)  # fmt: skip
def test_an_image_of_another_site_never_stays_whatever_its_address_pretends(source):
    assert markup.clean(f'<p>See</p><img src="{source}" alt="x">') == "<p>See</p>"
    assert "another site" in pictures.problems(f'<img src="{source}" alt="x">')[0]


def test_an_article_is_saved_with_its_picture_and_found_by_what_it_shows(
    signed_in, publisher, search_index
):
    picture = factories.picture()
    article = factories.article("How do I clean it?", by=publisher)
    words = form(article, resolution=shows(picture, "A turquoise reservoir"), _publish="1")
    browser = signed_in(publisher)
    browser.post(address("change", article.pk), words)
    search_index()
    assert [hit.article for hit in search("turquoise reservoir")] == [article]
    article.refresh_from_db()
    text = article.published_revision.resolution
    assert 'width="40" height="30" loading="lazy"' in text
    # What the editor gives back has no `loading`; it is the same text all the same.
    browser.post(
        address("change", article.pk), form(article, resolution=text.replace(' loading="lazy"', ""))
    )
    assert article.revisions.count() == 2


@pytest.mark.parametrize(
    ("image", "says"),
    [
        ('<img src="{own}">', "An image has no text for those who do not see it: {own}"),
        ('<img src="{own}" alt=" ">', "An image has no text for those who do not see it: {own}"),
        ("<img src=https://e.example/a.png alt=x>", "https://e.example/a.png"),
        ('<img src="/pictures/{gone}" alt="A lid">', "This picture is not here any more: A lid"),
    ],
)
def test_an_image_nobody_should_be_shown_is_refused_by_name_and_the_words_are_kept(
    signed_in, publisher, image, says
):
    names = {"own": factories.picture().address, "gone": f"{'0' * 32}-4x4.png"}
    article = factories.article(by=publisher)
    words = form(article, resolution=f"<p>New words</p>{image.format(**names)}")
    page = signed_in(publisher).post(address("change", article.pk), words).content.decode()
    assert says.format(**names) in page
    assert "New words" in page
    assert article.revisions.count() == 1


def test_a_picture_without_words_or_file_stands_in_the_way_of_publishing(publisher):
    picture = factories.picture()
    article = factories.article(by=publisher, resolution=shows(picture))
    picture.delete()
    with pytest.raises(PublishRefused, match="not here any more"):
        publishing.publish(article, by=publisher)
    items = {item.name: item for item in content_standard.checklist(article.latest_revision)}
    assert not items["Images"].is_met


def test_the_privacy_gate_reads_what_a_picture_says(publisher):
    text = shows(factories.picture(), "The parcel of maria@mail.se")
    article = factories.article(by=publisher, resolution=text)
    hits = article.latest_revision.redaction_report.hits
    assert "email" in set(hits.values_list("kind", flat=True))


# --- The page on which they are added and chosen ---------------------------------


def add_page(waiting=""):
    return reverse("admin:kb_picture_add") + (f"?CKEditorFuncNum={waiting}" if waiting else "")


def test_a_picture_is_added_and_the_page_says_what_to_type(signed_in, dana):
    browser = signed_in(dana)
    sent = {"file": factories.image(), "alternative_text": 'A "tank" & lid'}
    page = browser.post(add_page(), sent, follow=True).content.decode()
    picture = Picture.objects.get()
    assert picture.uploaded_by == dana
    typed = f"&lt;img src=&quot;{picture.address}&quot; alt=&quot;A &amp;quot;tank&amp;quot;"
    assert typed in page
    assert AuditEntry.objects.filter(action="add", target=f"kb.picture {picture.pk}").exists()


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"alternative_text": " "}, "Say in a sentence what it shows"),
        ({"file": SimpleUploadedFile("x.svg", b"<svg/>")}, "Welcome are: png, jpg, webp, gif"),
    ],
)
def test_what_is_missing_is_said_and_the_words_stay(signed_in, dana, sent, says):
    whole = {"file": factories.image(), "alternative_text": "The tank"}
    page = signed_in(dana).post(add_page(), whole | sent).content.decode()
    assert says in page
    assert ("The tank" in page) == ("file" in sent)
    assert not Picture.objects.exists()


def test_the_waiting_editor_is_handed_the_new_picture(signed_in, dana):
    sent = {"file": factories.image(), "alternative_text": "The tank"}
    page = signed_in(dana).post(add_page("-3"), sent, follow=True)
    assert page.request["QUERY_STRING"].startswith("CKEditorFuncNum=-3&chosen=")
    assert re.search(r"<button[^>]* data-is-chosen", page.content.decode())


def test_pictures_are_found_by_what_they_show(signed_in, dana):
    factories.picture("The tank", colour="red")
    factories.picture("The lid", colour="blue")
    page = signed_in(dana).get(add_page(), {"q": "LID"}).content.decode()
    assert "The lid" in page
    assert "The tank" not in page


def test_a_picture_that_shows_too_much_is_deleted_at_once_and_its_articles_are_named(
    signed_in, publisher, django_capture_on_commit_callbacks
):
    picture = factories.picture()
    article = factories.article("Which tank?", by=publisher, resolution=shows(picture), public=True)
    browser = signed_in(publisher)
    page = browser.get(reverse("admin:kb_picture_change", args=[picture.pk])).content.decode()
    assert "Which tank?" in page
    assert f"<code>&lt;img src=&quot;{picture.address}" in page
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(reverse("admin:kb_picture_delete", args=[picture.pk]), {"post": "yes"})
    assert not picture.path.exists()
    assert ArticleFlag.objects.get(article=article).comment == (
        "A picture was deleted: The tank without its lid"
    )


# --- Out and in ---------------------------------------------------------------


@pytest.fixture
def emptied(tmp_path, pictures_folder):
    """Export everything, and empty the house as another one would be."""

    def empty():
        path = tmp_path / "articles.jsonl"
        call_command("export_articles", str(path))
        Article.objects.update(published_revision=None, latest_revision=None)
        Article.objects.all().delete()
        Picture.objects.all().delete()
        for picture in pictures_folder.iterdir():
            picture.unlink()
        return path

    return empty


@pytest.mark.parametrize("name", ["tank.jpg", "tank.png", "tank.webp"])
def test_an_article_with_a_picture_comes_back_the_same(tmp_path, publisher, emptied, name):
    picture = factories.picture("The tank", name=name)
    kept = picture.path.read_bytes()
    factories.article("Which tank?", by=publisher, resolution=shows(picture)).publish(by=publisher)
    path = emptied()
    call_command("import_articles", str(path))
    call_command("import_articles", str(path))
    assert Picture.objects.get().path.read_bytes() == kept
    call_command("export_articles", str(tmp_path / "again.jsonl"))
    assert (tmp_path / "again.jsonl").read_text() == path.read_text()


def test_in_another_house_a_picture_is_drawn_again_under_its_own_name(
    settings, publisher, emptied, capsys
):
    picture = factories.picture("The tank", name="tank.jpg")
    article = factories.article(by=publisher, resolution=shows(picture), public=True)
    text = article.published_revision.resolution
    path = emptied()
    record = json.loads(path.read_text())
    record["pictures"][0]["data"] = base64.b64encode(
        factories.image("tank.jpg", comment=b"Maria").read()
    ).decode()
    path.write_text(json.dumps(record))
    settings.SECRET_KEY = "another house's"
    call_command("import_articles", str(path))
    assert Article.objects.get().published_revision.resolution == text
    assert b"Maria" not in Picture.objects.get().path.read_bytes()


def test_what_cannot_be_shown_is_left_out_of_an_imported_article_and_said(tmp_path, capsys):
    here = factories.picture()
    body = (
        f'<p>Hi</p><img src="{here.address}" alt="Here"><img src="{here.address}">'
        f'<img src="/pictures/{"0" * 32}-4x4.png" alt="Gone">'
        '<img src="https://e.example/a.png" alt="Theirs">'
    )
    broken = {"name": "../../db.sqlite3", "data": ""}, {"name": f"{'1' * 32}-4x4.png", "data": "%"}
    lines = [{"id": "1", "title": "One", "body": body, "pictures": broken},
             {"id": "2", "title": "Two", "body": "b", "pictures": "none"},
             {"id": "3", "title": "Three", "body": f'<img src="{here.address}">'}]  # fmt: skip
    path = tmp_path / "articles.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    call_command("import_articles", str(path))
    said = "".join(capsys.readouterr())
    assert "1 created, 0 updated, 0 unchanged, 2 left out" in said
    assert "line 2: pictures is no list" in said
    assert "line 3: it has no body" in said
    for reason in ("no name of a picture", "is damaged", "no text for those", "not here any more",
                   "https://e.example/a.png"):  # fmt: skip
        assert re.search(f"line 1, without an image: .*{re.escape(reason)}", said)
    text = Article.objects.get().published_revision.resolution
    assert text.count("<img") == 1
    assert 'alt="Here"' in text


def test_a_picture_beside_a_markdown_file_comes_in_with_it_and_nothing_from_above(
    tmp_path, capsys, pictures_folder
):
    folder = tmp_path / "articles"
    (folder / "looks").mkdir(parents=True)
    (folder / "looks" / "my tank.png").write_bytes(factories.image().read())
    (folder / "broken.png").write_bytes(b"MZ")
    (tmp_path / "secret.png").write_bytes(factories.image(colour="red").read())
    (folder / "tank.md").write_text(
        "# Where is it?\n\nHere:\n\n![The tank](looks/my%20tank.png)\n\n"
        "![Secret](../secret.png) ![](looks/my%20tank.png)\n"
    )
    (folder / "lid.md").write_text("# And the lid?\n\n![The lid](broken.png)\n")
    for said in ("1 created", "1 unchanged"):
        call_command("import_articles", str(folder))
        out = "".join(capsys.readouterr())
        assert said in out
        assert "lid.md: “broken.png” does not look like a picture inside" in out
        assert re.search(r"tank.md, without an image: .*\.\./secret.png", out)
    picture = Picture.objects.get()
    assert picture.alternative_text == "The tank"
    text = Article.objects.get().published_revision.resolution
    assert text.count("<img") == 1
    assert picture.address in text


def test_a_picture_that_is_not_what_its_name_says_is_left_out(tmp_path, capsys):
    given = {
        "name": f"{'1' * 32}-4x4.png",
        "data": base64.b64encode(factories.image().read()).decode(),
    }
    path = tmp_path / "articles.jsonl"
    path.write_text(json.dumps({"id": "1", "title": "One", "body": "b", "pictures": [given]}))
    call_command("import_articles", str(path))
    assert "not of the size its name says" in capsys.readouterr().err
    assert not Picture.objects.exists()
