"""Promises are reminded of, late out loud, and never twice; silence is asked about, then closed."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from feedback import clockwork, mail
from feedback.intake import Contact, submit
from feedback.invariants import nothing_is_silently_late, open_tickets_have_a_date
from feedback.models import Message, OutboundEmail, Promise, Ticket
from feedback.models.promise import PromiseChanged
from feedback.workflow import MoveRefused, move
from tests import factories

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=timezone.get_default_timezone())
NO_ARTICLE = {"knowledge": "not-needed", "knowledge_reason": "a broken piece"}


@pytest.fixture
def clock(time_machine):
    """Monday at ten; `clock(hours=…)` goes on and lets the clockwork run, twice each time."""
    time_machine.move_to(MONDAY, tick=False)

    def go_on(runs=True, **delta):
        time_machine.shift(timedelta(**delta))
        if runs:
            clockwork.run()
            assert clockwork.run() == 0

    return go_on


def brought(**fields):
    fields = {"email": "maria@example.org", "body": "The kettle leaks."} | fields
    return submit(Contact(**fields))


def with_promise(dana, due_at, **fields):
    ticket = brought(kind="complaint", **fields)
    move(ticket, "claim", by=dana)
    move(ticket, "state_need", by=dana, body="You need a kettle.", need="A kettle")
    plan = [{"what": "A new kettle leaves us", "due_at": due_at}]
    move(ticket, "send_plan", by=dana, body="We send one.", promises=plan)
    return ticket


def mails(kind):
    return OutboundEmail.objects.filter(kind=kind).count()


def test_the_owner_is_reminded_once_four_business_hours_before(dana, clock):
    ticket = with_promise(dana, MONDAY + timedelta(hours=5))
    clock(minutes=30)
    assert mails("alert-due-soon") == 0
    clock(minutes=45)
    assert mails("alert-due-soon") == 1
    clock(hours=1)
    assert mails("alert-due-soon") == 1
    assert OutboundEmail.objects.get(kind="alert-due-soon").to == dana.email
    assert ticket.promises.get(kind="action").state == Promise.State.OPEN


def test_a_late_promise_is_late_at_once_and_told_after_an_hour_of_grace(dana, sam, clock):
    ticket = with_promise(dana, MONDAY + timedelta(hours=2))
    promise = ticket.promises.get(kind="action")
    clock(hours=2, minutes=1)
    promise.refresh_from_db()
    assert promise.state == Promise.State.LATE
    assert mails("late-notice") == 0
    clock(hours=1)
    notice = ticket.messages.get(type="late-notice")
    assert "A new kettle leaves us" in notice.body
    assert "It is not done yet, and we are sorry. Dana will write to you by Tuesday" in notice.body
    update = notice.promises.get()
    assert (update.kind, timezone.localtime(update.due_at).hour) == ("update", 9)
    assert mails("late-notice") == 1

    move(ticket, "keep_promise", by=dana, promise=promise, body="It is on its way.")
    assert ticket.promises.get(pk=promise.pk).state == Promise.State.KEPT_LATE
    assert ticket.promises.get(pk=update.pk).state == Promise.State.KEPT


def test_no_notice_when_the_owner_has_written_since_the_time_passed(dana, clock):
    ticket = with_promise(dana, MONDAY + timedelta(hours=2))
    clock(hours=2, minutes=1)
    move(ticket, "reply", by=dana, body="The carrier is late, I stay on it.")
    clock(hours=2)
    assert mails("late-notice") == 0
    assert ticket.promises.filter(state="open", due_at__gt=timezone.now()).exists()


def test_a_night_off_brings_one_mail_and_not_a_storm(dana, clock):
    ticket = with_promise(dana, MONDAY + timedelta(hours=1))
    for hour in (2, 3, 4):
        what = {"what": f"Part {hour}", "due_at": MONDAY + timedelta(hours=hour)}
        move(ticket, "reply", by=dana, body="And this.", promises=[what])
    clock(days=9)
    assert ticket.messages.filter(type="late-notice").count() == 1
    assert ticket.promises.late().count() == 4
    assert not ticket.promises.late().filter(notice_sent_at=None).exists()
    assert mails("late-notice") == 1


def test_one_automatic_mail_a_working_day_the_next_waits_for_tomorrow(dana, clock):
    ticket = with_promise(dana, MONDAY + timedelta(hours=1))
    soon = {"what": "A second thing", "due_at": MONDAY + timedelta(hours=3)}
    move(ticket, "reply", by=dana, body="And this.", promises=[soon])
    clock(hours=2, minutes=30)
    clock(hours=2)
    first, second = OutboundEmail.objects.filter(kind="late-notice").order_by("pk")
    assert first.next_attempt_at.date() == MONDAY.date()
    assert timezone.localtime(second.next_attempt_at).isoformat()[:16] == "2026-11-24T09:00"
    assert ticket.messages.filter(type="late-notice").count() == 2


def test_an_unanswered_request_never_runs_out_of_dates(clock):
    ticket = brought()
    for _day in range(10):
        clock(days=1)
        assert not list(open_tickets_have_a_date())
        assert not list(nothing_is_silently_late())
    assert ticket.messages.filter(type="late-notice").count() == 5
    days = [m.next_attempt_at.date() for m in OutboundEmail.objects.filter(kind="late-notice")]
    assert len(days) == len(set(days))


def test_who_waits_past_the_first_date_is_seen_as_waiting_and_comes_sooner(clock):
    ticket = brought()
    clock(hours=5)
    ticket.refresh_from_db()
    assert ticket.situation == Ticket.Situation.WAITING
    assert ticket.priority > Ticket.Priority.NORMAL


def test_what_was_sent_cannot_be_changed_or_made_good_by_hand(dana, clock):
    ticket = with_promise(dana, MONDAY + timedelta(hours=2))
    promise = ticket.promises.get(kind="action")
    promise.due_at += timedelta(days=1)
    with pytest.raises(PromiseChanged):
        promise.save()
    promise.refresh_from_db()
    promise.what = "Nothing"
    with pytest.raises(PromiseChanged):
        promise.save(update_fields=["what"])


def test_renewing_before_the_time_tells_the_customer_both_times_and_why(dana, clock):
    ticket = with_promise(dana, MONDAY + timedelta(hours=2))
    promise = ticket.promises.get(kind="action")
    later = MONDAY + timedelta(days=2)
    for details in ({"reason": ""}, {"due_at": MONDAY}):
        told = {"due_at": later, "reason": "snow"} | details
        with pytest.raises(MoveRefused):
            move(ticket, "renew_promise", by=dana, promise=promise, **told)
    move(ticket, "renew_promise", by=dana, promise=promise, due_at=later, reason="of snow")
    heir = ticket.promises.get(renews=promise)
    promise.refresh_from_db()
    assert (promise.state, heir.state, heir.what) == ("renewed", "open", promise.what)
    assert "because of snow" in ticket.messages.last().body
    clock(hours=4)
    assert mails("late-notice") == 0
    with pytest.raises(MoveRefused, match="settled"):
        move(ticket, "keep_promise", by=dana, promise=promise)


def test_a_late_promise_is_not_talked_away(dana, clock):
    ticket = with_promise(dana, MONDAY + timedelta(hours=2))
    promise = ticket.promises.get(kind="action")
    clock(hours=3)
    with pytest.raises(MoveRefused, match="Its time has passed"):
        move(ticket, "release_promise", by=dana, promise=promise, reason="forgot")
    move(
        ticket,
        "renew_promise",
        by=dana,
        promise=promise,
        due_at=MONDAY + timedelta(days=2),
        reason="of snow",
    )
    assert ticket.events.get(type="renew_promise").data["was_late"] is True


def test_steps_show_how_far_a_long_promise_is(dana, clock):
    ticket = brought()
    move(ticket, "claim", by=dana)
    steps = [{"what": "order the part"}, {"what": "fit it"}]
    plan = {"what": "Repair", "due_at": MONDAY + timedelta(days=2), "steps": steps}
    move(ticket, "reply", by=dana, body="Two steps.", promises=[plan])
    promise = ticket.promises.get(kind="action")
    move(ticket, "keep_step", by=dana, promise=promise, index=0)
    promise.refresh_from_db()
    assert [bool(step.get("done_at")) for step in promise.steps] == [True, False]
    with pytest.raises(MoveRefused, match="no such step"):
        move(ticket, "keep_step", by=dana, promise=promise, index=2)


def test_after_our_answer_one_reminder_and_a_week_after_the_question_the_end(dana, clock):
    ticket = brought()
    move(ticket, "answer_now", by=dana, body="Tighten it.", **NO_ARTICLE)
    clock(days=2, hours=23)
    assert mails("reminder") == 0
    clock(hours=1)
    assert mails("reminder") == 1
    clock(days=3, hours=23)
    ticket.refresh_from_db()
    assert ticket.stage == Ticket.Stage.CLOSING
    clock(hours=1)
    ticket.refresh_from_db()
    assert (ticket.stage, ticket.outcome) == ("closed", "unanswered")
    assert mails("reminder") == 1


def test_a_clock_that_slept_for_a_month_reminds_before_it_closes(dana, clock):
    ticket = brought()
    move(ticket, "answer_now", by=dana, body="Tighten it.", **NO_ARTICLE)
    clock(days=30)
    ticket.refresh_from_db()
    assert ticket.stage == Ticket.Stage.CLOSING
    assert mails("reminder") == 1


def test_a_word_from_the_customer_stops_the_closing(dana, clock):
    ticket = brought()
    move(ticket, "answer_now", by=dana, body="Tighten it.", **NO_ARTICLE)
    clock(days=4)
    move(ticket, "add_message", body="Which ring?")
    clock(days=3)
    move(ticket, "reply", by=dana, body="The lower one.")
    assert ticket.waiting_on == "customer"
    clock(days=4)
    ticket.refresh_from_db()
    assert ticket.is_open
    assert ticket.reminded_at is not None


def test_a_clock_that_slept_reminds_first_and_leaves_time_to_read_it(dana, clock):
    ticket = brought()
    move(ticket, "answer_now", by=dana, body="Tighten it.", **NO_ARTICLE)
    clock(days=20)
    clock(hours=1)
    ticket.refresh_from_db()
    assert ticket.is_open
    clock(days=4)
    ticket.refresh_from_db()
    assert ticket.outcome == Ticket.Outcome.UNANSWERED


def test_an_unanswered_question_goes_back_to_its_owner_with_a_date(dana, clock):
    ticket = brought()
    move(ticket, "ask", by=dana, body="Which one?")
    clock(days=4)
    clock(days=7)
    ticket.refresh_from_db()
    assert (ticket.stage, ticket.waiting_on) == ("understanding", "us")
    assert "Dana is looking at what we can do" in ticket.messages.last().body
    assert ticket.promises.filter(state="open", kind="update").exists()


def test_a_plan_nobody_answers_is_taken_as_agreed_after_a_working_day(dana, clock):
    ticket = with_promise(dana, MONDAY + timedelta(days=3))
    clock(hours=23)
    ticket.refresh_from_db()
    assert ticket.agreement == "proposed"
    clock(hours=1, minutes=1)
    ticket.refresh_from_db()
    assert ticket.agreement == "assumed"
    assert ticket.events.get(type="assume_agreement").actor_kind == "clock"


def test_an_escalation_past_its_target_is_every_managers(dana, sam, clock):
    kim = factories.staff("kim", "Manager")
    ticket = brought()
    move(ticket, "claim", by=dana)
    move(ticket, "ask_manager")
    clock(hours=1)
    assert mails("alert-escalation-late") == 0
    clock(hours=2)
    told = OutboundEmail.objects.filter(kind="alert-escalation-late").values_list("to", flat=True)
    assert set(told) == {sam.email, kim.email}


def test_when_the_manager_leaves_another_takes_it_up_and_the_customer_hears(dana, sam, clock):
    ticket = brought()
    move(ticket, "claim", by=dana)
    move(ticket, "ask_manager")
    sam.is_active = False
    sam.save()
    clock(minutes=1)
    assert ticket.escalations.get().to == sam  # nobody else is there yet
    kim = factories.staff("kim", "Manager")
    clock(minutes=1)
    assert ticket.escalations.get().to == kim
    assert "Kim" in ticket.messages.last().body


def test_a_colleague_switched_off_in_the_database_loses_their_tickets_at_the_next_turn(dana, clock):
    ticket = brought()
    move(ticket, "claim", by=dana)
    type(dana).objects.filter(pk=dana.pk).update(is_active=False)
    clock(minutes=1)
    ticket.refresh_from_db()
    assert ticket.owner is None


def test_a_kill_in_the_middle_leaves_the_rest_for_the_next_turn(dana, clock, monkeypatch):
    tickets = [
        with_promise(dana, MONDAY + timedelta(hours=1), body=f"Kettle {n}", email=f"c{n}@x.org")
        for n in range(3)
    ]
    clock(hours=4, runs=False)
    queue, calls = mail.queue_message, []

    def killed_at_the_second(ticket, message, **rest):
        calls.append(ticket)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return queue(ticket, message, **rest)

    monkeypatch.setattr(mail, "queue_message", killed_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        clockwork.run()
    monkeypatch.undo()
    clockwork.run()
    for ticket in tickets:
        assert ticket.messages.filter(type="late-notice").count() == 1
        assert ticket.emails.filter(kind="late-notice").count() == 1


def test_one_broken_ticket_does_not_stop_the_clock(dana, clock, monkeypatch, caplog):
    broken, sound = (
        with_promise(dana, MONDAY + timedelta(hours=1), body=f"Kettle {n}", email=f"c{n}@x.org")
        for n in range(2)
    )
    clock(hours=4, runs=False)
    queue = mail.queue_message

    def break_one(ticket, message, **rest):
        if ticket == broken:
            raise RuntimeError("broken")
        return queue(ticket, message, **rest)

    monkeypatch.setattr(mail, "queue_message", break_one)
    clockwork.run()
    assert sound.messages.filter(type="late-notice").exists()
    assert not Message.objects.filter(ticket=broken, type="late-notice").exists()
    assert "could not late_notice" in caplog.text


def test_no_automatic_word_about_a_safety_concern(dana, sam, clock):
    ticket = with_promise(dana, MONDAY + timedelta(hours=1))
    move(ticket, "set_safety", by=dana, reason="a threat")
    before = OutboundEmail.objects.filter(to="maria@example.org").count()
    clock(days=20)
    assert OutboundEmail.objects.filter(to="maria@example.org").count() == before
