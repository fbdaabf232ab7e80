"""A customer's own page: its link, its tracker, its promises and every press on it."""

from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from feedback import intake, survey
from feedback.mail import answer_link_requests
from feedback.models import Attachment, Escalation, Note, OutboundEmail, Ticket
from feedback.workflow import move
from tests import factories

pytestmark = pytest.mark.django_db
Stage = Ticket.Stage


@pytest.fixture
def ticket(dana):
    """Maria's request, taken on by Dana."""
    made = intake.submit(
        intake.Contact(
            body="My kettle leaks. See https://shop.example/kettle?a=1&b=2.",
            email="maria@example.org",
            name="Maria Lindqvist",
            kind="request",
            subject="The kettle leaks",
        ),
        key="k",
    )
    move(made, "claim", by=dana)
    return made


@pytest.fixture
def agreeing(ticket, dana):
    move(ticket, "state_need", by=dana, body="Is this right?", need="A kettle that holds water.")
    return ticket


@pytest.fixture
def delivering(agreeing, dana):
    promise = {"what": "A new kettle leaves our house", "due_at": in_a_week()}
    move(agreeing, "send_plan", by=dana, body="Our plan.", promises=[promise])
    return agreeing


@pytest.fixture
def closing(ticket, dana):
    move(
        ticket,
        "answer_now",
        by=dana,
        body="Tighten the lid.",
        need="A kettle that holds water.",
        knowledge="not-needed",
        knowledge_reason="rare",
        promises=[{"what": "A new lid", "due_at": in_a_week()}],
    )
    for promise in ticket.promises.open():
        move(ticket, "keep_promise", by=dana, promise=promise)
    ticket.refresh_from_db()
    return ticket


@pytest.fixture
def closed(closing):
    move(closing, "confirm", actor="customer")
    return closing


def in_a_week():
    return timezone.now() + timedelta(days=7)


def press(visitor, ticket, name, **said):
    return visitor.post(reverse(f"portal:{name}", args=[ticket.token]), said)


def shown(visitor, ticket):
    return visitor.get(ticket.get_absolute_url())


# --- the link is the key ---


def test_the_link_opens_the_page_and_the_words_are_there(visitor, ticket):
    text = shown(visitor, ticket).content.decode()
    assert "The kettle leaks" in text
    assert "Dana" in text
    assert ticket.reference in text


def test_wrong_old_and_unknown_links_are_the_same_404(visitor, ticket):
    old = ticket.get_absolute_url()
    ticket.link_version += 1
    ticket.save()
    wrong = [old, "/requests/forged/", f"/requests/{ticket.reference}/", f"/requests/{ticket.pk}/"]
    pages = [visitor.get(address) for address in wrong]
    assert [page.status_code for page in pages] == [404] * 4
    assert all(ticket.subject not in page.content.decode() for page in pages)


def test_another_customers_link_never_shows_this_request(visitor, ticket, other_customer):
    theirs = factories.ticket(customer=other_customer, subject="Something else")
    text = shown(visitor, theirs).content.decode()
    assert "The kettle leaks" not in text


def test_a_colleague_needs_the_link_like_anybody(signed_in, dana, ticket):
    assert signed_in(dana).get(ticket.get_absolute_url()).status_code == 200
    assert signed_in(dana).get("/requests/forged/").status_code == 404


def test_no_copy_is_kept_and_no_machine_lists_it(visitor, ticket):
    page = shown(visitor, ticket)
    assert page["Cache-Control"] == "no-store, private"
    assert "noindex" in page["X-Robots-Tag"]
    assert page["Referrer-Policy"] == "no-referrer"
    assert not page.cookies


def test_a_page_that_tells_nobody_its_address_takes_the_posts_of_older_browsers(visitor, ticket):
    address = f"{ticket.get_absolute_url()}messages/"
    assert visitor.post(address, {"body": "More"}, HTTP_ORIGIN="null").status_code == 302
    evil = {"HTTP_ORIGIN": "https://evil.example"}
    assert visitor.post(address, {"body": "More"}, **evil).status_code == 403


def test_notes_of_colleagues_never_show(visitor, ticket, dana):
    Note.objects.create(ticket=ticket, author=dana, body="Rather rude on the telephone")
    assert "Rather rude" not in shown(visitor, ticket).content.decode()


def test_reading_changes_nothing(visitor, closing):
    for name in ("confirm", "not_yet", "manager", "withdraw", "need", "plan", "survey"):
        assert visitor.get(reverse(f"portal:{name}", args=[closing.token])).status_code == 405
    before = closing.events.count()
    shown(visitor, closing)
    closing.refresh_from_db()
    assert (closing.stage, closing.events.count()) == (Stage.CLOSING, before)


@pytest.mark.parametrize("words", [1, 60])
def test_the_page_takes_few_queries_however_long_the_conversation(
    visitor, ticket, words, django_assert_max_num_queries
):
    for n in range(words):
        move(ticket, "add_message", actor="customer", body=f"More {n}")
    shown(visitor, ticket)
    with django_assert_max_num_queries(14):
        shown(visitor, ticket)


# --- the five steps ---


def labels(page):
    return [("done" if s.is_done else "now" if s.is_current else "") for s in page.context["steps"]]


def test_the_tracker_lights_each_step_with_its_time(visitor, delivering):
    page = shown(visitor, delivering)
    assert labels(page) == ["done", "done", "done", "now", ""]
    assert all(step.at for step in page.context["steps"][:3])
    assert 'aria-current="step"' in page.content.decode()
    assert "A new kettle leaves our house" in page.content.decode()


def test_the_fast_path_skips_no_step(visitor, closing):
    assert labels(shown(visitor, closing)) == ["done", "done", "done", "done", "now"]


def test_a_settled_request_has_all_five_behind_it(visitor, closed):
    assert labels(shown(visitor, closed)) == ["done"] * 5


def test_a_withdrawn_request_stands_where_it_was_left(visitor, agreeing):
    move(agreeing, "withdraw", actor="customer")
    assert labels(shown(visitor, agreeing)) == ["done", "done", "", "", ""]


# --- presses ---


def test_that_is_right(visitor, agreeing):
    assert "A kettle that holds water." in shown(visitor, agreeing).content.decode()
    press(visitor, agreeing, "need", answer="right")
    agreeing.refresh_from_db()
    assert agreeing.need_confirmed_at
    assert "That&#x27;s right" not in shown(visitor, agreeing).content.decode()


def test_let_me_correct_it(visitor, agreeing):
    press(visitor, agreeing, "need", body="No, my money back.")
    agreeing.refresh_from_db()
    assert agreeing.stage == Stage.UNDERSTANDING
    assert "No, my money back." in shown(visitor, agreeing).content.decode()


def test_a_correction_without_words_asks_for_them(visitor, agreeing):
    page = press(visitor, agreeing, "need", body="  ")
    assert page.status_code == 422
    assert "Write a line or two." in page.content.decode()
    agreeing.refresh_from_db()
    assert agreeing.stage == Stage.AGREEING


def test_that_works_for_me(visitor, delivering):
    press(visitor, delivering, "plan", answer="works")
    delivering.refresh_from_db()
    assert delivering.agreement == Ticket.Agreement.ACCEPTED


def test_i_would_like_to_change_something(visitor, delivering):
    press(visitor, delivering, "plan", body="Blue, please.")
    delivering.refresh_from_db()
    assert delivering.stage == Stage.UNDERSTANDING


def test_one_of_the_ways_offered_becomes_the_promise(visitor, agreeing, dana):
    ways = [
        {"what": "A new kettle", "due_at": in_a_week()},
        {"what": "Money", "due_at": in_a_week()},
    ]
    move(agreeing, "send_plan", by=dana, body="Two ways.", options=ways)
    assert "This one" in shown(visitor, agreeing).content.decode()
    press(visitor, agreeing, "plan", option="1")
    assert agreeing.promises.filter(what="Money").exists()


def test_yes_settled_thanks_and_offers_the_survey(visitor, closing):
    answer = press(visitor, closing, "confirm")
    closing.refresh_from_db()
    assert (closing.stage, closing.outcome) == (Stage.CLOSED, Ticket.Outcome.SATISFIED)
    text = visitor.get(answer["Location"]).content.decode()
    assert "glad you came to us" in text
    assert "How did we do?" in text


def test_not_yet_names_a_manager_and_a_time(visitor, closing, sam):
    press(visitor, closing, "not_yet", body="It still leaks.")
    closing.refresh_from_db()
    assert closing.stage == Stage.AGREEING
    assert Escalation.objects.get(ticket=closing).reason == Escalation.Reason.NOT_SATISFIED
    text = shown(visitor, closing).content.decode()
    assert "Sam" in text
    assert "It still leaks." in text


def test_a_double_press_is_thanked_once_like_one(visitor, closing):
    once, twice = press(visitor, closing, "confirm"), press(visitor, closing, "confirm")
    assert (once.status_code, twice["Location"]) == (302, once["Location"])
    assert closing.events.filter(type="confirm").count() == 1


def test_a_press_from_an_old_page_is_told_calmly_where_the_request_is(visitor, closing):
    press(visitor, closing, "confirm")
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        page = press(visitor, closing, "confirm")
    assert page.status_code == 409
    assert "error-summary" in page.content.decode()


def test_words_that_came_too_late_are_never_taken_for_a_double_press(visitor, closing):
    press(visitor, closing, "not_yet", body="It still leaks.")
    page = press(visitor, closing, "not_yet", body="And the lid is loose.")
    assert page.status_code == 409
    assert "And the lid is loose." in page.content.decode()


def test_ask_for_a_manager(visitor, ticket, sam):
    press(visitor, ticket, "manager", body="Please.")
    assert Escalation.objects.get(ticket=ticket).reason == Escalation.Reason.CUSTOMER_ASKED


def test_i_no_longer_need_this(visitor, ticket):
    press(visitor, ticket, "withdraw", body="Found it.")
    ticket.refresh_from_db()
    assert ticket.outcome == Ticket.Outcome.WITHDRAWN


def test_change_how_we_reach_you(visitor, ticket):
    press(
        visitor, ticket, "reach", preferred_channel="phone", phone="0161 496 0000", call_me="Masha"
    )
    ticket.customer.refresh_from_db()
    assert ticket.customer.greeting_name == "Masha"
    page = press(visitor, ticket, "reach", preferred_channel="phone", phone="")
    assert page.status_code == 422


def test_the_link_does_not_change_the_address(visitor, ticket):
    press(visitor, ticket, "reach", preferred_channel="email", email="thief@example.org")
    ticket.customer.refresh_from_db()
    assert ticket.customer.email == "maria@example.org"


def test_two_taps_and_a_line(visitor, closed):
    factor = survey.offered(closed)[0]
    press(visitor, closed, "survey", score="5", comment="Quick!", **{f"factor-{factor.pk}": "1"})
    assert (closed.survey.score, closed.survey.comment) == (5, "Quick!")
    assert closed.survey.factors.get(factor=factor).sign == 1
    assert press(visitor, closed, "survey", score="9").status_code == 422


# --- adding words and files ---


def test_words_and_a_file_are_added(visitor, ticket):
    note = SimpleUploadedFile("receipt.txt", b"12.50", "text/plain")
    answer = press(visitor, ticket, "add_message", body="Here it is.", attachments=[note])
    assert answer.status_code == 302
    text = visitor.get(answer["Location"]).content.decode()
    assert "Here it is." in text
    assert "receipt.txt" in text


def test_nothing_at_all_is_asked_for_again(visitor, ticket):
    page = press(visitor, ticket, "add_message", body=" ")
    assert page.status_code == 422
    assert "choose a file" in page.content.decode()


def test_a_wrong_file_keeps_the_words_and_stores_nothing(visitor, ticket):
    program = SimpleUploadedFile("photo.png", b"\x7fELF")
    page = press(visitor, ticket, "add_message", body="See the photo", attachments=[program])
    assert page.status_code == 422
    assert "See the photo" in page.content.decode()
    assert not Attachment.objects.exists()


def test_a_closed_request_goes_on_when_they_write_within_the_window(visitor, closed):
    press(visitor, closed, "add_message", body="It leaks again.")
    closed.refresh_from_db()
    assert closed.stage == Stage.UNDERSTANDING


def test_after_the_window_the_page_leads_to_a_new_request(visitor, closed):
    with time_machine.travel(closed.reopen_until + timedelta(days=1)):
        text = shown(visitor, closed).content.decode()
    assert "/ask/" in text
    assert reverse("portal:add_message", args=[closed.token]) not in text


def test_questions_with_choices_are_answered_by_picking(visitor, ticket, dana):
    asked = [{"question": "Which colour?", "choices": ["Red", "Blue"]}]
    move(ticket, "ask", by=dana, body="One question.", questions=asked)
    assert "Which colour?" in shown(visitor, ticket).content.decode()
    press(visitor, ticket, "add_message", question="Which colour?", **{"answer-0": "Blue"}, body="")
    ticket.refresh_from_db()
    assert ticket.messages.filter(body="Which colour?: Blue").exists()
    assert ticket.waiting_on == Ticket.WaitingOn.US


def test_a_customers_words_are_text_with_safe_links(visitor, ticket):
    move(ticket, "add_message", actor="customer", body="<img src=x onerror=alert(1)> bye")
    text = shown(visitor, ticket).content.decode()
    assert "<img src=x" not in text
    link = 'href="https://shop.example/kettle?a=1&amp;b=2" rel="nofollow noopener ugc"'
    assert link in text


# --- files come back only through their own request ---


@pytest.fixture
def kept(visitor, ticket):
    page = SimpleUploadedFile("page.txt", b"<script>alert(1)</script>", "text/html")
    press(visitor, ticket, "add_message", body="A file", attachments=[page])
    return Attachment.objects.get()


def test_a_file_is_handed_over_and_never_shown_in_our_name(visitor, ticket, kept):
    answer = visitor.get(reverse("portal:attachment", args=[ticket.token, kept.pk]))
    assert b"".join(answer) == b"<script>alert(1)</script>"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]


def test_another_requests_link_opens_no_file_of_this_one(visitor, kept, other_customer):
    theirs = factories.ticket(customer=other_customer)
    assert (
        visitor.get(reverse("portal:attachment", args=[theirs.token, kept.pk])).status_code == 404
    )


# --- find my request ---


def test_finding_answers_alike_whether_the_address_is_known(visitor, ticket):
    OutboundEmail.objects.all().delete()
    known = visitor.post("/requests/find/", {"email": "Maria@Example.org"})
    unknown = visitor.post("/requests/find/", {"email": "nobody@example.org"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    answer_link_requests()
    mail = OutboundEmail.objects.get()
    assert mail.to == "maria@example.org"
    assert ticket.token in mail.text


def test_finding_does_the_same_work_whether_the_address_is_known(visitor, ticket):
    done = []
    for email in ("maria@example.org", "nobody@example.org"):
        with CaptureQueriesContext(connection) as queries:
            visitor.post("/requests/find/", {"email": email})
        done.append([query["sql"].replace(email, "…")[:60] for query in queries])
    assert done[0] == done[1] != []


def test_finding_asks_for_a_whole_address(visitor):
    page = visitor.post("/requests/find/", {"email": "maria"})
    assert page.status_code == 422
    assert "name@example.com" in page.content.decode()


def test_a_customer_who_wants_another_plan_reads_what_stands_until_then(visitor, delivering, dana):
    press(visitor, delivering, "plan", body="Rather a glass one.")
    stands = "Until you read the new plan here, this one stands."
    assert stands in shown(visitor, delivering).content.decode()

    move(delivering, "state_need", by=dana, body="Glass, then?", need="A glass kettle.")
    promise = {"what": "A glass kettle leaves our house", "due_at": in_a_week()}
    move(delivering, "send_plan", by=dana, body="Our new plan.", promises=[promise])
    assert stands not in shown(visitor, delivering).content.decode()


def test_sizes_are_round_where_they_are_round(visitor, delivering):
    assert "Up to 10 files of 10 MB each" in shown(visitor, delivering).content.decode()
