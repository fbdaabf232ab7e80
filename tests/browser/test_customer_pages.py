"""The customer's pages in a real browser: accessible in every light, whole without scripts."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from feedback import intake
from feedback.models import ContactChannel, KnownIssue, Ticket
from feedback.workflow import move
from kb.models import HelpfulVote
from kb.search import keeping
from tests import factories
from tests.browser.access import faults, faults_in_every_light

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


@pytest.fixture
def shop(db):
    """A small shop with something on each shelf, and requests at each step of the way."""
    ContactChannel.objects.create(kind="phone", value="0800 000 000", label="Ring us")
    ContactChannel.objects.create(kind="post", value="1 Kettle Yard, Penmarrow")
    dana = factories.staff("dana", "CSR")
    factories.staff("sam", "Manager")
    shelf = factories.category("Kettles", slug="kettles", icon="cup", description="All of them")
    for n in range(25):
        factories.article(f"How do I descale kettle {n}?", public=True, category=shelf)
    factories.article(
        "Why does my kettle leak?",
        public=True,
        category=shelf,
        slug="leak",
        issue="<p>Water below the kettle.</p>",
        environment="<p>Every kettle.</p>",
        resolution="<p><strong>Tighten the lid.</strong></p><ol><li>Empty it.</li></ol>"
        "<h2>Still wet?</h2><table><tr><th>Model</th><th>Part</th></tr><tr><td>Tilda</td>"
        "<td>Lid</td></tr></table>",
        cause="<p>The ring dries out.</p>",
    )
    issue = KnownIssue.objects.create(title="Lids are late", text="Snow.", state="active")
    keeping.apply_changes()
    requests = {name: _request(n) for n, name in enumerate(("new", "need", "plan", "ask", "done"))}
    later = timezone.now() + timedelta(days=7)
    for name in ("need", "plan", "ask", "done"):
        move(requests[name], "claim", by=dana)
    move(requests["need"], "state_need", by=dana, body="Is this right?", need="A new lid.")
    move(requests["plan"], "state_need", by=dana, body="Is this right?", need="A new lid.")
    promise = {"what": "A new lid leaves our house", "due_at": later}
    move(requests["plan"], "send_plan", by=dana, body="Our plan.", promises=[promise])
    answer = {"body": "Turn the lid.", "need": "A dry table.", "knowledge": "not-needed",
              "knowledge_reason": "rare"}  # fmt: skip
    move(requests["ask"], "answer_now", by=dana, **answer)
    move(requests["done"], "answer_now", by=dana, **answer)
    move(requests["done"], "confirm", actor="customer")
    return {"issue": issue, **requests}


def _request(n):
    contact = intake.Contact(
        body="My kettle leaks. مرحبا See https://shop.example/lid?a=1",
        email="maria@example.org",
        name="Maria Lindqvist",
        subject="It leaks",
    )
    return intake.submit(contact, key=f"key-{n}")


def addresses(shop):
    return [
        "/", "/faq/", "/categories/kettles/", "/articles/leak/", "/articles/leak/?voted=no",
        "/articles/leak/?voted=yes", "/articles/leak/print/", "/search/?q=leaking+kettle",
        "/search/?q=xylophone", "/search/", "/ask/", "/ask/?kind=complaint&article=leak",
        "/ask/answered/", "/requests/find/", "/requests/find/?sent=1", "/contact/", "/privacy/",
        "/accessibility/", "/nowhere-to-go/",
        reverse("portal:known_issue", args=[shop["issue"].pk]),
        reverse("portal:acknowledgement", args=[shop["new"].token]),
        *(shop[name].get_absolute_url() for name in ("new", "need", "plan", "ask", "done")),
    ]  # fmt: skip


def test_no_page_stands_in_anybodys_way(live_server, new_page, shop):
    page = new_page()
    refused = []
    page.on("console", lambda line: "Content Security" in line.text and refused.append(line.text))
    page.on("pageerror", lambda error: refused.append(str(error)))
    found = {}
    for address in addresses(shop):
        page.goto(f"{live_server.url}{address}")
        if named := faults_in_every_light(page):
            found[address] = named
    page.goto(f"{live_server.url}/ask/")
    page.get_by_role("button", name="Send to our team").click()
    expect(page.get_by_role("alert")).to_be_visible()
    if named := faults_in_every_light(page):
        found["/ask/ to mend"] = named
    assert found == {}
    assert refused == []


def test_a_page_fetches_at_most_six_things_and_all_from_here(live_server, new_page, shop):
    request = shop["plan"].get_absolute_url()
    for address in ["/", "/articles/leak/", "/ask/", "/search/?q=xylophone+dents", request]:
        page, fetched = new_page(), []
        page.on("request", lambda request, fetched=fetched: fetched.append(request.url))
        page.goto(f"{live_server.url}{address}", wait_until="networkidle")
        assert len(fetched) <= 6, fetched
        assert all(url.startswith((live_server.url, "data:")) for url in fetched)
        assert page.context.cookies() == []


@pytest.fixture(params=[True, False], ids=["with scripts", "scripts off"])
def page(request, new_page):
    return new_page(java_script_enabled=request.param)


def test_the_whole_journey_of_a_customer(live_server, page, shop):
    """Search in vain, ask, follow, correct, settle, rate."""
    page.goto(live_server.url)
    page.get_by_role("searchbox").or_(page.get_by_role("combobox")).fill("xylophone dents")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("This is a new one")).to_be_visible()
    words = page.get_by_label("In your own words")
    expect(words).to_have_value("xylophone dents")

    page.get_by_label("I'd like to ask for something").check()
    page.get_by_label("Your name").fill("Maria Lindqvist")
    page.get_by_role("button", name="Send to our team").click()
    expect(page.get_by_role("link", name=re.compile("Add an e-mail address"))).to_be_visible()
    expect(words).to_have_value("xylophone dents")
    page.get_by_label("Your e-mail address").fill("maria@example.org")
    page.get_by_role("button", name="Send to our team").click()
    expect(page.get_by_role("heading", name="Thank you, Maria")).to_be_visible()

    page.get_by_role("link", name="Follow my request").click()
    expect(page.locator("[aria-current=step]")).to_contain_text("We have your message.")
    ticket = Ticket.objects.get(original_words="xylophone dents")
    dana = ticket.events.model.objects.filter(actor__username="dana").first().actor
    move(ticket, "claim", by=dana)
    move(ticket, "state_need", by=dana, body="Right?", need="A xylophone without dents.")
    page.reload()
    page.get_by_role("button", name="That's right").click()
    expect(page.get_by_role("status")).to_contain_text("what happens and when")

    promise = {"what": "A new xylophone", "due_at": timezone.now() + timedelta(days=3)}
    move(ticket, "send_plan", by=dana, body="So be it.", promises=[promise])
    page.reload()
    page.get_by_role("button", name="That works for me").click()
    page.get_by_label("Your message").fill("Thank you so far.")
    page.locator("#add").get_by_role("button", name="Send").click()
    expect(page.locator("#conversation")).to_contain_text("Thank you so far.")

    move(ticket, "keep_promise", by=dana, promise=ticket.promises.get(what="A new xylophone"))
    move(ticket, "resolve", by=dana, body="Done.", knowledge="not-needed", knowledge_reason="rare")
    page.reload()
    page.get_by_role("button", name="Yes, settled").click()
    page.get_by_role("radio", name="5", exact=True).check()
    page.locator("#survey").get_by_role("button", name="Send").click()
    expect(page.get_by_text("We read every one")).to_be_visible()
    ticket.refresh_from_db()
    assert (ticket.outcome, ticket.survey.score) == (Ticket.Outcome.SATISFIED, 5)


def test_an_article_can_be_judged(live_server, page, shop):
    page.goto(f"{live_server.url}/articles/leak/")
    page.get_by_role("button", name="Not yet").click()
    page.get_by_label("It is hard to follow").check()
    page.locator("#helpful").get_by_role("button", name="Send").click()
    expect(page.get_by_text("A colleague will look at it")).to_be_visible()
    assert HelpfulVote.objects.get().reason == "unclear"


def test_suggestions_can_be_used_with_the_keyboard_alone(live_server, new_page, shop):
    page = new_page()
    page.goto(live_server.url)
    box = page.get_by_role("combobox")
    box.press_sequentially("kettle leak")
    expect(page.get_by_role("option").first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    page.get_by_role("option").last.click(trial=True)  # nothing lies over it or cuts it off
    assert faults(page) == []
    box.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    box.press_sequentially("s")
    expect(page.get_by_role("option").first).to_be_visible()
    box.press("ArrowDown")
    chosen = page.locator("[role=option][aria-selected=true]")
    expect(box).to_have_attribute("aria-activedescendant", chosen.get_attribute("id"))
    title = chosen.inner_text()
    box.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_suggested_answers_never_stand_in_the_way_of_asking(live_server, new_page, shop):
    page = new_page()
    page.goto(f"{live_server.url}/ask/")
    page.get_by_label("In your own words").press_sequentially("Why does my kettle leak so much?")
    expect(page.get_by_text("These may answer it right now")).to_be_visible()
    assert faults(page) == []
    expect(page.get_by_role("button", name="Send to our team")).to_be_enabled()
    page.get_by_role("button", name="That answered it").first.click()
    expect(page.get_by_role("heading", name="Wonderful")).to_be_visible()
    assert HelpfulVote.objects.get().article.slug == "leak"


def test_a_double_click_makes_one_request(live_server, new_page, shop):
    page = new_page()
    before = Ticket.objects.count()
    page.goto(f"{live_server.url}/ask/")
    page.get_by_label("In your own words").fill("Twice?")
    page.get_by_label("Your name").fill("Tom Baker")
    page.get_by_label("Your e-mail address").fill("tom@example.org")
    page.get_by_role("button", name="Send to our team").dblclick()
    expect(page.get_by_role("heading", name="Thank you, Tom")).to_be_visible()
    assert Ticket.objects.count() == before + 1


def test_the_pages_turn_round_for_a_language_written_from_the_right(live_server, new_page, shop):
    page = new_page(viewport={"width": 1280, "height": 900})
    for address in ["/", "/articles/leak/", shop["plan"].get_absolute_url(), "/ask/"]:
        page.goto(f"{live_server.url}{address}")
        page.evaluate("document.documentElement.dir = 'rtl'")
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), address
        mark = page.locator(".wordmark").bounding_box()
        assert mark["x"] > 640, "the name stands at the right"


def test_what_is_chosen_is_outlined_where_the_system_chooses_the_colours(
    live_server, new_page, shop
):
    page = new_page(forced_colors="active")
    page.goto(live_server.url + shop["done"].get_absolute_url())
    page.get_by_role("radio", name="4", exact=True).check()
    page.get_by_role("heading", level=1).click()
    outline = "(each) => getComputedStyle(each).outlineStyle"
    assert page.locator(".star :checked + span").evaluate(outline) == "solid"
    assert page.locator(".star input:not(:checked) + span").first.evaluate(outline) == "none"
