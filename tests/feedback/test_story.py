"""The whole story of a ticket, told move by move."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from feedback import clockwork, mail
from feedback.intake import Contact, submit
from feedback.models import OutboundEmail, Promise, Ticket
from feedback.workflow import MoveRefused, StaleTicket, available_moves, move, note
from tests import factories

pytestmark = pytest.mark.django_db
Stage = Ticket.Stage


def brought(**fields):
    fields = {"email": "maria@example.org", "name": "Maria Lindqvist"} | fields
    fields.setdefault("body", "The kettle I bought last week leaks at the bottom.")
    return submit(Contact(**fields))


def stages(ticket):
    """Each stage the ticket entered, in order."""
    events = ticket.events.order_by("pk")
    return [e.to_stage for e in events if e.to_stage != e.from_stage]


def test_a_complaint_walks_through_every_stage_and_the_customer_closes_it(dana):
    ticket = brought(kind="complaint")
    move(ticket, "claim", by=dana)
    move(ticket, "state_need", by=dana, body="You need a kettle that holds water.", need="A kettle")
    tomorrow = timezone.now() + timedelta(days=1)
    plan = [{"what": "A new kettle leaves our warehouse", "due_at": tomorrow}]
    move(ticket, "send_plan", by=dana, body="A new one is on its way.", promises=plan)
    with pytest.raises(MoveRefused, match="Still promised"):
        move(ticket, "resolve", by=dana, body="Done.", knowledge="not-needed")
    move(ticket, "keep_promise", by=dana, promise=ticket.promises.get(kind="action"))
    move(
        ticket,
        "resolve",
        by=dana,
        body="It is with you.",
        knowledge="not-needed",
        knowledge_reason="A broken piece",
        complaint_cause="inconvenience",
    )
    move(ticket, "confirm", actor="customer")

    assert ticket.outcome == Ticket.Outcome.SATISFIED
    assert stages(ticket) == [
        "greeting", "understanding", "agreeing", "delivering", "closing", "closed",
    ]  # fmt: skip
    assert not ticket.promises.open().exists()
    assert mail.send_due() == OutboundEmail.objects.count()


def test_a_question_is_answered_in_one_message_and_no_stage_is_skipped(dana):
    ticket = brought()
    move(ticket, "answer_now", by=dana, body="Tighten the ring.", articles=[factories.article()])

    assert stages(ticket) == ["greeting", "understanding", "agreeing", "delivering", "closing"]
    assert ticket.owner == dana
    assert ticket.promises.get(kind="first-reply").state == Promise.State.KEPT


def test_two_people_press_claim_and_one_of_them_is_told_who_was_quicker(dana, priya):
    ticket = brought()
    same = Ticket.objects.get(pk=ticket.pk)
    move(ticket, "claim", by=dana, version=same.version)
    with pytest.raises(StaleTicket) as stale:
        move(same, "claim", by=priya, version=same.version)
    assert stale.value.ticket.owner == dana
    with pytest.raises(MoveRefused, match="Dana has just taken this one"):
        move(same, "claim", by=priya)


def test_not_yet_brings_in_the_manager_at_once(dana, sam):
    ticket = brought()
    move(ticket, "answer_now", by=dana, body="Tighten the ring.", articles=[factories.article()])
    move(ticket, "not_yet", body="It still leaks.")

    assert ticket.stage == Stage.AGREEING
    assert ticket.escalations.get().to == sam
    assert "Sam" in ticket.promises.get(kind="manager").what


def test_the_clock_reminds_once_and_closes_a_week_later(dana, time_machine):
    time_machine.move_to(datetime(2026, 11, 23, 10, tzinfo=timezone.get_current_timezone()))
    ticket = brought()
    move(ticket, "answer_now", by=dana, body="Tighten the ring.", articles=[factories.article()])
    for day in range(1, 15):
        time_machine.shift(timedelta(days=1))
        clockwork.run()
        clockwork.run()
        ticket.refresh_from_db()
        if day == 2:
            assert not ticket.reminded_at
        if day == 3:
            assert ticket.reminded_at
    assert ticket.outcome == Ticket.Outcome.UNANSWERED
    assert ticket.messages.filter(type="reminder").count() == 1


def test_what_may_be_done_now_depends_on_who_asks(dana, sam):
    ticket = brought()
    assert "claim" in available_moves(ticket, dana)
    assert "final_answer" not in available_moves(ticket, dana)
    assert "final_answer" in available_moves(ticket, sam)
    customers = {"add_message", "ask_manager", "told_already", "withdraw"}
    assert set(available_moves(ticket)) == customers
    note(ticket, dana, "Called the warehouse.")
    assert ticket.events.filter(type="note").exists()
