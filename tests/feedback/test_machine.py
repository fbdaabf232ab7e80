"""Hypothesis plays two CSRs, a manager, a customer, retries and the clock; nothing ever breaks."""

import os
from collections import Counter
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from feedback import clockwork, retention
from feedback.intake import Contact, submit
from feedback.models import (
    Message,
    OutboundEmail,
    Promise,
    Ticket,
    TicketEvent,
    TonePair,
)
from feedback.workflow import MOVES, MoveRefused, StaleTicket, move
from kb.invariants import in_order
from tests import factories

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.get_default_timezone())
# How often chance is asked: little in the suite, much on a machine left alone overnight.
EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "5"))
# What holds for articles is proven beside them.
OURS = [one for one in in_order() if one.violations.__module__ == "feedback.invariants"]
LEGAL = {
    ("", "greeting"),
    ("greeting", "understanding"),
    ("understanding", "agreeing"),
    ("agreeing", "understanding"),
    ("agreeing", "delivering"),
    ("delivering", "agreeing"),
    ("delivering", "closing"),
    ("closing", "agreeing"),
    ("closing", "closed"),
    ("closed", "understanding"),
}
WITHDRAWN = {"withdraw", "mark_spam", "mark_duplicate"}
STAFF_MOVES = [name for name, spec in MOVES.items() if spec.who in ("staff", "owner", "manager")]
CUSTOMER_MOVES = [name for name, spec in MOVES.items() if spec.who == "customer"]


class Desk(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.clock = time_machine.travel(MONDAY, tick=False)
        self.traveller = self.clock.start()
        self.dana = factories.staff("dana", "CSR")
        self.priya = factories.staff("priya", "CSR")
        self.sam = factories.staff("sam", "Manager")
        self.article = factories.article(by=self.sam)
        self.said = Counter()
        self.promised = {}
        self.words = 0
        self.bring(kind="question", upset=False)

    def teardown(self):
        self.clock.stop()
        transaction.savepoint_rollback(self.savepoint)

    # The customer

    @rule(kind=st.sampled_from(Ticket.Kind.values), upset=st.booleans())
    def bring(self, kind, upset):
        if Ticket.objects.count() < 3:
            body = self.new_words() + (" THIS IS TERRIBLE!!!" if upset else "")
            contact = Contact(email="maria@example.org", name="Maria", kind=kind, body=body)
            key = f"key-{self.words}"
            first = submit(contact, key=key)
            assert submit(contact, key=key) == first
            self.said[body] += 1

    @rule(data=st.data(), name=st.sampled_from(CUSTOMER_MOVES))
    def customer_acts(self, data, name):
        details = {}
        if name in ("add_message", "correct_need", "change_plan", "not_yet", "ask_manager"):
            details["body"] = self.new_words()
        if name == "choose_option":
            details["index"] = data.draw(st.integers(-1, 2))
        moved = self.attempt(self.some_ticket(data), name, actor="customer", **details)
        if moved and "body" in details:
            self.said[details["body"]] += 1

    # The staff

    @rule(data=st.data(), name=st.sampled_from(STAFF_MOVES), is_stale=st.booleans())
    def colleague_acts(self, data, name, is_stale):
        ticket = self.some_ticket(data)
        by = data.draw(st.sampled_from([self.dana, self.priya, self.sam]))
        version = ticket.version - is_stale
        details = self.details(data, name, ticket)
        if details is not None:
            moved = self.attempt(ticket, name, by=by, version=version, **details)
            assert not (moved and is_stale)
            # The same press again, from the same page, changes nothing more.
            assert not (moved and self.attempt(ticket, name, by=by, version=version, **details))

    @rule(data=st.data())
    def owner_goes_on(self, data):
        """The next step of the road, so that chance alone does not have to find it."""
        ticket = self.some_ticket(data)
        name = {
            "greeting": "claim",
            "understanding": "state_need",
            "agreeing": "send_plan",
            "delivering": "resolve",
        }.get(ticket.stage)
        if name:
            by = ticket.owner or self.dana
            for promise in ticket.promises.open().filter(kind__in=["action", "decision"]):
                if name == "resolve":
                    self.attempt(ticket, "keep_promise", by=by, promise=promise)
            self.attempt(ticket, name, by=by, **self.details(data, name, ticket))

    @precondition(lambda self: self.dana.is_active)
    @rule(chance=st.integers(0, 6))
    def dana_leaves(self, chance):
        if chance == 0:
            self.dana.is_active = False
            self.dana.save()

    # The clock

    @rule(hours=st.sampled_from([1, 2, 5, 24, 72, 24 * 8, 24 * 40]), misses_a_turn=st.booleans())
    def time_passes(self, hours, misses_a_turn):
        self.traveller.shift(timedelta(hours=hours))
        if misses_a_turn:
            return
        clockwork.run()
        before = TicketEvent.objects.count(), OutboundEmail.objects.count()
        clockwork.run()
        assert before == (TicketEvent.objects.count(), OutboundEmail.objects.count())
        self.check(*(one for one in OURS if one.number == "I8"))

    # What always holds

    @invariant()
    def nothing_is_broken(self):
        for one in OURS:
            if one.number != "I8":
                self.check(one)

    @invariant()
    def history_is_complete_and_legal(self):
        for ticket in Ticket.objects.all():
            stage = ""
            for event in ticket.events.order_by("pk"):
                assert event.from_stage == stage, event.type
                if event.to_stage != stage:
                    step = (stage, event.to_stage)
                    is_way_out = event.to_stage == "closed" and event.type in WITHDRAWN
                    is_way_back = event.type == "undo_close"
                    assert step in LEGAL or is_way_out or is_way_back, (event.type, step)
                stage = event.to_stage

    @invariant()
    def no_word_is_lost(self):
        for body, times in self.said.items():
            assert Message.objects.filter(direction="in", body=body).count() >= times

    @invariant()
    def what_was_promised_stays_as_it_was(self):
        for promise in Promise.objects.all():
            sent = (promise.what, promise.due_at)
            assert self.promised.setdefault(promise.pk, sent) == sent
        assert Promise.objects.count() == len(self.promised)

    @invariant()
    def one_automatic_mail_a_day_for_a_ticket(self):
        automatic = OutboundEmail.objects.filter(once_key__startswith="automatic:")
        days = Counter((m.ticket_id, m.next_attempt_at.date()) for m in automatic)
        assert not days or max(days.values()) == 1

    # Helpers

    def check(self, *invariants):
        for one in invariants:
            assert list(one.violations()) == [], one.sentence

    def new_words(self):
        self.words += 1
        return f"The kettle leaks, part {self.words}"

    def some_ticket(self, data):
        return data.draw(st.sampled_from(list(Ticket.objects.order_by("pk"))))

    def attempt(self, ticket, name, **details):
        """Make the move, or see it refused without a trace."""
        before = Ticket.objects.get(pk=ticket.pk).version, TicketEvent.objects.count()
        try:
            move(ticket, name, **details)
        except (MoveRefused, StaleTicket):
            after = Ticket.objects.get(pk=ticket.pk).version, TicketEvent.objects.count()
            assert after == before
            return False
        return True

    def details(self, data, name, ticket):
        later = timezone.now() + timedelta(hours=data.draw(st.sampled_from([1, 30, 200])))
        plan = {"what": "A new kettle leaves us", "due_at": later}
        open_promise = ticket.promises.open().order_by("pk").last()
        other = Ticket.objects.exclude(pk=ticket.pk).order_by("pk").first()
        knowledge = data.draw(st.sampled_from(["linked", "not-needed"]))
        decided = {
            "knowledge": knowledge,
            "articles": [self.article] if knowledge == "linked" else [],
            "knowledge_reason": "A broken piece",
            "complaint_cause": "inconvenience",
        }
        if name in ("keep_promise", "renew_promise", "release_promise") and not open_promise:
            return None
        if name == "mark_duplicate" and other is None:
            return None
        return {
            "assign": {"to": data.draw(st.sampled_from([self.dana, self.priya]))},
            "ask": {"body": "Which one is it? You hear from me by {due}."},
            "state_need": {"body": "You need a kettle.", "need": "A kettle that holds water"},
            "send_plan": data.draw(
                st.sampled_from(
                    [
                        {"body": "We send one.", "promises": [plan]},
                        {"body": "Choose.", "options": [plan, {**plan, "what": "Money back"}]},
                        {"body": "We answer."},
                    ]
                )
            ),
            "reply": {"body": "We are on it."},
            "keep_promise": {"promise": open_promise},
            "keep_step": {"promise": open_promise, "index": 0},
            "renew_promise": {"promise": open_promise, "due_at": later, "reason": "snow"},
            "release_promise": {"promise": open_promise, "reason": "not needed"},
            "resolve": {"body": "It is done."} | decided,
            "answer_now": {"body": "Tighten the ring."} | decided,
            "final_answer": {"body": "This is it.", "options": "Ask the ombudsman."} | decided,
            "mark_duplicate": {"of": other, "reason": "same kettle"},
            "mark_spam": {"reason": "advertisement"},
            "escalate": {"reason": "authority", "body": "I ask Sam to look with me."},
            "answer_escalation": {"body": "Sam here: we send you a new one."},
            "change_kind": {
                "kind": data.draw(st.sampled_from(Ticket.Kind.values)),
                "reason": "it is one",
            },
            "set_facts": {"facts": "bought in May", "feeling": "upset"},
            "set_safety": {"reason": "a threat"},
        }.get(name, {})


@pytest.mark.django_db
def test_nothing_anybody_does_in_any_order_breaks_an_invariant():
    TonePair.objects.all().delete()  # heard elsewhere; here it only costs time
    run_state_machine_as_test(
        Desk,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=20,
            deadline=None,
            database=None,
            # Each step is a dozen queries: the first failure is worth more than the smallest.
            phases=[Phase.generate],
        ),
    )


@pytest.mark.django_db
def test_forgetting_keeps_every_invariant(dana):
    ticket = submit(Contact(email="maria@example.org", body="The kettle leaks."))
    move(ticket, "answer_now", by=dana, body="Tighten it.", articles=[factories.article(by=dana)])
    move(ticket, "confirm", actor="customer")
    retention.run(timezone.now() + timedelta(days=800))
    assert [v for one in OURS for v in one.violations()] == []
