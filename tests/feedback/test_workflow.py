"""Who may move a ticket where, what must be true first, and what each move leaves behind."""

from datetime import timedelta

import pytest
from django.utils import timezone

from feedback.intake import Contact, submit
from feedback.models import Message, OutboundEmail, Ticket
from feedback.workflow import (
    MoveRefused,
    StaleTicket,
    available_moves,
    move,
    note,
    return_tickets_of,
)
from tests import factories

pytestmark = pytest.mark.django_db
Stage, Outcome = Ticket.Stage, Ticket.Outcome
NO_ARTICLE = {"knowledge": "not-needed", "knowledge_reason": "a broken piece"}


def brought(**fields):
    fields = {"email": "maria@example.org", "name": "Maria Lindqvist"} | fields
    fields.setdefault("body", "The kettle I bought last week leaks at the bottom.")
    return submit(Contact(**fields), key=fields["body"][:60])


def soon(hours=30):
    return timezone.now() + timedelta(hours=hours)


def planned(dana, kind="complaint", **plan):
    """A ticket in Delivering with one promise."""
    ticket = brought(kind=kind)
    move(ticket, "claim", by=dana)
    move(ticket, "state_need", by=dana, body="You need a kettle.", need="A kettle")
    plan = {"what": "A new kettle leaves us", "due_at": soon()} | plan
    move(ticket, "send_plan", by=dana, body="We send one by {due}.", promises=[plan])
    return ticket


def answered(dana, **fields):
    ticket = brought(**fields)
    move(ticket, "answer_now", by=dana, body="Tighten the ring.", **NO_ARTICLE)
    return ticket


def last_mail():
    return OutboundEmail.objects.order_by("-pk").first()


# --- Whose it is --------------------------------------------------------------


def test_claiming_tells_the_customer_the_name(dana):
    ticket = brought()
    move(ticket, "claim", by=dana)
    assert "Dana" in ticket.messages.get(type="claim-note").body
    assert ticket.stage == Stage.UNDERSTANDING


def test_only_the_owner_or_a_manager_writes(dana, priya, sam):
    ticket = brought()
    move(ticket, "claim", by=dana)
    with pytest.raises(MoveRefused, match="looks after this one"):
        move(ticket, "reply", by=priya, body="Hello")
    assert move(ticket, "reply", by=sam, body="Hello").actor == sam


def test_a_visitor_or_an_author_moves_nothing(publisher):
    ticket = brought()
    with pytest.raises(MoveRefused):
        move(ticket, "claim", by=publisher)
    with pytest.raises(MoveRefused):
        move(ticket, "claim", actor="customer")
    with pytest.raises(MoveRefused):
        move(ticket, "confirm", actor="staff", by=publisher)


def test_no_csr_closes_a_ticket_as_settled(dana, sam):
    ticket = answered(dana)
    for name in ("confirm", "close_unanswered"):
        for by in (dana, sam):
            with pytest.raises(MoveRefused):
                move(ticket, name, by=by)
    with pytest.raises(MoveRefused):
        move(ticket, "final_answer", by=dana, body="No.", options="-")


def test_a_complaint_about_a_person_is_never_that_persons(dana, priya, sam):
    ticket = brought(kind="complaint", about_person=dana)
    for name, details in (("claim", {}), ("answer_now", {"body": "Hm.", **NO_ARTICLE})):
        with pytest.raises(MoveRefused, match="for a colleague"):
            move(ticket, name, by=dana, **details)
    with pytest.raises(MoveRefused, match="for a colleague"):
        move(ticket, "assign", by=sam, to=dana)
    assert available_moves(ticket, dana) == []
    assert ticket not in Ticket.objects.visible_to(dana)
    move(ticket, "claim", by=priya)


def test_a_manager_whom_it_is_about_is_not_the_one_asked(sam, dana):
    other = factories.staff("kim", "Manager")
    ticket = brought(kind="complaint", about_person=sam)
    move(ticket, "ask_manager")
    assert ticket.escalations.get().to == other


def test_whoever_leaves_keeps_no_ticket(dana, priya):
    ticket = planned(dana)
    dana.is_active = False
    dana.save()
    ticket.refresh_from_db()
    assert ticket.owner is None
    assert ticket.stage == Stage.DELIVERING
    assert ticket.events.filter(type="release", actor_kind="system").exists()
    move(ticket, "claim", by=priya)
    assert (ticket.stage, ticket.owner) == (Stage.DELIVERING, priya)
    assert return_tickets_of(dana) == 0


def test_handing_over_twice_alerts_the_managers(dana, priya, sam):
    ticket = brought()
    move(ticket, "claim", by=dana)
    move(ticket, "assign", by=dana, to=priya)
    assert not OutboundEmail.objects.filter(kind="alert-runaround").exists()
    move(ticket, "assign", by=priya, to=dana)
    assert OutboundEmail.objects.get(kind="alert-runaround").to == sam.email


# --- Two people at once -------------------------------------------------------


def test_a_page_open_overnight_sees_what_happened_and_nothing_is_sent(dana):
    ticket = brought()
    move(ticket, "claim", by=dana)
    version = ticket.version
    move(ticket, "add_message", body="I found the bill.")
    mails = OutboundEmail.objects.count()
    with pytest.raises(StaleTicket) as stale:
        move(ticket, "reply", by=dana, body="Please send the bill.", version=version)
    assert stale.value.ticket.messages.filter(body="I found the bill.").exists()
    assert OutboundEmail.objects.count() == mails


def test_a_refused_move_leaves_no_trace(dana):
    ticket = brought(kind="complaint")
    move(ticket, "claim", by=dana)
    before = (ticket.version, ticket.events.count(), ticket.messages.count())
    with pytest.raises(MoveRefused, match="cause"):
        move(ticket, "answer_now", by=dana, body="Here you are.", **NO_ARTICLE)
    ticket.refresh_from_db()
    assert (ticket.version, ticket.events.count(), ticket.messages.count()) == before


# --- Words --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("", "Write a line"),
        (" \n ", "Write a line"),
        ("x" * 50_001, "50001 characters"),
        ("Hello \x00", "NUL"),
        ("Hello {customer_name}", "customer_name"),
        ("{what_went_wrong} and {what_we_do}", "{what_went_wrong}, {what_we_do}"),
    ],
)
def test_words_that_must_not_go_out_are_refused(dana, body, says):
    ticket = brought()
    move(ticket, "claim", by=dana)
    with pytest.raises(MoveRefused) as refusal:
        move(ticket, "reply", by=dana, body=body)
    assert says in str(refusal.value)


@pytest.mark.parametrize("body", ["x" * 50_000, "שלום, תודה", "😀" * 2000, "a { b } {A} {1}"])
def test_long_foreign_and_odd_words_go_out_as_they_are(dana, body):
    ticket = brought()
    move(ticket, "reply", by=dana, body=body)
    assert ticket.messages.get(type="reply").body == body
    assert body[:100] in last_mail().text


def test_the_time_in_the_words_is_the_time_in_the_ledger(dana):
    ticket = planned(dana)
    promise = ticket.promises.get(kind="action")
    local = timezone.localtime(promise.due_at)
    assert f"{local:%H:%M}" in ticket.messages.get(type="plan").body


def test_what_was_found_and_sent_as_written_is_kept_with_the_message(dana):
    ticket = brought()
    move(ticket, "reply", by=dana, body="I can't say more.")
    assert ticket.messages.get(type="reply").tone_report == [
        {"group": 2, "words": "I can't", "level": "confirm", "kept": True}
    ]


def test_notes_reach_no_customer(dana):
    ticket = answered(dana)
    note(ticket, dana, "Sounds like a secret.")
    assert not Message.objects.filter(body__contains="secret").exists()
    assert not OutboundEmail.objects.filter(text__contains="secret").exists()


# --- Understanding, agreeing, delivering --------------------------------------


def test_a_need_must_be_stated(dana):
    ticket = brought()
    move(ticket, "claim", by=dana)
    with pytest.raises(MoveRefused, match="what you understand"):
        move(ticket, "state_need", by=dana, body="Hello", need=" ")


def test_a_corrected_need_goes_back_to_understanding(dana):
    ticket = brought()
    move(ticket, "claim", by=dana)
    move(ticket, "state_need", by=dana, body="A kettle?", need="A kettle")
    move(ticket, "correct_need", body="No, the lid.")
    assert ticket.stage == Stage.UNDERSTANDING
    move(ticket, "state_need", by=dana, body="A lid?", need="A lid")
    move(ticket, "confirm_need")
    assert ticket.need_confirmed_at


@pytest.mark.parametrize("kind", ["complaint", "request"])
@pytest.mark.parametrize(
    ("promises", "says"),
    [
        ([], "when will this be done"),
        ([{"what": "A new kettle", "due_at": None}], "when will this be done"),
        ([{"what": "", "due_at": timezone.now() + timedelta(days=9)}], "what will be done"),
        ([{"what": "A kettle", "due_at": timezone.now() - timedelta(days=1)}], "has passed"),
        (
            [{"what": "I write", "due_at": timezone.now() + timedelta(days=9), "kind": "update"}],
            "when will this be done",
        ),
    ],
)
def test_a_remedy_needs_a_written_what_and_when(dana, kind, promises, says):
    ticket = brought(kind=kind)
    move(ticket, "claim", by=dana)
    move(ticket, "state_need", by=dana, body="You need a kettle.", need="A kettle")
    with pytest.raises(MoveRefused, match=says):
        move(ticket, "send_plan", by=dana, body="We do something.", promises=promises)


def test_owning_up_names_the_time_in_a_promise_of_its_own(dana):
    ticket = brought()
    move(ticket, "claim", by=dana)
    move(ticket, "mark_mistake", by=dana)
    owned = "This was our mistake. A new kettle leaves us by {due}."
    with pytest.raises(MoveRefused, match="when will this be done"):
        move(ticket, "reply", by=dana, body=owned)
    plan = {"what": "A new kettle leaves us", "due_at": soon()}
    move(ticket, "reply", by=dana, body=owned, promises=[plan])
    assert ticket.promises.filter(what="A new kettle leaves us", state="open").exists()


def test_our_own_mistake_needs_a_date_even_for_a_question(dana):
    ticket = brought()
    move(ticket, "claim", by=dana)
    move(ticket, "mark_mistake", by=dana)
    move(ticket, "state_need", by=dana, body="You need the price.", need="The price")
    with pytest.raises(MoveRefused, match="when will this be done"):
        move(ticket, "send_plan", by=dana, body="We were wrong.")


def test_a_changed_plan_leads_back_through_each_stage(dana):
    ticket = planned(dana)
    move(ticket, "change_plan", body="Please to my work.")
    steps = [(e.from_stage, e.to_stage) for e in ticket.events.filter(type="change_plan")]
    assert steps == [("delivering", "agreeing"), ("agreeing", "understanding")]
    move(ticket, "state_need", by=dana, body="To your work.", need="A kettle at work")
    move(ticket, "send_plan", by=dana, body="As before, to your work.")
    assert ticket.agreement == Ticket.Agreement.ADJUSTED


def test_the_way_the_customer_picks_becomes_the_promise(dana):
    ticket = brought(kind="complaint")
    move(ticket, "claim", by=dana)
    move(ticket, "state_need", by=dana, body="You need a kettle.", need="A kettle")
    ways = [
        {"what": "A new kettle", "due_at": soon(40), "remedy": "replacement"},
        {"what": "Your money back", "due_at": soon(60), "remedy": "refund"},
    ]
    move(ticket, "send_plan", by=dana, body="You choose.", options=ways)
    assert (ticket.stage, ticket.waiting_on) == (Stage.AGREEING, "customer")
    for wrong in (2, -1, "two", None):
        with pytest.raises(MoveRefused, match="Choose one"):
            move(ticket, "choose_option", index=wrong)
    move(ticket, "choose_option", index=1)
    promise = ticket.promises.get(kind="action")
    assert (promise.what, promise.remedy) == ("Your money back", "refund")
    assert promise.due_at == ways[1]["due_at"]
    assert ticket.stage == Stage.DELIVERING


def test_questions_with_choices_wait_for_the_customer_and_come_back(dana):
    ticket = brought()
    asked = [{"question": "Which one?", "choices": ["red", "blue"]}]
    move(ticket, "ask", by=dana, body="One question.", questions=asked)
    assert ticket.waiting_on == "customer"
    assert ticket.messages.get(type="question").choices == asked
    move(ticket, "add_message", body="Which one? red")
    assert ticket.waiting_on == "us"
    assert ticket.promises.get(kind="update", state="open").message.direction == "out"
    with pytest.raises(MoveRefused, match="at most three"):
        move(ticket, "ask", by=dana, body="Many.", questions=asked * 4)


@pytest.mark.parametrize("days", [-1, 800, 2_900_000])
def test_a_time_nobody_can_mean_is_refused(dana, days):
    ticket, due_at = planned(dana), timezone.now() + timedelta(days=days)
    promise = ticket.promises.open().first()
    words = {"body": "We look again by {due}.", "promises": [{"what": "Look", "due_at": due_at}]}
    with pytest.raises(MoveRefused, match=r"has passed|two years"):
        move(ticket, "reply", by=dana, **words)
    with pytest.raises(MoveRefused, match=r"has passed|two years"):
        move(ticket, "renew_promise", by=dana, promise=promise.pk, due_at=due_at, reason="late")
