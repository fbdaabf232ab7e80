"""One trouble of many customers: noticed, followed, and answered once for all."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from feedback import clockwork, known_issues
from feedback.intake import Contact, submit
from feedback.models import KnownIssue, KnownIssueFollower, OutboundEmail, Ticket
from feedback.spikes import spikes
from tests import factories

NOW = timezone.now()


def told(subject, hours_ago=2, **fields):
    return factories.ticket(
        subject=subject,
        original_words="Please help.",
        received_at=NOW - timedelta(hours=hours_ago),
        **fields,
    )


@pytest.mark.django_db
def test_several_tickets_about_the_same_words_are_a_spike():
    for subject in (
        "Voucher code rejected",
        "my voucher codes do nothing",
        "The code of my voucher: voucher code invalid",
        "Why is the voucher code refused?",
    ):
        told(subject)
    told("Delivery to an island")
    (spike,) = spikes(NOW)
    assert (spike.words, spike.count) == ("voucher code", 4)


@pytest.mark.django_db
def test_what_is_asked_every_day_is_no_spike():
    for day in range(1, 29):
        for _n in range(2):
            told("Where is my parcel label?", hours_ago=36 + 24 * day - 12)
    for _n in range(4):
        told("Where is my parcel label?")
    assert spikes(NOW) == []


def test_tickets_that_belong_to_a_known_issue_are_not_hinted_at_again(sam):
    tickets = [told("Voucher code rejected") for _n in range(4)]
    known_issues.begin("Voucher codes", tickets, by=sam)
    assert spikes(NOW) == []


@pytest.fixture
def issue(db):
    return KnownIssue.objects.create(
        title="Voucher codes are refused",
        text="We are on it.",
        state="active",
        next_update_at=NOW + timedelta(hours=2),
    )


def ask(name, issue, **fields):
    ticket = submit(
        Contact(body=f"My voucher is refused, says {name}.", email=f"{name}@example.org", **fields)
    )
    Ticket.objects.filter(pk=ticket.pk).update(known_issue=issue)
    return ticket


def test_one_reply_reaches_every_ticket_and_every_follower_once(issue, sam, dana):
    tickets = [ask(f"guest{n}", issue) for n in range(3)]
    complaint = ask("grumble", issue, kind="complaint")
    follower = factories.customer()
    KnownIssueFollower.objects.create(known_issue=issue, customer=follower)
    # Who has a ticket hears it there, and not a second time as a follower.
    KnownIssueFollower.objects.create(known_issue=issue, customer=tickets[0].customer)

    done = known_issues.resolve(issue, "Voucher codes work again.", by=sam)
    assert [ticket.pk for ticket in done.answered] == [t.pk for t in (*tickets, complaint)]
    assert (done.followers, done.left) == (1, [])
    assert known_issues.tell_all(issue, "Voucher codes work again.", by=sam).answered == []

    mails = OutboundEmail.objects.filter(text__contains="Voucher codes work again.")
    assert sorted(mails.values_list("to", flat=True)) == sorted(
        [*(t.customer.email for t in (*tickets, complaint)), follower.email]
    )
    for ticket in tickets:
        ticket.refresh_from_db()
        assert ticket.stage == Ticket.Stage.CLOSING


def test_a_follower_whose_own_request_is_closed_already_hears_by_mail(issue, sam):
    ticket = ask("early", issue)
    Ticket.objects.filter(pk=ticket.pk).update(stage="closed", outcome="withdrawn")
    KnownIssueFollower.objects.create(known_issue=issue, customer=ticket.customer)
    for _press in range(2):
        known_issues.resolve(issue, "Voucher codes work again.", by=sam)
    assert OutboundEmail.objects.filter(kind="known-issue").get().to == ticket.customer.email


def test_setting_the_state_to_resolved_tells_every_follower_once(issue, client, sam):
    follower = factories.customer()
    KnownIssueFollower.objects.create(known_issue=issue, customer=follower)
    page = reverse("admin:feedback_knownissue_change", args=[issue.pk])
    client.force_login(sam)
    assert client.get(page).context["followers_waiting"] == 1
    fields = {"title": issue.title, "text": issue.text}
    fields |= {"next_update_at": "2030-01-02T10:00", "started_at": "2026-01-02T10:00"}
    fields |= {"followers-TOTAL_FORMS": "0", "followers-INITIAL_FORMS": "0"}
    for state in ("resolved", "active", "resolved"):
        answer = client.post(page, {**fields, "state": state})
        assert answer.status_code == 302, answer.context["errors"]
    mails = OutboundEmail.objects.filter(kind="known-issue")
    assert [mail.to for mail in mails] == [follower.email]
    issue.refresh_from_db()
    assert issue.resolved_at
    assert issue.next_update_at is None


def test_a_resolved_issue_is_no_banner_any_more(issue, sam):
    known_issues.resolve(issue, "Mended.", by=sam)
    assert not KnownIssue.objects.shown().exists()


def test_a_ticket_with_a_promise_of_its_own_is_written_to_and_stays_open(issue, sam):
    from feedback.workflow import move

    ticket = ask("guest", issue)
    move(ticket, "claim", by=sam)
    move(ticket, "state_need", by=sam, body="A new voucher.", need="A new voucher.")
    due = timezone.now() + timedelta(days=2)
    plan = [{"what": "send a new voucher", "due_at": due}]
    move(ticket, "send_plan", by=sam, body="We send a new one.", promises=plan)
    done = known_issues.resolve(issue, "Codes work again.", by=sam)
    assert [one.pk for one in done.written] == [ticket.pk]
    assert known_issues.tell_all(issue, "Codes work again.", by=sam).written == []
    ticket.refresh_from_db()
    assert ticket.stage == Ticket.Stage.DELIVERING


def test_when_the_promised_news_do_not_come_every_manager_hears_once(issue, sam):
    later = NOW + timedelta(hours=3)
    for _n in range(2):
        clockwork.run(later)
    alerts = OutboundEmail.objects.filter(kind="alert-known-issue")
    assert [alert.to for alert in alerts] == [sam.email]
