"""The staff's pages on a phone: nothing to the side of the screen, nothing out of reach."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from feedback.models import Holiday
from feedback.workflow import move
from tests import factories

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]
PHONE = {"viewport": {"width": 360, "height": 740}}
BEYOND_THE_SCREEN = """() => [...document.querySelectorAll("#content *")]
    .filter((each) => each.scrollWidth > each.clientWidth + 1
        && /auto|scroll/.test(getComputedStyle(each).overflowX))
    .map((each) => each.tagName + "." + each.className)"""


@pytest.fixture
def manager(db):
    return factories.staff("sam", "Manager", "KB publisher")


@pytest.fixture
def work(manager):
    """Something on each list a manager looks through."""
    ticket = factories.ticket(subject="A kettle that sings")
    move(ticket, "claim", by=manager)
    article = factories.article("Why does my kettle sing?", public=True)
    article.flags.create(reason="unclear", comment="Which kettle is meant?")
    Holiday.objects.create(date="2027-12-26", name="Boxing Day")
    return ticket


LISTS = [
    "feedback_customer", "feedback_message", "feedback_promise", "feedback_outboundemail",
    "feedback_holiday", "feedback_cannedreply", "feedback_tonepair", "feedback_servicetarget",
    "kb_article", "kb_articleflag", "kb_category", "kb_contentgap",
]  # fmt: skip


def test_no_list_asks_to_be_moved_sideways(staff_page, live_server, manager, work):
    page = staff_page(manager, **PHONE)
    wide = {}
    for name in LISTS:
        page.goto(live_server.url + reverse(f"admin:{name}_changelist"))
        found = page.evaluate(BEYOND_THE_SCREEN)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append("the page")
        if found:
            wide[name] = found
    assert wide == {}


def test_a_row_is_a_card_whose_values_say_what_they_are(staff_page, live_server, manager, work):
    page = staff_page(manager, java_script_enabled=False, **PHONE)
    page.goto(live_server.url + reverse("admin:kb_articleflag_changelist"))
    said = page.locator("#result_list .field-said").first
    label = said.evaluate("(cell) => getComputedStyle(cell, '::before').content")
    assert "What was said" in label
    expect(said).to_contain_text("Which kettle is meant?")
    expect(page.locator("#result_list td[data-label='']").first).to_be_hidden()


def test_the_filter_is_one_press_away(staff_page, live_server, manager, work):
    page = staff_page(manager, **PHONE)
    page.goto(live_server.url + reverse("admin:kb_article_changelist"))
    page.get_by_role("link", name="Filter", exact=True).click()
    expect(page.get_by_role("heading", name="Filter")).to_be_in_viewport()


def test_the_head_of_a_page_is_one_line_on_a_tablet(staff_page, live_server, manager):
    page = staff_page(manager, viewport={"width": 1024, "height": 768})
    page.goto(f"{live_server.url}/admin/")
    heads = [page.locator(css).bounding_box() for css in ("#site-name", "#user-tools")]
    one, other = (box["y"] + box["height"] / 2 for box in heads)
    assert abs(one - other) < 10


def test_all_that_can_be_done_opens_within_reach(staff_page, live_server, manager, work):
    page = staff_page(manager, **PHONE)
    page.goto(live_server.url + reverse("admin:feedback_ticket_change", args=[work.pk]))
    page.get_by_text("More", exact=True).click()
    acts = page.locator("#acts")
    expect(acts.locator("summary", has_text="Hand over")).to_be_visible()
    box = acts.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
