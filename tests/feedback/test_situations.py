"""Which difficult situation a request is in, and how soon it wants attention."""

from datetime import timedelta

import pytest
from django.utils import timezone

from feedback import retention, situations
from feedback.intake import Contact, submit
from feedback.models import OutboundEmail, Ticket
from feedback.workflow import move

Situation, Priority = Ticket.Situation, Ticket.Priority


@pytest.mark.parametrize(
    "words",
    [
        "WHERE IS MY PARCEL PLEASE",
        "This is unacceptable.",
        "Nothing works!!",
        "Really! Again! Today!",
        "I am fed up with waiting",
    ],
)
def test_upset_words_are_heard(words):
    assert situations.sounds_upset(words)


@pytest.mark.parametrize(
    "words",
    [
        "Where is my parcel?",
        "My TV does not turn ON",
        "Thank you!",
        "IKEA USB HDMI",
        "What is the angle of the spout?",
        "",
    ],
)
def test_calm_words_are_left_alone(words):
    assert not situations.sounds_upset(words)


@pytest.mark.parametrize(
    ("kind", "situation", "is_safety", "priority"),
    [
        ("compliment", "", False, Priority.COMPLIMENT),
        ("question", "", False, Priority.NORMAL),
        ("request", "", False, Priority.NORMAL),
        ("complaint", "", False, Priority.COMPLAINT),
        ("question", "waiting", False, Priority.COMPLAINT),
        ("complaint", "upset", False, Priority.UPSET),
        ("complaint", "waiting", False, Priority.UPSET),
        ("compliment", "", True, Priority.SAFETY),
    ],
)
def test_safety_comes_before_upset_before_complaints_before_questions(
    kind, situation, is_safety, priority
):
    ticket = Ticket(kind=kind, situation=situation, is_safety_concern=is_safety)
    assert situations.priority(ticket) == priority


@pytest.mark.django_db
def test_whoever_writes_again_before_our_first_word_is_waiting(dana):
    ticket = submit(Contact(email="maria@example.org", body="Where is it?"))
    move(ticket, "add_message", body="Hello, are you there?")
    assert ticket.situation == Situation.WAITING
    assert ticket.priority == Priority.COMPLAINT

    other = submit(Contact(email="tom@example.org", body="Where is it?"))
    move(other, "reply", by=dana, body="On its way.")
    move(other, "add_message", body="Lovely.")
    assert other.situation == ""


@pytest.mark.django_db
def test_a_mistake_once_marked_stays_marked(dana):
    ticket = submit(Contact(email="maria@example.org", body="Where is it?"))
    move(ticket, "mark_mistake", by=dana)
    move(ticket, "add_message", body="STILL NOTHING HERE AT ALL!!!")
    assert ticket.situation == Situation.MISTAKE


@pytest.mark.django_db
def test_mails_of_no_request_are_forgotten_with_the_words():
    mail = OutboundEmail.objects.create(to="a@example.org", header_id="<a@b>", kind="news")
    retention.run(timezone.now() + timedelta(days=700))
    assert OutboundEmail.objects.filter(pk=mail.pk).exists()
    retention.run(timezone.now() + timedelta(days=731))
    assert not OutboundEmail.objects.exists()
