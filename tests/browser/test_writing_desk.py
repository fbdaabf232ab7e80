"""The writing desk in a real browser: the editor under the strict policy, named, in every light."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from feedback.models import Message
from kb import voting
from kb.models import Article, Category, ContentGap, SearchQuery
from tests import factories
from tests.browser.access import faults_in_every_light

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


@pytest.fixture
def pat(db):
    return factories.staff("pat", "KB publisher", "CSR")


@pytest.fixture
def article(pat):
    """Public, with a newer draft that names somebody, a flag and a customer's words."""
    article = factories.article("How do I change the address?", by=pat, public=True)
    article.add_question("i moved house", source="ticket")
    article.write(by=pat, resolution="<p>Hi Maria, call +44 20 7946 0958.</p>")
    voting.flag(article, reason="unclear", comment="Which address?")
    return article


@pytest.fixture
def ticket(pat):
    ticket = factories.ticket(owner=pat, subject="How do I change an address?")
    ticket.messages.create(
        direction="out",
        author_kind="csr",
        author=pat,
        type=Message.Type.RESOLUTION,
        body="Hello,\n\nOpen My orders.\n\nBest regards,\nPat",
    )
    return ticket


def address(name, *args):
    return reverse(f"admin:{name}", args=args)


def test_every_page_is_accessible_in_every_light_and_breaks_no_policy(
    staff_page, live_server, pat, article, ticket, pictures_folder
):
    page = staff_page(pat)
    picture = factories.picture()
    found = {}
    for path in (
        address("kb_article_changelist"),
        address("kb_article_change", article.pk),
        address("kb_article_add"),
        address("kb_article_revisions", article.pk),
        address("kb_article_difference", article.pk),
        address("kb_article_preview", article.pk),
        address("kb_articleflag_changelist"),
        address("feedback_ticket_write_up", ticket.pk),
        address("kb_picture_changelist"),
        address("kb_picture_change", picture.pk),
        address("kb_picture_add"),
        address("kb_picture_add") + "?CKEditorFuncNum=-1",
    ):
        page.goto(live_server.url + path)
        page.wait_for_load_state("networkidle")
        if named := page.complaints or faults_in_every_light(page):
            found[path] = named
        page.complaints = []  # the scan itself writes a style, which the policy refuses
    assert found == {}


def test_what_is_typed_in_the_editor_is_what_is_kept(staff_page, live_server, pat):
    page = staff_page(pat)
    page.goto(live_server.url + address("kb_article_add"))
    page.get_by_label("Title").fill("Where is the filter?")
    box = page.get_by_role("textbox", name="What to do")
    expect(box).to_be_visible()
    page.locator("label", has_text="What to do").click()  # the name leads into the box
    page.keyboard.press("Control+b")
    page.keyboard.type("Below the lid.")
    page.keyboard.press("Control+b")
    page.keyboard.press("Enter")
    page.keyboard.type("- Lift it.")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    text = Article.objects.get().latest_revision.resolution
    assert text == "<p><strong>Below the lid.</strong></p><ul><li><p>Lift it.</p></li></ul>"
    assert page.complaints == []


def test_one_press_makes_the_text_neutral_and_the_next_publishes_it(
    staff_page, live_server, pat, article
):
    page = staff_page(pat)
    page.goto(live_server.url + address("kb_article_change", article.pk))
    expect(page.get_by_role("heading", name="One thing to replace, one to confirm")).to_be_visible()
    page.get_by_role("button", name="Apply to the text").click()
    expect(page.get_by_role("heading", name="Nothing here points at a person")).to_be_visible()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Customers can read it now")).to_be_visible()
    article.refresh_from_db()
    assert "your telephone number" in article.published_revision.resolution


def test_a_gap_is_closed_from_its_list_and_proved(staff_page, live_server, pat, search_index):
    factories.article("Where is the filter?", by=pat, public=True)
    day_ago = timezone.now() - timedelta(days=1)
    for visit in "abc":
        SearchQuery.objects.create(
            text="gift wrapping",
            normalised="gift wrapping",
            results_count=0,
            visit_key=visit,
            at=day_ago,
        )
    page = staff_page(pat)
    page.goto(live_server.url + address("kb_contentgap_changelist"))
    page.get_by_role("button", name="Count again").click()
    page.get_by_role("link", name="gift wrapping").click()
    page.get_by_role("button", name="Start a draft").click()
    page.get_by_label("Title").fill("Can you wrap it as a gift?")
    page.get_by_label("Category").select_option(label=str(Category.objects.get()))
    page.locator("label", has_text="What to do").click()
    page.keyboard.type("Tick the box in the basket.")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Customers can read it now")).to_be_visible()
    search_index()  # what the worker does in a second
    page.goto(live_server.url + address("kb_contentgap_change", ContentGap.objects.get().pk))
    page.get_by_role("button", name="Run these words again").click()
    expect(page.get_by_text("1 of 1 now find it in the first three.")).to_be_visible()
    assert ContentGap.objects.get().state == ContentGap.State.VERIFIED
    assert page.complaints == []


EVERYTHING = (
    "<h2>A</h2><h3>B</h3><h4>C</h4><p><strong>a</strong><em>b</em><u>c</u><s>d</s><sub>e</sub>"
    '<sup>f</sup><code>g</code><br><a href="/ask/" rel="noopener">h</a></p><hr>'
    "<blockquote><p>i</p></blockquote><pre><code>j</code></pre><ol><li><p>k</p></li></ol>"
    '<figure><img src="/static/portal/mark.svg" alt="l"><figcaption>m</figcaption></figure>'
    "<table><tbody><tr><th><p>n</p></th></tr><tr><td><p>o</p></td></tr></tbody></table><p>end</p>"
)


def test_an_edit_throws_nothing_away_that_an_article_may_hold(staff_page, live_server, pat):
    article = factories.article(by=pat, resolution=EVERYTHING)
    page = staff_page(pat)
    page.goto(live_server.url + address("kb_article_change", article.pk))
    page.locator(".field-resolution .ProseMirror p", has_text="end").click()
    page.keyboard.press("End")
    page.keyboard.type(" now")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    kept = article.revisions.first().resolution
    for tag in sorted(set(re.findall(r"<(\w+)", EVERYTHING))):
        assert f"<{tag}" in kept
    assert "end now" in kept


def test_a_picture_goes_from_the_desk_to_the_readers(
    staff_page, new_page, live_server, pat, pictures_folder
):
    """Without a mouse: into the box, into the picker, added there, kept, published, read."""
    article = factories.article("Where is the tank?", by=pat, resolution="<p>Behind the lid.</p>")
    page = staff_page(pat)
    page.goto(live_server.url + address("kb_article_change", article.pk))
    page.locator("label", has_text="What to do").click()
    page.keyboard.press("Control+End")
    page.locator(".field-resolution").get_by_role("button", name="figure").press("Enter")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Browse...").press("Enter")
    picker = opened.value
    picker.complaints = []
    picker.on("console", lambda m: m.type == "error" and picker.complaints.append(m.text))
    picker.get_by_label("Picture").set_input_files(
        {"name": "tank.png", "mimeType": "image/png", "buffer": factories.image().read()}
    )
    picker.get_by_role("button", name="Add and use it").press("Enter")
    words = picker.get_by_label("Alternative text")
    assert words.evaluate("field => field.validity.valueMissing"), "the browser asks for the words"
    words.fill("The tank, open")
    with picker.expect_event("close"):
        words.press("Enter")
    box = page.get_by_role("dialog")
    expect(box.get_by_label("Alternative Text")).to_have_value("The tank, open")
    box.get_by_label("Alternative Text").fill("")
    box.get_by_role("button", name="Insert").press("Enter")
    expect(box).to_be_visible()
    box.get_by_label("Alternative Text").fill("The tank without its lid")
    box.get_by_label("Caption").fill("Seen from behind")
    box.get_by_role("button", name="Insert").press("Enter")
    page.get_by_role("button", name="Save and publish").click()
    expect(page.get_by_text("Customers can read it now")).to_be_visible()
    expect(page.locator(".ProseMirror img")).to_have_js_property("naturalWidth", 40)
    assert page.complaints == picker.complaints == []

    reader = new_page(viewport={"width": 360, "height": 700}, color_scheme="dark")
    for path in (article.get_absolute_url(), f"{article.get_absolute_url()}print/"):
        reader.goto(live_server.url + path)
        shown = reader.get_by_role("img", name="The tank without its lid")
        expect(shown).to_have_js_property("naturalWidth", 40)
        expect(reader.get_by_text("Seen from behind")).to_be_visible()
        assert faults_in_every_light(reader) == {}
