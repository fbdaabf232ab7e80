"""`manage.py audit` sees each thing that must never be, once somebody has broken it by hand."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from feedback.intake import Contact, submit
from feedback.models import OutboundEmail, Promise, Ticket, TicketArticleLink, TicketEvent
from feedback.workflow import move
from kb import invariants
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _ours_alone(monkeypatch):
    """What holds for articles is proven beside them."""
    ours = [i for i in invariants.INVARIANTS if i.violations.__module__ == "feedback.invariants"]
    monkeypatch.setattr(invariants, "INVARIANTS", ours)


def brought(**fields):
    return submit(Contact(**{"email": "maria@example.org", "body": "It leaks."} | fields))


def broken(capsys):
    """The numbers of the invariants the audit finds broken."""
    with suppress(SystemExit):
        call_command("audit")
    lines = capsys.readouterr().out.splitlines()
    return {line.split()[0] for line in lines if " broken " in line}


@pytest.fixture
def ticket(dana):
    """A complaint with a plan, owned by Dana."""
    ticket = brought(kind="complaint")
    move(ticket, "claim", by=dana)
    move(ticket, "state_need", by=dana, body="You need a kettle.", need="A kettle")
    plan = [{"what": "A new kettle", "due_at": timezone.now() + timedelta(days=3)}]
    move(ticket, "send_plan", by=dana, body="We send one.", promises=plan)
    return ticket


def say_it_twice(ticket):
    original = ticket.messages.get(type="original")
    original.pk = None
    original.save(force_insert=True)


def forget_its_owner(ticket):
    Ticket.objects.filter(pk=ticket.pk).update(owner=None)


def forget_its_second_owner(ticket):
    owner = ticket.owner
    move(ticket, "release", by=owner)
    move(ticket, "claim", by=owner)
    forget_its_owner(ticket)


def lose_a_stage_of_its_history(ticket):
    TicketEvent.objects.filter(ticket=ticket, to_stage="agreeing").delete()


def owner_leaves_unnoticed(ticket):
    type(ticket.owner).objects.filter(pk=ticket.owner.pk).update(is_active=False)


def take_the_dates(ticket):
    Promise.objects.filter(ticket=ticket).update(state="kept")


def unsend_the_plan(ticket):
    Promise.objects.filter(ticket=ticket, kind="action").update(kind="update")


def stop_the_clock(ticket):
    Promise.objects.filter(ticket=ticket, state="open").update(
        due_at=timezone.now() - timedelta(days=5)
    )


def settle_it_by_hand(outcome):
    def settle(ticket):
        Promise.objects.filter(ticket=ticket).update(state="kept")
        Ticket.objects.filter(pk=ticket.pk).update(
            stage="closed", outcome=outcome, closed_at=timezone.now()
        )
        Ticket.objects.filter(pk=ticket.pk).update(
            knowledge="not-needed", knowledge_reason="A one-off."
        )
        TicketEvent.objects.create(
            ticket=ticket, type="tampering", from_stage="delivering", to_stage="closed"
        )

    return settle


def close_over_a_promise(ticket):
    settle_it_by_hand("withdrawn")(ticket)
    Promise.objects.filter(ticket=ticket, kind="action").update(state="open")


def answer_without_deciding(ticket):
    Ticket.objects.filter(pk=ticket.pk).update(stage="closing")
    TicketEvent.objects.create(
        ticket=ticket, type="tampering", from_stage="delivering", to_stage="closing"
    )


def link_nothing(ticket):
    answer_without_deciding(ticket)
    Ticket.objects.filter(pk=ticket.pk).update(knowledge="linked")


def need_nothing_for_no_reason(ticket):
    answer_without_deciding(ticket)
    Ticket.objects.filter(pk=ticket.pk).update(knowledge="not-needed")


def acknowledge_twice(ticket):
    mail = OutboundEmail.objects.get(kind="acknowledgement")
    mail.pk = mail.once_key = mail.message = None
    mail.header_id += "again"
    mail.save(force_insert=True)


def write_nothing_up(ticket):
    answer_without_deciding(ticket)
    TicketEvent.objects.filter(ticket=ticket).update(at=timezone.now() - timedelta(days=2))
    Ticket.objects.filter(pk=ticket.pk).update(knowledge="drafted")


def skip_the_history(ticket):
    Ticket.objects.filter(pk=ticket.pk).update(stage="agreeing")


@pytest.mark.parametrize(
    ("tamper", "numbers"),
    [
        (say_it_twice, "I1"),
        (acknowledge_twice, "I1"),
        (lambda ticket: OutboundEmail.objects.all().delete(), "I1 I2"),
        (forget_its_owner, "I3"),
        (forget_its_second_owner, "I3"),
        (owner_leaves_unnoticed, "I3"),
        (take_the_dates, "I5"),
        (unsend_the_plan, "I6"),
        (stop_the_clock, "I8"),
        (settle_it_by_hand("satisfied"), "I9"),
        (settle_it_by_hand("unanswered"), "I9"),
        (settle_it_by_hand("final"), "I9"),
        (settle_it_by_hand("thanked"), "I9"),
        (close_over_a_promise, "I10"),
        (answer_without_deciding, "I12"),
        (link_nothing, "I12"),
        (need_nothing_for_no_reason, "I12"),
        (write_nothing_up, "I12"),
        (skip_the_history, "I13"),
        (lose_a_stage_of_its_history, "I13"),
    ],
)
def test_each_violation_is_found_and_named(ticket, capsys, tamper, numbers):
    assert broken(capsys) == set()
    tamper(ticket)
    assert broken(capsys) == set(numbers.split())
    with pytest.raises(SystemExit) as stop:
        call_command("audit")
    assert stop.value.code == 1


def test_a_sound_house_says_so_and_ends_well(ticket, capsys, dana):
    call_command("audit")
    assert "Everything holds." in capsys.readouterr().out


def test_an_open_escalation_on_a_closed_ticket_is_found(ticket, capsys, sam):
    move(ticket, "ask_manager")
    escalation = ticket.escalations.get()
    move(ticket, "withdraw")
    assert broken(capsys) == set()
    escalation.state = "open"
    escalation.save()
    assert broken(capsys) == {"I10"}


def test_a_link_that_stands_for_the_answer_is_enough(ticket, capsys, dana):
    link_nothing(ticket)
    TicketArticleLink.objects.create(
        ticket=ticket, article=factories.article(by=dana), relation="solved-by"
    )
    assert "I12" not in broken(capsys)
