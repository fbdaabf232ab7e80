"""What the house itself says is calm, and no gap ever leaves it."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from feedback import clockwork, placeholders, tone
from feedback.intake import Contact, submit
from feedback.models import CannedReply, Message, OutboundEmail, Ticket
from feedback.workflow import move
from tests import factories

pytestmark = pytest.mark.django_db
TEMPLATES = sorted(Path(settings.BASE_DIR, "templates", "mail").glob("*.*"))
NOT_OURS = re.compile(r"\b(policy|unfortunately|cannot|please note)\b", re.IGNORECASE)


def wording_of(path):
    """The words of a template, without its tags and markup."""
    return re.sub(r"<[^>]*>|{%[^%]*%}|{{[^}]*}}", " ", path.read_text()) + " ".join(
        re.findall(r'translate "([^"]*)"', path.read_text())
    )


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_mail_template_is_calm(path):
    words = wording_of(path)
    assert tone.check(words) == []
    assert not NOT_OURS.search(words)


def test_every_canned_reply_is_calm():
    assert CannedReply.objects.count() > 10
    for reply in CannedReply.objects.all():
        assert tone.check(reply.body) == [], reply.title


def test_everything_the_system_says_in_a_tickets_life_is_calm(dana, sam, time_machine):
    """Walk down every road on which the system itself speaks, and listen."""
    time_machine.move_to(timezone.now(), tick=False)
    for kind in Ticket.Kind.values:
        live_through(kind, dana, sam, time_machine)
    said = Message.objects.filter(author_kind="system")
    assert set(said.values_list("type", flat=True)) >= {
        "acknowledgement", "claim-note", "verification", "reminder", "late-notice",
        "escalation", "thank-you", "news",
    }  # fmt: skip
    for message in said:
        assert tone.check(message.body) == [], message.body
        assert not NOT_OURS.search(message.body)
    for letter in OutboundEmail.objects.all():
        assert not NOT_OURS.search(letter.subject + letter.text), letter.text
        assert not placeholders.unresolved(letter.text)


def live_through(kind, dana, sam, clock):
    answer = {
        "body": "Here you are.",
        "knowledge": "not-needed",
        "knowledge_reason": "-",
        "complaint_cause": "money",
    }

    def brought(words):
        return submit(Contact(email=f"{words}@x.org", body=f"{words} {kind}", kind=kind))

    late, withdrawn, silent, asked = map(brought, ("late", "withdrawn", "silent", "asked"))
    move(late, "claim", by=dana)
    move(withdrawn, "withdraw")
    move(withdrawn, "add_message", body="After all")
    move(silent, "answer_now", by=dana, **answer)
    move(asked, "ask", by=dana, body="Which one?")
    due_at = timezone.now() + timedelta(days=1)
    move(late, "reply", by=dana, body="Soon.", promises=[{"what": "It", "due_at": due_at}])
    promise = late.promises.get(kind="action")
    move(
        late,
        "renew_promise",
        by=dana,
        promise=promise,
        due_at=due_at + timedelta(hours=1),
        reason="of snow",
    )
    move(late, "ask_manager")
    for days in (2, 4, 8):  # late; reminded, whatever the weekday; closed
        clock.shift(timedelta(days=days))
        clockwork.run()
    if silent.kind != "compliment":
        move(silent, "add_message", body="Not settled after all")
        move(silent, "answer_now", by=dana, **answer)
        move(silent, "not_yet")
        move(silent, "final_answer", by=sam, options="The ombudsman helps.", **answer)


def test_known_gaps_are_filled_and_the_others_named(dana, sam):
    ticket = submit(Contact(email="maria@example.org", name="Maria Lindqvist", body="It leaks."))
    text, gaps = placeholders.fill(
        "Hello {customer_name}, I am {owner_name}: {reference}, {answer}. {order_number} {due}",
        ticket,
        by=dana,
    )
    assert text.startswith(f"Hello Maria, I am Dana: {ticket.reference}, ")
    assert gaps == ["answer", "order_number", "due"]
    assert placeholders.fill("{manager_name} {link}", ticket)[1] == []


def test_the_article_linked_last_is_the_one_inserted(dana):
    ticket = submit(Contact(email="maria@example.org", body="It leaks."))
    article = factories.article(by=dana)
    move(ticket, "answer_now", by=dana, body="See there.", articles=[article])
    text, gaps = placeholders.fill("{article_link}", ticket)
    assert gaps == []
    assert text.endswith(article.get_absolute_url())


def test_every_canned_reply_leaves_only_gaps_a_person_must_fill():
    known = {
        "customer_name", "owner_name", "reference", "link", "due", "order_number",
        "manager_name", "article_link", "need", "what_you_need", "subject",
    }  # fmt: skip
    left = {
        gap
        for reply in CannedReply.objects.all()
        for gap in placeholders.unresolved(reply.body)
        if gap not in known
    }
    assert not any("name" in gap or "link" in gap for gap in left)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_mail_comes_as_text_and_as_html(path):
    if not path.name.startswith("_"):
        other = {".txt": ".html", ".html": ".txt"}[path.suffix]
        assert path.with_suffix(other).exists()
