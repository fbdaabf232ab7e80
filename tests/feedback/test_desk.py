"""The desk of one ticket: what a colleague sees there, and what each press does."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from feedback.models import CannedReply, Draft, Promise, Ticket
from feedback.workflow import move, note
from kb.models import ArticleView, SearchQuery
from tests import factories


def desk_of(ticket):
    return reverse("admin:feedback_ticket_change", args=[ticket.pk])


@pytest.fixture
def ticket(customer, dana):
    """Maria's question, claimed by Dana."""
    made = factories.ticket(customer=customer, subject="The kettle leaks")
    move(made, "claim", by=dana)
    return made


@pytest.fixture
def send(signed_in):
    """Press Send as this colleague, with these fields, from a page that is up to date."""

    def press(user, ticket, act="send", follow=True, **fields):
        fields = {"version": Ticket.objects.get(pk=ticket.pk).version, "act": act} | fields
        return signed_in(user).post(desk_of(ticket), fields, follow=follow)

    return press


ANSWER = {
    "mode": "answer",
    "need": "A kettle that holds water.",
    "body": "Hello Maria, turn the lid until it clicks. Warmly, Dana",
    "knowledge": "not-needed",
    "knowledge_reason": "it happens once",
}


# --- What one sees -------------------------------------------------------------


def test_the_history_lists_every_act_by_name_and_time(signed_in, ticket, dana):
    client = signed_in(dana)
    link = reverse("admin:feedback_ticket_history", args=[ticket.pk])
    assert link in client.get(desk_of(ticket)).content.decode()
    other = factories.ticket()
    page = client.get(link, follow=True)
    shown = page.context["cl"].result_list
    assert set(shown) == set(ticket.events.all())
    assert other.reference not in page.content.decode()


def test_the_desk_shows_story_notes_and_all_we_know(ticket, customer, dana, signed_in):
    customer.call_me, customer.preferred_channel = "Masha", "phone"
    customer.preferred_time, customer.phone = "afternoons", "0800 123"
    customer.save()
    Ticket.objects.filter(pk=ticket.pk).update(visit_key="v1", personal_remarks="moving house")
    SearchQuery.objects.create(text="leaky kettle", normalised="x", results_count=0, visit_key="v1")
    ArticleView.objects.create(article=factories.article("Descaling"), visit_key="v1")
    factories.ticket(customer=customer, subject="An older matter")
    note(ticket, dana, "She sounded tired on the telephone.")
    page = signed_in(dana).get(desk_of(ticket)).content.decode()
    for words in (
        ticket.original_words, "Masha", "telephone", "afternoons", "moving house",
        "leaky kettle", "Descaling", "An older matter", "She sounded tired", "has taken this on",
    ):  # fmt: skip
        assert words in page, words


def test_a_suggested_article_stands_beside_the_ticket(ticket, dana, signed_in):
    article = factories.article("My kettle leaks at the bottom", public=True)
    page = signed_in(dana).get(desk_of(ticket)).content.decode()
    assert f"insert-article-{article.pk}" in page


def test_the_card_of_a_difficult_situation_is_shown(ticket, dana, signed_in):
    Ticket.objects.filter(pk=ticket.pk).update(situation="upset")
    page = signed_in(dana).get(desk_of(ticket)).content.decode()
    assert "Do one thing today" in page
    assert "Would this read well if it were shared?" in page


def test_a_safety_concern_is_the_managers_alone(ticket, dana, sam, send, signed_in):
    answer = send(dana, ticket, act="set_safety", reason="a threat")
    assert answer.redirect_chain[-1][0] == reverse("admin:feedback_ticket_changelist")
    assert signed_in(dana).get(desk_of(ticket)).status_code == 404
    assert signed_in(sam).get(desk_of(ticket)).status_code == 200


@pytest.mark.parametrize("role", ["contributor", "publisher"])
def test_who_may_not_see_tickets_does_not(role, ticket, request, signed_in):
    client = signed_in(request.getfixturevalue(role))
    assert client.get(desk_of(ticket)).status_code == 404


def test_the_desk_asks_the_database_as_often_for_a_long_story_as_for_a_short_one(
    ticket, customer, dana, signed_in
):
    Ticket.objects.filter(pk=ticket.pk).update(visit_key="v1", situation="waiting")
    for n in range(25):
        move(ticket, "reply", by=dana, body=f"Word {n} of many.")
        note(ticket, dana, f"note {n}")
        factories.ticket(customer=customer)
        factories.article(f"The kettle leaks {n}", public=True)
        SearchQuery.objects.create(text="t", normalised="t", results_count=0, visit_key="v1")
    client = signed_in(dana)
    client.get(desk_of(ticket))
    with CaptureQueriesContext(connection) as asked:
        assert client.get(desk_of(ticket)).status_code == 200
    # The audit trail's own entry, and the transaction it stands in, are not the desk's.
    of_the_trail = ("portal_trailend", "portal_auditentry", "BEGIN", "COMMIT", "SAVEPOINT")
    own = [q["sql"] for q in asked if not any(words in q["sql"] for words in of_the_trail)]
    assert len(own) < 20, own


# --- Writing -------------------------------------------------------------------


def test_answer_now_goes_out_and_the_ticket_waits_in_closing(ticket, dana, send):
    page = send(dana, ticket, **ANSWER)
    ticket.refresh_from_db()
    assert ticket.stage == "closing"
    assert ticket.need_statement == ANSWER["need"]
    assert ticket.messages.get(type="resolution").body == ANSWER["body"]
    assert "Sent. Maria Lindqvist can read it now." in page.content.decode()


def test_an_inserted_article_is_in_the_words_and_linked(ticket, dana, send):
    article = factories.article("My kettle leaks at the bottom", public=True)
    page = send(
        dana, ticket, act=f"insert-article-{article.pk}", mode="answer", body="Hello Maria,"
    )
    composer = page.context["composer"]
    assert article.get_absolute_url() in composer["body"].value()
    assert composer["body"].value().startswith("Hello Maria,")
    send(
        dana, ticket, mode="answer", body=composer["body"].value(), knowledge="linked",
        articles=[article.pk],
    )  # fmt: skip
    assert ticket.article_links.get().article == article
    assert ticket.article_links.get().relation == "solved-by"


def test_an_article_sent_along_the_way_counts_as_used(ticket, dana, send):
    article = factories.article("My kettle leaks", public=True)
    send(dana, ticket, mode="reply", body="Please look here first.", articles=[article.pk])
    assert ticket.article_links.get().relation == "related"


@pytest.mark.parametrize("nonsense", ["abc", "\x00", "9" * 40, "-1", "²"])
def test_nonsense_where_a_number_belongs_is_no_fault(nonsense, ticket, dana, send, signed_in):
    insert = reverse("admin:feedback_ticket_insert", args=[ticket.pk])
    for wanted in ("reply", "article"):
        assert signed_in(dana).get(insert, {wanted: nonsense}).json()["text"] == ""
    assert send(dana, ticket, act="mark_mistake", version=nonsense).status_code == 200
    assert send(dana, ticket, act="keep", body="Hello", articles=nonsense).status_code == 200
    search = signed_in(dana).get(reverse("admin:kb_article_changelist"), {"q": nonsense})
    assert search.status_code == 200


def test_a_template_arrives_filled(ticket, dana, signed_in):
    reply = CannedReply.objects.create(title="t", body="Hello {customer_name}, {what_we_do}.")
    answer = signed_in(dana).get(
        reverse("admin:feedback_ticket_insert", args=[ticket.pk]), {"reply": reply.pk}
    )
    assert answer.json()["text"] == "Hello Maria, {what_we_do}."
    assert answer.json()["gaps"] == ["what_we_do"]


def test_a_gap_left_open_is_refused_with_the_words_kept(ticket, dana, send):
    page = send(dana, ticket, mode="reply", body="Hello Maria, we do {what_we_do}.")
    assert page.status_code == 422
    assert "{what_we_do}" in page.content.decode()
    assert "Fill these gaps first" in page.content.decode()
    assert not ticket.messages.filter(type="reply").exists()


def test_a_template_sent_unchanged_is_shown_once_more(ticket, dana, send):
    reply = CannedReply.objects.create(title="t", body="Hello {customer_name}, all is well.")
    fields = {"mode": "reply", "body": "Hello Maria, all is well.", "canned_reply": reply.pk}
    page = send(dana, ticket, **fields)
    assert "This is the template as it stands" in page.content.decode()
    assert not ticket.messages.filter(type="reply").exists()
    send(dana, ticket, act="as-written", **fields)
    assert ticket.messages.get(type="reply").canned_reply == reply


def test_asking_for_a_known_order_number_shows_it(ticket, dana, send):
    Ticket.objects.filter(pk=ticket.pk).update(order_number="CW-10233")
    page = send(dana, ticket, mode="ask", body="Could you send me your order number?")
    assert "The order number is already known: CW-10233." in page.content.decode()


def test_questions_go_with_answers_to_pick_from(ticket, dana, send):
    send(
        dana, ticket, mode="ask", body="Which one is it, Maria",
        question_1="Which colour?", choices_1="red, blue",
    )  # fmt: skip
    assert ticket.messages.get(type="question").choices == [
        {"question": "Which colour?", "choices": ["red", "blue"]}
    ]
    ticket.refresh_from_db()
    assert ticket.waiting_on == "customer"


@pytest.fixture
def complaint(ticket, dana):
    """Maria's complaint, understood, with the plan to be settled."""
    Ticket.objects.filter(pk=ticket.pk).update(kind="complaint")
    ticket.refresh_from_db()
    move(ticket, "state_need", by=dana, body="You need a kettle that holds.", need="A new kettle")
    return ticket


def test_a_plan_without_a_date_is_refused_and_with_one_becomes_a_promise(complaint, dana, send):
    page = send(dana, complaint, act="as-written", mode="plan", body="We send a new kettle.")
    assert page.status_code == 422
    assert "when will this be done?" in page.content.decode()
    assert "We send a new kettle." in page.content.decode()
    due = timezone.localtime(timezone.now() + timedelta(days=1)).replace(second=0, microsecond=0)
    send(
        dana, complaint, mode="plan", body="We send a new kettle.",
        what_1="A new kettle by courier", due_1=f"{due:%Y-%m-%dT%H:%M}", remedy_1="replacement",
    )  # fmt: skip
    promise = complaint.promises.get(remedy="replacement")
    assert (promise.what, promise.due_at) == ("A new kettle by courier", due)
    complaint.refresh_from_db()
    assert complaint.stage == "delivering"


def test_a_time_that_no_clock_shows_is_named_beside_its_field(complaint, dana, send, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    page = send(
        dana, complaint, mode="plan", body="A plan.", what_1="Send it", due_1="2027-03-28T02:30"
    )
    assert page.status_code == 422
    assert "interpreted in time zone" in page.content.decode()
    assert "A plan." in page.content.decode()


def test_a_resolution_wants_the_cause_of_a_complaint(complaint, dana, send):
    move(
        complaint, "send_plan", by=dana, body="Tomorrow.",
        promises=[{"what": "Send it", "due_at": timezone.now() + timedelta(days=1)}],
    )  # fmt: skip
    promise = complaint.promises.get(kind="action")
    send(dana, complaint, act="keep_promise", promise=promise.pk)
    done = {"mode": "resolution", "body": "It is on its way.", "knowledge": "not-needed"}
    done["knowledge_reason"] = "once"
    page = send(dana, complaint, **done)
    assert "Say what caused this complaint." in page.content.decode()
    send(dana, complaint, complaint_cause="inconvenience", **done)
    complaint.refresh_from_db()
    assert (complaint.stage, complaint.complaint_cause) == ("closing", "inconvenience")


def test_a_note_stays_among_colleagues(ticket, dana, send):
    sent_before = ticket.messages.count()
    send(dana, ticket, mode="note", body="I can't reach her. It's our policy!")
    assert ticket.notes.get().body == "I can't reach her. It's our policy!"
    assert ticket.messages.count() == sent_before


@pytest.mark.parametrize("words", ["😀 שלום עולם " * 30, "x" * 50_001])
def test_no_words_are_lost_however_odd_or_long(words, ticket, dana, send):
    page = send(dana, ticket, mode="reply", body=words)
    if len(words) > 50_000:
        assert "up to 50000 fit" in page.content.decode().replace(",", "")
        assert words in page.content.decode()
    else:
        assert ticket.messages.get(type="reply").body == words.strip()


# --- Two people, and long nights ---------------------------------------------------


def test_the_second_to_send_sees_what_is_new_and_keeps_the_words(ticket, dana, sam, send):
    seen = ticket.version
    move(ticket, "reply", by=sam, body="I have written to her already.")
    page = send(dana, ticket, mode="reply", body="My own careful words.", version=seen)
    words = page.content.decode()
    assert page.status_code == 409
    assert "Something new has happened" in words
    assert "I have written to her already." in words
    assert "My own careful words." in words
    assert ticket.messages.filter(type="reply").count() == 1
    fresh = page.context["composer"]["version"].value()
    send(dana, ticket, mode="reply", body="My own careful words.", version=fresh)
    assert ticket.messages.filter(type="reply").count() == 2


def test_a_colleagues_ticket_is_not_written_on(ticket, priya, send):
    page = send(priya, ticket, mode="reply", body="I was faster.")
    assert page.status_code == 422
    assert "I was faster." in page.content.decode()
    assert not ticket.messages.filter(type="reply").exists()


def test_a_way_to_write_that_closed_meanwhile_says_why(ticket, dana, priya, send):
    page = send(priya, ticket, mode="reply", body="I was faster.").content.decode()
    assert "Dana looks after this one. Leave a note" in page
    move(ticket, "withdraw", actor="customer", reason="found it")
    page = send(dana, ticket, mode="reply", body="Here it is, Maria.").content.decode()
    assert "this step belongs elsewhere" in page
    assert "Here it is, Maria." in page


def test_a_refusal_in_a_folded_field_is_still_read(ticket, dana, send):
    page = send(dana, ticket, mode="reply", body="Hello Maria.", knowledge_reason="w" * 201)
    assert page.status_code == 422
    assert "because: Ensure this value has at most 200 characters" in page.content.decode()


def test_an_answer_to_a_closed_ticket_is_refused_with_the_words_kept(ticket, dana, send):
    move(ticket, "withdraw", reason="")
    page = send(dana, ticket, mode="reply", body="One more thing.")
    assert page.status_code == 422
    assert "One more thing." in page.content.decode()


def test_a_draft_is_kept_while_typing_and_forgotten_when_sent(ticket, dana, priya, signed_in, send):
    keep = reverse("admin:feedback_ticket_draft", args=[ticket.pk])
    fields = {"mode": "reply", "body": "Half a sent", "what_2": "a call"}
    assert signed_in(dana).post(keep, fields).json()["saved_at"]
    page = signed_in(dana).get(desk_of(ticket))
    assert page.context["composer"]["body"].value() == "Half a sent"
    assert page.context["composer"]["what_2"].value() == "a call"
    assert "Half a sent" not in signed_in(priya).get(desk_of(ticket)).content.decode()
    send(dana, ticket, mode="reply", body="Half a sentence, and the rest.")
    assert not Draft.objects.exists()


def test_an_emptied_composer_leaves_no_draft(ticket, dana, signed_in):
    keep = reverse("admin:feedback_ticket_draft", args=[ticket.pk])
    signed_in(dana).post(keep, {"mode": "reply", "body": "Some"})
    assert signed_in(dana).post(keep, {"mode": "reply", "body": ""}).json() == {"saved_at": None}
    assert not Draft.objects.exists()


def test_words_sent_after_being_signed_out_are_shown(ticket, visitor):
    page = visitor.post(desk_of(ticket), {"mode": "reply", "body": "A long night's work."})
    assert page.status_code == 403
    assert "A long night" in page.content.decode()
    assert not ticket.messages.filter(type="reply").exists()


def test_words_from_before_the_last_sign_in_are_shown(ticket, dana):
    client = Client(enforce_csrf_checks=True)
    client.force_login(dana)
    page = client.post(desk_of(ticket), {"mode": "reply", "body": "From yesterday's page."})
    assert page.status_code == 403
    assert "From yesterday" in page.content.decode()


def test_an_open_page_learns_that_the_ticket_has_moved(ticket, sam, dana, signed_in):
    pulse = reverse("admin:feedback_ticket_pulse", args=[ticket.pk])
    before = signed_in(dana).get(pulse).json()
    move(ticket, "reply", by=sam, body="Hello.")
    after = signed_in(dana).get(pulse).json()
    assert after["version"] == before["version"] + 1
    assert len(after["dates"]) >= 2


# --- Smaller presses ----------------------------------------------------------------


def test_bringing_in_a_manager_tells_the_customer_and_leaves_the_list(ticket, dana, sam, send):
    send(
        dana, ticket, act="escalate", reason="authority", tried="A refund of 20",
        body="I'd like Sam to look at this with me.",
    )  # fmt: skip
    ticket.refresh_from_db()
    assert ticket.waiting_on == "manager"
    assert ticket.escalations.get().to == sam
    page = send(sam, ticket, act="acknowledge_escalation")
    assert "Answer as manager" in page.content.decode()
    send(sam, ticket, mode="manager", body="We pay it all back, Maria.")
    ticket.refresh_from_db()
    assert ticket.waiting_on != "manager"


def test_handing_over_gives_it_to_the_colleague(ticket, dana, priya, send):
    send(dana, ticket, act="assign", to=priya.pk)
    ticket.refresh_from_db()
    assert ticket.owner == priya


def test_nobody_who_left_can_be_handed_a_ticket(ticket, dana, priya, send):
    priya.is_active = False
    priya.save()
    assert send(dana, ticket, act="assign", to=priya.pk).status_code == 422
    ticket.refresh_from_db()
    assert ticket.owner == dana


def test_changing_the_kind_wants_a_reason(ticket, dana, send):
    assert send(dana, ticket, act="change_kind", kind="request").status_code == 422
    send(dana, ticket, act="change_kind", kind="request", reason="She asks for one")
    ticket.refresh_from_db()
    assert ticket.kind == "request"


def test_a_reply_pressed_twice_is_sent_once_and_asks_for_nothing_more(ticket, dana, send):
    version = Ticket.objects.get(pk=ticket.pk).version
    for _press in range(2):
        page = send(dana, ticket, mode="reply", body="It is on its way.", version=version)
        assert page.status_code == 200
    assert "once is enough" in page.content.decode()
    assert ticket.messages.filter(body="It is on its way.").count() == 1
    assert not ticket.drafts.exists()


def test_a_double_is_put_together_with_the_other(ticket, customer, dana, send):
    other = factories.ticket(customer=customer)
    page = send(dana, ticket, act="mark_duplicate", of="CS-NONE-SUCH", reason="same")
    assert "No ticket has this reference" in page.content.decode()
    send(dana, ticket, act="mark_duplicate", of=other.reference.lower(), reason="same")
    ticket.refresh_from_db()
    assert (ticket.outcome, ticket.duplicate_of) == ("duplicate", other)


def test_a_manager_undoes_spam(ticket, dana, sam, send):
    send(dana, ticket, act="mark_spam", reason="looks like it")
    send(sam, ticket, act="undo_close")
    ticket.refresh_from_db()
    assert ticket.is_open


def test_facts_and_feeling_are_kept(ticket, dana, send):
    send(dana, ticket, act="set_facts", order_number="CW-1", facts="Bought in May", feeling="upset")
    ticket.refresh_from_db()
    assert (ticket.order_number, ticket.facts, ticket.feeling) == ("CW-1", "Bought in May", "upset")
    assert ticket.situation == "upset"


def test_a_promise_gets_a_new_time_with_a_reason(complaint, dana, send):
    later = timezone.now() + timedelta(days=1)
    move(
        complaint, "send_plan", by=dana, body="A plan.", promises=[{"what": "Go", "due_at": later}]
    )
    promise = complaint.promises.get(kind="action")
    new = timezone.localtime(later + timedelta(days=1))
    fields = {"act": "renew_promise", "promise": promise.pk, "due_at": f"{new:%Y-%m-%dT%H:%M}"}
    assert send(dana, complaint, **fields).status_code == 422
    send(dana, complaint, reason="the courier is ill", **fields)
    assert Promise.objects.get(renews=promise).what == "Go"
