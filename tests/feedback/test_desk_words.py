"""Calm words on the desk: a second look before sending, and the words kept ready."""

import json

import pytest
from django.contrib import admin
from django.urls import reverse

from feedback.models import CannedReply, OutboundEmail, Ticket
from feedback.workflow import move
from tests import factories

ANGRY = "Hello Maria, I can’t refund this. It's our policy."


@pytest.fixture
def ticket(customer, dana):
    made = factories.ticket(customer=customer)
    move(made, "claim", by=dana)
    return made


@pytest.fixture
def press(ticket, dana, signed_in):
    """Press one of the composer's buttons on Maria's ticket."""

    def send(act="send", body=ANGRY, **fields):
        version = Ticket.objects.get(pk=ticket.pk).version
        return signed_in(dana).post(
            reverse("admin:feedback_ticket_change", args=[ticket.pk]),
            {"act": act, "mode": "reply", "body": body, "version": version} | fields,
            follow=True,
        )

    return send


def test_angry_words_are_shown_once_more_with_calm_ones(press, ticket):
    page = press().content.decode()
    assert "<mark" in page
    assert "I can’t" in page
    assert "Use calm words" in page
    assert not ticket.messages.filter(type="reply").exists()


def test_calm_words_come_back_to_be_read_over(press, ticket):
    body = press("calm").context["composer"]["body"].value()
    assert "can’t" not in body
    assert "policy" not in body
    assert not ticket.messages.filter(type="reply").exists()


def test_edit_brings_the_words_back_as_they_were(press):
    assert press("edit").context["composer"]["body"].value() == ANGRY


def test_sent_as_written_goes_and_the_ticket_remembers(press, ticket):
    press("as-written")
    message = ticket.messages.get(type="reply")
    assert message.body == ANGRY
    assert "policy" in json.dumps(message.tone_report)


def test_mere_advice_and_quoted_words_do_not_stop_a_message(press, ticket):
    press(body="> I can't believe this!\n\nI can't wait to help you, Maria.")
    assert ticket.messages.filter(type="reply").exists()


def test_the_page_hears_where_javascript_counts(ticket, dana, signed_in):
    answer = signed_in(dana).post(
        reverse("admin:feedback_ticket_tone"), {"text": "😀 I can't do that."}
    )
    (hit,) = answer.json()["hits"]
    assert (hit["start"], hit["end"], hit["words"]) == (3, 10, "I can't")
    assert hit["calm"]


def test_a_tone_pair_can_be_tried_where_it_is_edited(sam, signed_in):
    page = signed_in(sam).get("/admin/feedback/tonepair/", {"try": "That is company policy."})
    assert "<mark" in page.content.decode()
    assert page.context["cl"].result_count > 5


def test_a_new_pair_is_heard_at_once(sam, signed_in, press):
    signed_in(sam).post(
        "/admin/feedback/tonepair/add/",
        {
            "group": 9, "triggers": "calm down", "exceptions": "", "calm": "I hear you",
            "why": "It tells people how to feel.", "level": "confirm", "is_active": "on",
        },
    )  # fmt: skip
    assert "I hear you" in press(body="Calm down, Maria.").content.decode()


def test_a_canned_reply_is_shown_filled_and_heard_when_saved(ticket, sam, signed_in):
    reply = CannedReply.objects.create(title="t", body="Hello {customer_name}, {our_gift}.")
    address = reverse("admin:feedback_cannedreply_change", args=[reply.pk])
    page = signed_in(sam).get(address).content.decode()
    assert "Hello Maria," in page
    assert "our_gift" in page
    fields = {"title": "t", "body": "All we can do is wait.", "is_active": "on"}
    page = signed_in(sam).post(address, fields, follow=True).content.decode()
    assert "try “the best option I think is”" in page


def test_every_page_of_the_admin_opens(sam, signed_in, ticket):
    """The lists and the forms of everything feedback keeps."""
    client = signed_in(sam)
    for model in admin.site._registry:
        if model._meta.app_label != "feedback":
            continue
        name = f"admin:feedback_{model._meta.model_name}"
        listed = client.get(reverse(f"{name}_changelist"), follow=True)
        assert listed.status_code in (200, 403), model
        row = model.objects.first()
        if row and listed.status_code == 200:
            assert client.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200, model


def test_mail_that_was_given_up_is_sent_again(dana, signed_in, ticket):
    mail = OutboundEmail.objects.create(
        ticket=ticket, kind="reply", to="maria@example.org", subject="s", text="t",
        header_id="<1@x>", state="failed", attempts=9,
    )  # fmt: skip
    signed_in(dana).post(
        "/admin/feedback/outboundemail/", {"action": "send_again", "_selected_action": [mail.pk]}
    )
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == ("queued", 0)


def test_what_happened_is_only_read(sam, signed_in, ticket):
    event = ticket.events.first()
    address = reverse("admin:feedback_ticketevent_change", args=[event.pk])
    assert signed_in(sam).get(address).status_code == 200
    assert signed_in(sam).post(address, {"type": "invented"}).status_code == 403
    delete = reverse("admin:feedback_ticketevent_delete", args=[event.pk])
    assert signed_in(sam).post(delete, {"post": "yes"}).status_code == 403
