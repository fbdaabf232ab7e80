"""How tickets end, who ends them, and how they open again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from feedback import survey as surveys
from feedback.intake import Contact, submit
from feedback.models import Attachment, Escalation, OutboundEmail, Promise, Ticket
from feedback.workflow import MoveRefused, available_moves, move
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


# --- Resolving and closing ----------------------------------------------------


@pytest.mark.parametrize(
    ("decision", "says"),
    [
        ({}, "Which article"),
        ({"knowledge": "linked"}, "Choose the article"),
        ({"knowledge": "not-needed"}, "Say why"),
        ({"knowledge": "gossip"}, "Which article"),
    ],
)
def test_no_answer_without_a_knowledge_decision(dana, decision, says):
    ticket = brought()
    with pytest.raises(MoveRefused, match=says):
        move(ticket, "answer_now", by=dana, body="Tighten the ring.", **decision)


def test_a_complaint_mended_on_the_spot_keeps_its_promise_in_the_same_message(dana):
    ticket = brought(kind="complaint")
    move(
        ticket,
        "answer_now",
        by=dana,
        body="I have sent a new one.",
        complaint_cause="inconvenience",
        promises=[{"what": "A new kettle", "remedy": "replacement"}],
        **NO_ARTICLE,
    )
    promise = ticket.promises.get(kind="action")
    assert (promise.state, promise.message.type) == (Promise.State.KEPT, "resolution")


def test_only_a_compliment_closes_with_the_thank_you(dana):
    ticket = brought(kind="compliment", body="Dana was lovely.")
    move(ticket, "answer_now", by=dana, body="That made our day.")
    assert (ticket.stage, ticket.outcome) == (Stage.CLOSED, Outcome.THANKED)
    assert not ticket.messages.filter(type="verification").exists()
    assert last_mail().subject.startswith("Thank you")
    assert "settle" not in last_mail().text
    assert not surveys.is_open(ticket)
    assert [e.to_stage for e in ticket.events.exclude(type="promise_settled")][-5:] == [
        "understanding", "agreeing", "delivering", "closing", "closed",
    ]  # fmt: skip


def test_the_answer_and_the_question_whether_it_settled_are_one_mail(dana):
    answered(dana)
    assert OutboundEmail.objects.exclude(kind="acknowledgement").count() == 1
    assert "Did this settle it for you?" in last_mail().text


def test_settled_thanks_invites_back_and_asks_how_we_did(dana):
    ticket = answered(dana)
    move(ticket, "confirm")
    assert ticket.reopen_until - ticket.closed_at == timedelta(days=30)
    assert "#survey" in last_mail().text


def test_not_yet_twice_keeps_one_manager_and_loses_no_word(dana, sam):
    ticket = answered(dana)
    move(ticket, "not_yet", body="It leaks.")
    assert (ticket.stage, ticket.waiting_on) == (Stage.AGREEING, "manager")
    assert "Sam" in ticket.messages.get(type="escalation").body
    with pytest.raises(MoveRefused):
        move(ticket, "not_yet", body="It leaks!")
    move(ticket, "ask_manager", body="Hello?")
    assert ticket.escalations.count() == 1
    assert ticket.messages.filter(body="Hello?").exists()


def test_a_manager_answers_and_the_promise_is_kept_by_their_word(dana, sam):
    ticket = answered(dana)
    move(ticket, "not_yet")
    with pytest.raises(MoveRefused):
        move(ticket, "answer_escalation", by=dana, body="It's me again.")
    move(ticket, "acknowledge_escalation", by=sam)
    move(ticket, "answer_escalation", by=sam, body="We send a new one.")
    assert ticket.escalations.get().state == Escalation.State.ANSWERED
    assert ticket.promises.get(kind="manager").state == Promise.State.KEPT
    assert ticket.waiting_on == "us"


def test_no_csr_resolves_over_a_managers_head(dana, sam):
    ticket = planned(dana)
    move(ticket, "keep_promise", by=dana, promise=ticket.promises.get(kind="action"))
    move(ticket, "ask_manager")
    with pytest.raises(MoveRefused, match="manager is still to answer"):
        move(ticket, "resolve", by=dana, body="Done.", complaint_cause="money", **NO_ARTICLE)


def test_the_final_answer_says_what_else_the_customer_can_do(dana, sam):
    ticket = answered(dana)
    move(ticket, "not_yet")
    with pytest.raises(MoveRefused, match="what else"):
        move(ticket, "final_answer", by=sam, body="This is it.", options="")
    move(ticket, "final_answer", by=sam, body="This is it.", options="The ombudsman helps.")
    assert (ticket.stage, ticket.outcome) == (Stage.CLOSED, Outcome.FINAL)
    assert "ombudsman" in last_mail().text
    assert not ticket.promises.open().exists()


def test_a_final_answer_keeps_no_promise_that_was_not_kept(dana, sam):
    ticket = planned(dana)
    decided = {"complaint_cause": "money", **NO_ARTICLE}
    move(ticket, "final_answer", by=sam, body="No.", options="The ombudsman.", **decided)
    assert ticket.promises.get(what="A new kettle leaves us").state == Promise.State.RELEASED

    other = brought(kind="complaint", body="Another kettle.")
    move(other, "final_answer", by=sam, body="No.", options="The ombudsman.", **decided)
    assert other.promises.get(kind="decision").what == "Our final answer"


def test_escalating_passes_the_csrs_own_words_on_and_names_the_reason(dana, sam):
    ticket = planned(dana)
    with pytest.raises(MoveRefused, match="Choose why"):
        move(ticket, "escalate", by=dana, reason="tired")
    move(ticket, "escalate", by=dana, reason="authority", tried="A refund", body="Sam joins me.")
    assert ticket.owner == dana
    assert ticket.waiting_on == "manager"
    assert last_mail().to in (sam.email, "maria@example.org")
    assert OutboundEmail.objects.filter(kind="alert-escalated", to=sam.email).count() == 1


def test_a_manager_does_not_escalate_to_themselves(sam):
    kim = factories.staff("kim", "Manager")
    ticket = brought()
    move(ticket, "claim", by=sam)
    move(ticket, "escalate", by=sam, reason="authority", body="Kim joins me.")
    assert ticket.escalations.get().to == kim


def test_a_safety_concern_is_the_managers_and_nothing_goes_out_by_itself(dana, sam):
    ticket = brought()
    move(ticket, "claim", by=dana)
    move(ticket, "set_safety", by=dana, reason="a threat")
    mails = OutboundEmail.objects.filter(to="maria@example.org").count()
    assert ticket.priority == Ticket.Priority.SAFETY
    assert available_moves(ticket, dana) == []
    assert ticket not in Ticket.objects.visible_to(dana)
    move(ticket, "add_message", body="And another.")
    assert OutboundEmail.objects.filter(to="maria@example.org").count() == mails
    move(ticket, "answer_escalation", by=sam, body="We have called somebody.")
    assert OutboundEmail.objects.filter(to="maria@example.org").count() == mails + 1


# --- Not a ticket after all, and back ------------------------------------------


def test_a_duplicate_hands_its_words_over_and_the_customer_is_told(dana, sam):
    first, second = brought(), brought(body="And the lid is loose.")
    message = second.messages.get(type="original")
    Attachment.objects.create(
        message=message, file="a.png", name="a.png", content_type="image/png", size=1, checksum="0"
    )
    move(second, "mark_duplicate", by=dana, of=first, reason="same kettle")
    copy = first.messages.get(body="And the lid is loose.")
    assert copy.attachments.get().name == "a.png"
    assert message.attachments.count() == 1
    assert first.reference in last_mail().text
    assert not second.promises.open().exists()

    event = move(second, "add_message", body="It got worse.")
    assert event.ticket == first

    move(second, "undo_close", by=sam)
    assert second.is_open
    assert second.duplicate_of is None


def test_another_customers_words_stay_apart(dana):
    first, second = brought(), brought(email="tom@example.org", body="My kettle too.")
    with pytest.raises(MoveRefused, match="another customer"):
        move(second, "mark_duplicate", by=dana, of=first, reason="same")
    with pytest.raises(MoveRefused, match="other ticket"):
        move(first, "mark_duplicate", by=dana, of=first, reason="same")


def test_spam_is_silent_and_a_manager_takes_it_back_within_thirty_days(dana, sam, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    ticket = brought()
    mails = OutboundEmail.objects.count()
    with pytest.raises(MoveRefused, match="Say why"):
        move(ticket, "mark_spam", by=dana, reason=" ")
    move(ticket, "mark_spam", by=dana, reason="pills")
    assert OutboundEmail.objects.count() == mails
    with pytest.raises(MoveRefused):
        move(ticket, "undo_close", by=dana)
    time_machine.shift(timedelta(days=29))
    move(ticket, "undo_close", by=sam)
    assert (ticket.stage, ticket.outcome) == (Stage.GREETING, "")
    move(ticket, "mark_spam", by=dana, reason="pills")
    time_machine.shift(timedelta(days=31))
    with pytest.raises(MoveRefused, match="thirty days"):
        move(ticket, "undo_close", by=sam)


def test_withdrawing_releases_every_promise_and_every_escalation(dana, sam):
    ticket = planned(dana)
    move(ticket, "ask_manager")
    move(ticket, "withdraw", reason="I found it.")
    assert ticket.outcome == Outcome.WITHDRAWN
    assert set(ticket.promises.exclude(kind="first-reply").values_list("state", flat=True)) == {
        "kept", "released",
    }  # fmt: skip
    assert ticket.escalations.get().state == Escalation.State.DONE


def test_a_line_within_thirty_days_opens_it_again_for_the_same_owner(dana, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    ticket = answered(dana)
    move(ticket, "confirm")
    time_machine.shift(timedelta(days=30))
    move(ticket, "add_message", body="It leaks again.")
    assert (ticket.stage, ticket.owner, ticket.outcome) == (Stage.UNDERSTANDING, dana, "")
    reopening = ticket.events.get(type="reopen")
    assert (reopening.from_stage, reopening.to_stage) == ("closed", "understanding")
    assert ticket.promises.filter(state="open").exists()


def test_a_reopened_ticket_of_somebody_who_left_is_the_teams(dana):
    ticket = answered(dana)
    move(ticket, "confirm")
    dana.is_active = False
    dana.save()
    move(ticket, "add_message", body="It leaks again.")
    assert ticket.owner is None


def test_long_after_closing_a_line_begins_a_new_ticket_that_follows(dana, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    ticket = answered(dana)
    move(ticket, "confirm")
    time_machine.shift(timedelta(days=31))
    new = move(ticket, "add_message", body="It leaks again.").ticket
    assert new.follows == ticket
    assert new.stage == Stage.GREETING
    assert new.promises.get().kind == "first-reply"
    assert move(ticket, "add_message", body="It leaks again.").ticket == new
    ticket.refresh_from_db()
    assert ticket.stage == Stage.CLOSED


@pytest.mark.parametrize("name", ["reply", "claim", "ask", "send_plan", "escalate", "assign"])
def test_nothing_is_done_to_a_closed_ticket(dana, name):
    ticket = answered(dana)
    move(ticket, "confirm")
    with pytest.raises(MoveRefused, match="Closed"):
        move(ticket, name, by=dana)


def test_changing_the_kind_changes_what_is_asked_of_us(dana):
    ticket = brought()
    move(ticket, "claim", by=dana)
    move(ticket, "change_kind", by=dana, kind="complaint", reason="it is one")
    assert ticket.priority == Ticket.Priority.COMPLAINT
    move(ticket, "set_facts", by=dana, feeling="very-upset", order_number="42")
    assert (ticket.priority, ticket.situation) == (Ticket.Priority.UPSET, "upset")
    with pytest.raises(MoveRefused, match="no such fact"):
        move(ticket, "set_facts", by=dana, owner=None)
