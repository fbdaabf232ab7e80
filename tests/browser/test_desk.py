"""The desk in a real browser: accessible in every light, quick, and whole without scripts."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import expect

from feedback.models import CannedReply, KnownIssue, Ticket
from feedback.workflow import move, note
from kb.search import keeping
from tests import factories
from tests.browser.access import faults, faults_in_every_light

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


@pytest.fixture
def team(db):
    return factories.staff("dana", "CSR"), factories.staff("sam", "Manager", "KB publisher")


@pytest.fixture
def ticket(team):
    """Maria's upset complaint, on Dana's desk, with a note and an article that may help."""
    dana, _sam = team
    factories.article("Why does my kettle leak at the bottom?", public=True)
    keeping.apply_changes()
    maria = factories.customer(name="Maria Lindqvist", email="maria@example.org")
    made = factories.ticket(
        customer=maria, kind="complaint", situation="upset", order_number="TK-1"
    )
    move(made, "claim", by=dana)
    note(made, dana, "The lid is known to be loose.")
    return made


@pytest.fixture
def desk(staff_page, live_server, ticket, team):
    """Dana at Maria's ticket."""

    def open_desk(user=None, **options):
        page = staff_page(user or team[0], **options)
        page.goto(live_server.url + reverse("admin:feedback_ticket_change", args=[ticket.pk]))
        return page

    return open_desk


def choose(page, mode):
    page.locator(".modes label", has_text=mode).click()


def test_every_screen_is_accessible_in_every_light_and_breaks_no_policy(
    staff_page, live_server, ticket, team
):
    page = staff_page(team[1])
    known = KnownIssue.objects.create(title="Lids are late", text="Snow.", state="active")
    screens = [
        "/admin/", "/admin/feedback/ticket/", "/admin/feedback/ticket/?q=nothing+like+it",
        reverse("admin:feedback_ticket_more", args=[ticket.pk]), "/admin/everything/",
        "/admin/feedback/tonepair/?try=It%27s+our+policy", "/admin/feedback/openinghours/add/",
        "/admin/feedback/outboundemail/", "/admin/feedback/cannedreply/",
        reverse("admin:feedback_knownissue_change", args=[known.pk]), "/admin/measures/",
        reverse("admin:feedback_knownissue_history", args=[known.pk]),
        reverse("admin:feedback_cannedreply_delete", args=[CannedReply.objects.first().pk]),
        "/admin/kb/pin/add/", "/admin/kb/pin/health/", "/admin/kb/contentgap/",
        "/admin/password/change/", "/admin/sessions/", "/admin/nowhere/",
    ]  # fmt: skip
    found = {}
    for screen in screens:
        page.goto(live_server.url + screen)
        page.wait_for_load_state("networkidle")
        said = [c for c in page.complaints if "nowhere" not in screen]
        if named := said or faults_in_every_light(page):
            found[screen] = named
        page.complaints.clear()  # the scan's own styles
    assert found == {}


def test_no_way_of_writing_and_none_of_its_errors_stands_in_anybodys_way(desk, team):
    page = desk(team[1])
    found = {}
    for mode in page.locator(".modes label").all_inner_texts():
        choose(page, mode)
        if named := faults(page):
            found[mode] = named
    page.locator("#compose .send").click()
    expect(page.locator(".troubles")).to_be_focused()
    if named := faults_in_every_light(page):
        found["to mend"] = named
    assert found == {}


def test_angry_words_are_marked_while_typing_and_replaced_in_one_press(desk):
    page = desk()
    choose(page, "Reply")
    page.locator("#id_body").press_sequentially("Hello Maria, I can't find it.")
    expect(page.locator(".marks mark")).to_have_text("I can't")
    page.locator("#tone").get_by_role("button", name="Use it").click()
    expect(page.locator("#id_body")).to_have_value("Hello Maria, I can find it.")
    expect(page.locator(".marks mark")).to_have_count(0)
    page.locator("#id_body").press("Control+z")
    expect(page.locator("#id_body")).to_have_value("Hello Maria, I can't find it.")
    assert page.complaints == []


def test_advice_can_be_waved_away(desk):
    page = desk()
    choose(page, "Reply")
    page.locator("#id_body").press_sequentially("I can't wait to help.")
    page.locator("#tone").get_by_role("button", name="Leave it").click()
    expect(page.locator("#tone li")).to_have_count(0)


def test_a_template_and_an_article_come_in_without_leaving_the_page(desk, ticket):
    CannedReply.objects.create(title="A loose lid", body="Hello {customer_name}, {what_we_do}.")
    page = desk()
    page.locator("#id_canned_reply").select_option(label="A loose lid")
    page.get_by_role("button", name="Insert", exact=True).click()
    expect(page.locator("#id_body")).to_have_value("Hello Maria, {what_we_do}.")
    expect(page.locator("#gaps")).to_contain_text("{what_we_do}")
    page.get_by_role("button", name=re.compile("Insert Why does my kettle leak")).click()
    expect(page.locator("#id_body")).to_have_value(re.compile("/articles/why-does-my-kettle-leak"))
    expect(page.locator("#chips input")).to_be_checked()
    assert page.complaints == []


def test_a_draft_survives_a_closed_tab(desk):
    page = desk()
    choose(page, "Reply")
    page.locator("#id_body").press_sequentially("Half a sent")
    expect(page.locator("#draft-state")).to_have_text("Draft kept")
    page.close()
    again = desk()
    expect(again.locator("#id_body")).to_have_value("Half a sent")
    expect(again.locator("#mode-reply")).to_be_checked()


def test_ctrl_enter_sends(desk, ticket):
    page = desk()
    choose(page, "Reply")
    page.locator("#id_body").press_sequentially("Hello Maria, the lid is on its way.")
    page.locator("#id_body").press("Control+Enter")
    expect(page.get_by_text("Sent. Maria Lindqvist can read it now.")).to_be_visible()
    assert ticket.messages.filter(type="reply").count() == 1


def test_an_open_desk_notices_a_colleague(desk, ticket, team):
    page = desk()
    expect(page.locator("#changed")).to_be_hidden()
    move(ticket, "reply", by=team[1], body="I have written to her.")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#changed")).to_contain_text("Something new has happened")


def test_after_a_long_night_the_words_are_still_there(desk, ticket, team):
    page = desk()
    choose(page, "Reply")
    page.locator("#id_body").press_sequentially("A long night's work.")
    Session.objects.all().delete()
    page.locator("#compose .send").click()
    expect(page.get_by_label("Your words")).to_have_value(re.compile("A long night's work[.]$"))
    assert not ticket.messages.filter(type="reply").exists()


def test_typing_fast_in_a_long_letter_asks_the_server_once(desk):
    page = desk()
    choose(page, "Reply")
    address = page.locator("#compose").get_attribute("data-tone")
    asked = []
    page.on("request", lambda request: request.url.endswith(address) and asked.append(request))
    with page.expect_response(lambda answer: answer.url.endswith(address)):
        page.evaluate(
            """() => {
              const body = document.getElementById("id_body");
              for (const words of ["We can do this together. ".repeat(500), ..."and more of it"]) {
                body.setRangeText(words, body.selectionEnd, body.selectionEnd, "end");
                body.dispatchEvent(new Event("input", { bubbles: true }));
              }
            }"""
        )
    assert len(asked) == 1
    assert asked[0].post_data.endswith("and+more+of+it")


def test_the_queue_shows_a_new_ticket_without_a_press(staff_page, live_server, team):
    page = staff_page(team[0])
    page.goto(f"{live_server.url}/admin/feedback/ticket/")
    expect(page.locator("table.queue")).to_have_count(0)
    factories.ticket(subject="A tap that drips")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_role("link", name="A tap that drips")).to_be_visible()
    page.get_by_role("button", name="Claim").click()
    expect(page.get_by_text("Yours", exact=True)).to_be_visible()
    assert page.complaints == []


def test_the_whole_desk_works_without_scripts(staff_page, live_server, ticket, team):
    page = staff_page(team[0], java_script_enabled=False)
    page.goto(f"{live_server.url}/admin/feedback/ticket/")
    page.get_by_role("link", name="The kettle leaks").click()
    choose(page, "Say what I understood")
    page.locator("#id_need").fill("A kettle that holds water.")
    page.locator("#id_body").fill("Hello Maria, I can't thank you enough. It's our policy.")
    page.locator("#compose .send").click()
    page.get_by_role("button", name="Use calm words").click()
    expect(page.locator("#id_body")).not_to_have_value(re.compile("policy"))
    page.locator("#compose .send").click()
    expect(page.get_by_text("Sent. Maria Lindqvist can read it now.")).to_be_visible()
    page.get_by_role("button", name=re.compile("Insert Why does my kettle leak")).click()
    expect(page.locator("#id_body")).to_have_value(re.compile("/articles/why-does"))
    choose(page, "Note")
    page.locator("#compose .send").click()
    expect(page.locator(".entry.note").last).to_contain_text("/articles/why-does")
    page.get_by_text("More", exact=True).click()
    page.get_by_role("link", name="All that can be done").click()
    page.get_by_text("Give back to the team", exact=True).click()
    page.get_by_role("button", name="Give back").click()
    assert Ticket.objects.get(pk=ticket.pk).owner is None
