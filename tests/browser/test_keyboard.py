"""The loop without a mouse: each step reached with Tab, and always in sight."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from feedback.models import Ticket
from feedback.workflow import move
from kb.models import Article
from tests import factories

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

IS_IN_SIGHT = """() => {
  const at = document.activeElement;
  const around = [at, at.nextElementSibling, at.parentElement, at.closest("label")];
  const isMarked = around.filter(Boolean).some((each) => ["", "::after"].some((part) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(each, part || null);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  }));
  const { top, bottom } = at.getBoundingClientRect();
  return isMarked && bottom > 0 && top < innerHeight;
}"""


def reach(page, target):
    """Press Tab until the keyboard stands there, seeing each time where it stands."""
    expect(target).to_be_visible()
    for _ in range(120):
        page.keyboard.press("Tab")
        stands_on = page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        assert page.evaluate(IS_IN_SIGHT), stands_on
        if target.evaluate("(each) => each === document.activeElement"):
            return
    pytest.fail(f"Tab never comes to {target}; it stands on {stands_on}")


def press(page, name, key="Enter", role="button"):
    reach(page, page.get_by_role(role, name=name).first)
    page.keyboard.press(key)


def write(page, field, words):
    reach(page, field)
    page.keyboard.press("Control+a")
    page.keyboard.type(words)


def test_a_customer_searches_asks_follows_settles_and_rates(live_server, new_page, db):
    dana = factories.staff("dana", "CSR")
    page = new_page(reduced_motion="reduce")
    page.goto(live_server.url)
    write(page, page.get_by_role("combobox"), "xylophone dents")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This is a new one")).to_be_visible()
    reach(page, page.get_by_label("I have a question"))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Something went wrong")).to_be_checked()
    write(page, page.get_by_label("Your name"), "Maria Lindqvist")
    write(page, page.get_by_label("Your e-mail address"), "maria@example.org")
    press(page, "Send to our team")
    press(page, "Follow my request", role="link")

    ticket = Ticket.objects.get()
    move(ticket, "claim", by=dana)
    move(ticket, "state_need", by=dana, body="Right?", need="A xylophone without dents.")
    page.reload()
    press(page, "That's right")
    expect(page.get_by_role("status")).to_be_visible()
    promise = {"what": "A new xylophone", "due_at": timezone.now() + timedelta(days=3)}
    move(ticket, "send_plan", by=dana, body="So be it.", promises=[promise])
    page.reload()
    press(page, "That works for me")
    expect(page.get_by_role("status")).to_be_visible()
    move(ticket, "keep_promise", by=dana, promise=ticket.promises.get(what="A new xylophone"))
    move(
        ticket, "resolve", by=dana, body="Done.", knowledge="not-needed",
        knowledge_reason="rare", complaint_cause="inconvenience",
    )  # fmt: skip
    page.reload()
    press(page, "Yes, settled")
    reach(page, page.get_by_role("radio", name="1", exact=True))
    page.keyboard.press("ArrowLeft")  # round to the last
    reach(page, page.locator("#survey").get_by_role("button", name="Send"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("We read every one")).to_be_visible()
    ticket.refresh_from_db()
    assert (ticket.outcome, ticket.survey.score) == (Ticket.Outcome.SATISFIED, 5)


def test_a_colleague_claims_understands_promises_delivers_writes_up_and_publishes(
    live_server, staff_page, db
):
    dana = factories.staff("dana", "CSR", "KB publisher")
    factories.category("Kettles")
    ticket = factories.ticket(subject="How do I stop a kettle from singing?")
    page = staff_page(dana)
    body, send = page.locator("#id_body"), "Control+Enter"

    def choose(mode):
        reach(page, page.locator(".modes :checked"))
        for _ in range(10):
            if page.locator(".modes label:has(:checked)").inner_text().strip() == mode:
                return
            page.keyboard.press("ArrowRight")
        pytest.fail(f"The arrows never come to {mode}")

    page.goto(f"{live_server.url}/admin/")
    press(page, re.compile("Claim"))
    expect(page.get_by_text("Yours", exact=True)).to_be_visible()
    choose("Say what I understood")
    write(page, page.locator("#id_need"), "A kettle that boils without a song.")
    write(page, body, "Hello, this is what I understood.")
    page.keyboard.press(send)
    expect(page.locator(".modes label", has_text="Send plan")).to_be_visible()
    choose("Send plan")
    write(page, body, "Hello, I have a look and tell you.")
    write(page, page.locator("#id_what_1"), "I tell you what silences it")
    reach(page, page.locator(".quick button").first)
    page.keyboard.press("Enter")
    expect(page.locator("#id_due_1")).not_to_have_value("")
    reach(page, page.locator("#compose .send"))
    page.keyboard.press("Enter")
    press(page, re.compile("Done.*what silences it"))
    expect(page.locator(".modes label", has_text="Send resolution")).to_be_visible()
    choose("Send resolution")
    write(page, body, "Hello, descale it with vinegar, then it is quiet.")
    reach(page, page.locator("[name=knowledge]").first)
    while not page.locator("[name=knowledge][value=drafted]").is_checked():
        page.keyboard.press("ArrowRight")
    page.keyboard.press(send)
    press(page, "Write it up", role="link")

    write(page, page.locator("#id_title"), "How do I silence my kettle?")
    reach(page, page.locator("#id_category"))
    page.keyboard.type("Kettles")
    press(page, "Keep it for colleagues and check it")
    reach(page, page.get_by_label("A stranger reading this could not tell who asked.").first)
    page.keyboard.press("Space")
    press(page, re.compile("^Publish$"))
    expect(page.get_by_text("public", exact=True).first).to_be_visible()
    assert Article.objects.get(title="How do I silence my kettle?").is_public
    ticket.refresh_from_db()
    assert ticket.stage == Ticket.Stage.CLOSING
