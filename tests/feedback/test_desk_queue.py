"""The queue and the desk's home: what waits, and whose it is."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from feedback import lists
from feedback.models import Escalation, OutboundEmail, Promise, Ticket
from feedback.workflow import move
from kb import publishing
from tests import factories

QUEUE = "/admin/feedback/ticket/"


@pytest.fixture
def busy(dana, priya, sam):
    """A morning with a ticket for each list, and some that belong to none."""
    now = timezone.now()
    hour = timedelta(hours=1)
    factories.ticket(subject="nobody has it")
    factories.ticket(subject="dana's", owner=dana, stage="understanding")
    factories.ticket(
        subject="with the manager", owner=dana, stage="agreeing", waiting_on="manager"
    ).escalations.create(reason="authority", to=sam, due_at=now)
    waiting = factories.ticket(subject="her turn", owner=priya, stage="closing")
    Ticket.objects.filter(pk=waiting.pk).update(waiting_on="customer")
    late = factories.ticket(subject="late", owner=priya, stage="delivering")
    Promise.objects.create(ticket=late, what="send it", due_at=now - hour)
    soon = factories.ticket(subject="soon", owner=priya, stage="delivering")
    Promise.objects.create(ticket=soon, what="call", due_at=now + timedelta(seconds=1))
    silent = factories.ticket(subject="no mail", received_at=now - 30 * hour)
    OutboundEmail.objects.create(
        ticket=silent, kind="acknowledgement", to="a@example.org", subject="s", text="t",
        header_id="<1@here>",
    )  # fmt: skip
    closed = factories.ticket(subject="over", stage="closed", outcome="satisfied")
    Promise.objects.create(ticket=closed, what="once", due_at=now - hour)
    Escalation.objects.create(ticket=closed, reason="authority", due_at=now)


@pytest.mark.parametrize("each", lists.LISTS, ids=lambda each: each.name)
def test_a_count_opens_exactly_the_rows_it_counts(each, busy, sam, signed_in):
    counted = lists.counts(sam)[each.name]
    page = signed_in(sam).get(each.url)
    rows = page.context["cl"].result_list
    assert len(rows) == counted == each.rows(sam).count()
    assert counted > 0 or each.name == "mine"
    assert "over" not in [ticket.subject for ticket in rows]


def test_the_home_shows_the_counts_of_the_queue(busy, dana, signed_in):
    page = signed_in(dana).get("/admin/")
    shown = {entry["name"]: entry["count"] for entry in page.context["lists"]}
    assert shown["unclaimed"] == 2
    assert shown["mine"] == 1
    assert "red" not in shown  # the manager's


def test_an_author_sees_on_the_desk_what_a_reviewer_sent_back(contributor, publisher, signed_in):
    revision = factories.article(by=contributor).latest_revision
    publishing.submit(revision, by=contributor)
    publishing.send_back(revision, by=publisher, comment="A picture would help.")
    lists = signed_in(contributor).get("/admin/").context["lists"]
    (entry,) = [entry for entry in lists if entry["name"] == "sent-back"]
    assert entry["count"] == 1
    page = signed_in(contributor).get(entry["url"])
    assert page.context["cl"].result_count == 1


def test_the_manager_sees_the_morning(busy, sam, signed_in):
    page = signed_in(sam).get("/admin/").content.decode()
    for words in ("Promises late and due", "Escalations, oldest first", "On each desk"):
        assert words in page


@pytest.mark.parametrize(
    "words", ["CS-4F7K-9Q2M", "cs4f7k9q2m", "MARIA@example.org", "dripping kettle", "Lindqvist"]
)
def test_the_queue_finds_by_words_reference_and_address(words, customer, dana, signed_in):
    factories.ticket(subject="another")
    wanted = factories.ticket(
        reference="CS-4F7K-9Q2M",
        customer=customer,
        original_words="My kettle is dripping.",
        stage="closed",
        outcome="satisfied",
    )
    page = signed_in(dana).get(QUEUE, {"q": words})
    assert list(page.context["cl"].result_list) == [wanted]


def test_a_claim_from_the_row_makes_it_yours(dana, signed_in):
    ticket = factories.ticket()
    answer = signed_in(dana).post(reverse("admin:feedback_ticket_claim", args=[ticket.pk]))
    ticket.refresh_from_db()
    assert ticket.owner == dana
    assert answer.url == f"{QUEUE}{ticket.pk}/change/"


def test_who_claims_second_is_told_and_given_the_next(dana, priya, signed_in):
    ticket, following = factories.ticket(), factories.ticket(subject="the next one")
    move(ticket, "claim", by=priya)
    claim = reverse("admin:feedback_ticket_claim", args=[ticket.pk])
    page = signed_in(dana).post(claim, follow=True)
    assert "Priya has just taken this one. Here is the next." in page.content.decode()
    assert page.context["ticket"] == following
    ticket.refresh_from_db()
    assert ticket.owner == priya


def test_a_safety_concern_is_not_in_a_csrs_queue(dana, sam, signed_in):
    factories.ticket(subject="a threat", is_safety_concern=True)
    assert "a threat" not in signed_in(dana).get(QUEUE).content.decode()
    assert "a threat" in signed_in(sam).get(QUEUE).content.decode()


@pytest.mark.parametrize("address", ["/admin/", QUEUE, f"{QUEUE}?list=late", f"{QUEUE}?q=kettle"])
def test_queue_and_home_ask_the_database_as_often_for_many_as_for_few(
    address, sam, signed_in, django_assert_max_num_queries
):
    for n in range(30):
        owner = sam if n % 2 else None
        ticket = factories.ticket(owner=owner, stage="delivering" if owner else "greeting")
        Promise.objects.create(ticket=ticket, what="send it", due_at=timezone.now())
    client = signed_in(sam)
    client.get(address)
    with django_assert_max_num_queries(21):
        assert client.get(address).status_code == 200
