"""The loop, end to end: search, ask, answer, promote, found.

A real browser, a real mail server, the worker's real chores and a clock that can be moved.
"""

import email
import email.policy
import re
import socket
from datetime import timedelta
from urllib.parse import quote_plus, urlsplit

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from feedback.models import Ticket, TicketEvent
from kb.models import Article
from portal import chores
from tests import factories

PASSWORD = "a kettle on a mountain"
WORDS = "frother bellows wolfishly"
ORDER = "TK-48213-B"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


class Letters(list):
    """Everything the mail server has taken, oldest first."""

    async def handle_DATA(self, server, session, envelope):
        self.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 Taken"

    def to(self, address):
        return [letter for letter in self if letter["To"] == address]


@pytest.fixture
def letters(settings):
    taken = Letters()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(taken, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield taken
    server.stop()


@pytest.fixture
def clock():
    """A Thursday night when nobody is there; `clock.move_to(…)` goes on from it."""
    night = timezone.now().replace(hour=22, minute=30, second=0, microsecond=0)
    night += timedelta(days=7 + (3 - night.weekday()) % 7)
    with time_machine.travel(night, tick=True) as moved:
        yield moved


@pytest.fixture
def team():
    """Dana and Priya answer, Sam manages and publishes."""
    dana = factories.staff("dana", "CSR", password=PASSWORD)
    sam = factories.staff("sam", "Manager", "KB publisher", password=PASSWORD)
    return dana, sam


@pytest.fixture
def staff_page(new_page, live_server):
    """Sign in as a colleague does, by the form, in a browser of their own."""

    def sign_in(username):
        page = new_page()
        page.goto(f"{live_server.url}/admin/")
        page.locator("input[name=login], input[name=username]").fill(username)
        page.locator("input[type=password]").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("heading", name=re.compile("Hello"))).to_be_visible()
        return page

    return sign_in


def at(night, days, hour, minute=0):
    return (night + timedelta(days=days)).replace(hour=hour, minute=minute)


def local_input(moment):
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def choose(page, mode):
    page.locator(".modes label", has_text=mode).click()


def send(page):
    page.locator("#compose button.send").click()


def link_in(letter, pattern, live_server):
    """The address a mail leads to, on the server of this test."""
    text = letter.get_body(("plain",)).get_content()
    found = re.search(rf"https?://\S*{pattern}\S*", text)
    assert found, text
    return live_server.url + urlsplit(found[0]).path


def test_a_question_of_the_night_becomes_an_answer_for_everyone(
    live_server, new_page, staff_page, letters, clock, team
):
    _dana, sam = team
    night = timezone.now().replace(second=0, microsecond=0)
    shelf = factories.category("Coffee machines", slug="coffee-machines")
    factories.article("How do I descale my Brio?", by=sam, public=True, category=shelf)
    chores.do_round()

    # Search: nothing answers it yet, and the words are in the form already.
    visitor = new_page()
    visitor.goto(live_server.url)
    visitor.get_by_role("searchbox").or_(visitor.get_by_role("combobox")).first.fill(WORDS)
    visitor.keyboard.press("Enter")
    expect(visitor.get_by_text("This is a new one. Let's find you an answer.")).to_be_visible()

    # Ask: acknowledged at once, on the page and by mail, with a date that is real.
    visitor.get_by_label("Something went wrong").check()
    words = visitor.get_by_label("In your own words")
    expect(words).to_have_value(WORDS)
    words.fill(f"{WORDS}. I am Maria Lindqvist, order {ORDER}, ring 020 7946 0018.")
    visitor.get_by_label("Order or reference number").fill(ORDER)
    visitor.get_by_label("Your name").fill("Maria Lindqvist")
    visitor.get_by_label("Your e-mail address").fill("maria@example.org")
    clock.shift(30)
    visitor.get_by_role("button", name="Send to our team").click()
    expect(visitor.get_by_text("Thank you for telling us.")).to_be_visible()
    ticket = Ticket.objects.get()
    assert ticket.first_reply_due == at(night, 1, 9, 30)
    expect(visitor.get_by_text("tomorrow by 09:30")).to_be_visible()
    visitor.get_by_role("link", name="Follow my request").click()
    tracker = visitor.url

    chores.do_round()
    (acknowledgement,) = letters.to("maria@example.org")
    assert ticket.reference in acknowledgement["Subject"]
    assert "bellows" not in acknowledgement.as_string()
    assert link_in(acknowledgement, "/requests/", live_server) == tracker

    # Morning: Dana takes it on, says what she understood, and promises with a date.
    clock.move_to(at(night, 1, 9, 5))
    desk = staff_page("dana")
    desk.get_by_role("link", name=re.compile("bellows")).first.click()
    desk.get_by_role("button", name="Claim").click()
    choose(desk, "Say what I understood")
    desk.locator("#id_need").fill("Your Brio's frother bellows, and you would like it quiet again.")
    desk.locator("#id_body").fill("Good morning Maria, thank you. This is what I understood.")
    send(desk)
    choose(desk, "Send plan")
    desk.locator("#id_what_1").fill("We send you a new frother tip")
    desk.locator("#id_due_1").fill(local_input(at(night, 1, 16)))
    desk.locator("#id_body").fill("I can send you a new tip today.")
    send(desk)
    visitor.goto(tracker)
    expect(visitor.get_by_text("We send you a new frother tip").first).to_be_visible()
    expect(visitor.get_by_text("today by 16:00").first).to_be_visible()
    visitor.get_by_role("button", name="That works for me").click()

    # Delivered in time, and the customer is asked.
    clock.move_to(at(night, 1, 15))
    desk = staff_page("dana")
    desk.goto(f"{live_server.url}/admin/feedback/ticket/{ticket.pk}/change/")
    desk.get_by_role("button", name=re.compile("Done.*We send you")).click()
    choose(desk, "Send resolution")
    desk.locator("#id_body").fill("Hello Maria,\n\nThe new tip is on its way.\n\nRegards, Dana")
    desk.locator("input[name=knowledge][value=drafted]").check()
    desk.locator("[name=complaint_cause]").select_option("inconvenience")
    send(desk)
    chores.do_round()
    visitor.goto(link_in(letters.to("maria@example.org")[-1], "/requests/", live_server))
    expect(visitor.get_by_role("heading", name="Did this settle it for you?")).to_be_visible()

    # "Not yet": the manager has it at once, and the customer reads who writes and by when.
    visitor.get_by_text("Not yet", exact=True).click()
    visitor.get_by_label(re.compile("What is missing")).fill("It still bellows with the new tip.")
    visitor.get_by_role("button", name="Not yet: ask a manager to write").click()
    expect(
        visitor.get_by_text(
            re.compile("Sam, who leads our team, is taking this up personally")
        ).first
    ).to_be_visible()
    ticket.refresh_from_db()
    escalation = ticket.escalations.get()
    assert (ticket.stage, escalation.to) == (Ticket.Stage.AGREEING, sam)

    # Sam mends it.
    clock.shift(timedelta(minutes=20))
    office = staff_page("sam")
    office.goto(f"{live_server.url}/admin/feedback/ticket/{ticket.pk}/change/")
    choose(office, "Answer as manager")
    office.locator("#id_body").fill("Maria, I am sorry it still bellows. I take it up myself.")
    office.locator("#id_what_1").fill("I tell you what silences it")
    office.locator("#id_due_1").fill(local_input(at(night, 1, 17)))
    send(office)
    choose(office, "Send plan")
    office.locator("#id_body").fill("I have asked our workshop and tell you today.")
    send(office)
    office.get_by_role("button", name=re.compile("Done.*I tell you what")).click()
    choose(office, "Send resolution")
    office.locator("#id_body").fill(
        "Hello Maria,\n\n"
        f"For order {ORDER}: the sieve in the frother is blocked by dried milk. Take off the tip, "
        "put the sieve in warm water for ten minutes, and froth clean water once. "
        "That silenced the one of Mrs Lindqvist at once.\n\nRegards,\nSam"
    )
    office.locator("input[name=knowledge][value=drafted]").check()
    send(office)
    visitor.goto(tracker)
    visitor.get_by_role("button", name="Yes, settled").click()
    ticket.refresh_from_db()
    assert (ticket.stage, ticket.outcome) == (Ticket.Stage.CLOSED, Ticket.Outcome.SATISFIED)
    assert not ticket.promises.filter(state__in=["open", "late"]).exists()

    entered = TicketEvent.objects.filter(ticket=ticket).order_by("pk")
    assert [e.to_stage for e in entered if e.to_stage != e.from_stage] == [
        "greeting", "understanding", "agreeing", "delivering", "closing",
        "agreeing", "delivering", "closing", "closed",
    ]  # fmt: skip

    # Promote: the draft is made of need and answer; the order number and the name are caught.
    office.get_by_role("link", name="Write it up").click()
    office.locator("#id_title").fill("How do I silence a screaming milk nozzle?")
    office.locator("#id_category").select_option(label="Coffee machines")
    office.get_by_role("button", name="Keep it for colleagues and check it").click()
    expect(office.get_by_role("heading", name="2 things to replace")).to_be_visible()
    caught = office.locator("mark, .kb-hit mark").all_inner_texts()
    assert {ORDER, "Lindqvist"} <= set(caught)
    office.get_by_label("A stranger reading this could not tell who asked.").first.check()
    office.get_by_role("button", name="Publish", exact=True).click()
    assert not Article.objects.get(title__contains="nozzle").is_public
    office.get_by_role("button", name="Apply to the text").click()
    office.get_by_label("A stranger reading this could not tell who asked.").first.check()
    office.get_by_role("button", name="Publish", exact=True).click()
    article = Article.objects.get(title__contains="nozzle")
    assert article.is_public

    # The asker is told, and nothing names her.
    chores.do_round()
    news = letters.to("maria@example.org")[-1]
    assert article.title in news.get_body(("plain",)).get_content()

    # Found: the next visitor types the first one's own words.
    stranger = new_page()
    stranger.goto(f"{live_server.url}/search/?q={quote_plus(WORDS)}")
    first = stranger.locator(".search-result a").first
    expect(first).to_have_text(article.title)
    first.click()
    expect(stranger.get_by_role("heading", name=article.title)).to_be_visible()
    page = stranger.content()
    for secret in (ORDER, "Maria", "Lindqvist", "7946"):
        assert secret not in page
    stranger.get_by_role("button", name="Yes, thank you").click()
    expect(stranger.get_by_text("Good to hear.")).to_be_visible()
    assert article.votes.get().value == "yes"
    call_command("audit")
