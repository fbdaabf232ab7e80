"""A person's data out, a person's data gone; the figures hold."""

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.admin import site
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from feedback import mail, promotion, retention, survey
from feedback.intake import Contact, submit
from feedback.models import (
    Attachment,
    Customer,
    Draft,
    KnownIssue,
    KnownIssueFollower,
    LinkRequest,
    Ticket,
    TicketEvent,
)
from feedback.workflow import move, note
from kb import journal
from kb.models import SearchQuery
from kb.privacy import gate
from tests import factories

pytestmark = pytest.mark.django_db
SECRET = "Zanzibarine"


@pytest.fixture
def marias(dana, sam, settings, tmp_path):
    """A ticket of Maria's with her secret in every place a person can leave one."""
    settings.EMAIL_BACKEND = "feedback.mail.FolderBackend"
    settings.EMAIL_FILE_PATH = settings.MAIL_DIR = tmp_path / "mail"
    settings.JOURNAL_DIR = tmp_path / "journal"
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "attachments"},
        }
    }
    SearchQuery.objects.create(
        text=SECRET, normalised=SECRET, results_count=0, visit_key="visit-of-maria"
    )
    journal.record("search", visit="visit-of-maria", text=SECRET, results=0)
    journal.record("search", visit="somebody-else", text="kettle", results=1)
    ticket = submit(
        Contact(
            email="maria@example.org",
            name=f"Maria {SECRET}",
            call_me=SECRET,
            phone=SECRET,
            kind="complaint",
            subject=SECRET,
            body=f"I am {SECRET}",
            order_number=SECRET,
            remedy_sought=SECRET,
            search_words=SECRET,
            visit_key="visit-of-maria",
        ),
        files=[SimpleUploadedFile(f"{SECRET}.txt", SECRET.encode())],
    )
    move(ticket, "claim", by=dana)
    move(ticket, "set_facts", by=dana, facts=SECRET, personal_remarks=SECRET)
    move(ticket, "state_need", by=dana, body=f"Hello {SECRET}", need=SECRET)
    due_at = timezone.now() + timedelta(days=3)
    plan = [{"what": SECRET, "due_at": due_at, "steps": [{"what": SECRET}]}]
    move(ticket, "send_plan", by=dana, body="I can't " + SECRET, promises=plan)
    move(ticket, "ask_manager", body=SECRET)
    move(ticket, "answer_escalation", by=sam, body=SECRET, outcome=SECRET)
    note(ticket, dana, SECRET)
    Draft.objects.create(ticket=ticket, author=dana, fields={"body": SECRET})
    LinkRequest.objects.create(email="maria@example.org")
    issue = KnownIssue.objects.create(title="Kettles leak", text="Those of June.")
    KnownIssueFollower.objects.create(customer=ticket.customer, known_issue=issue)
    site._registry[Customer].log_change(
        SimpleNamespace(user=dana), ticket.customer, [{"changed": {"fields": ["Name"]}}]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    mail.send_due()
    return ticket


def whole_database():
    """Every cell of every table, as text."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                yield table, " ".join(map(str, row))


def traces(word):
    return {table for table, row in whole_database() if word.lower() in row.lower()}


def on_disk(folder, word):
    return [p for p in folder.rglob("*") if p.is_file() and word.encode() in p.read_bytes()]


def test_erasing_leaves_no_trace_anywhere_and_the_history_stands(marias, tmp_path, capsys):
    assert traces(SECRET)
    assert on_disk(tmp_path, SECRET)
    events = list(TicketEvent.objects.values_list("type", "at", "from_stage", "to_stage"))
    token = marias.token

    call_command("erase_customer", "Maria@example.org")

    assert traces(SECRET) == set()
    assert traces("maria@example.org") == set()
    assert on_disk(tmp_path, SECRET) == []
    assert "kettle" in "".join(p.read_text() for p in (tmp_path / "journal").iterdir())
    kept = list(TicketEvent.objects.values_list("type", "at", "from_stage", "to_stage"))
    assert kept[: len(events)] == events
    with pytest.raises(Ticket.DoesNotExist):
        Ticket.objects.for_token(token)
    with pytest.raises(CommandError):
        call_command("erase_customer", "maria@example.org")


def test_what_was_written_up_keeps_its_answer_and_no_draft_of_it_names_them(
    marias, dana, publisher
):
    body = f"<p>Maria {SECRET} called from <b>maria@example.org</b>: turn it off and on.</p>"
    article = promotion.create(marias, by=dana, title="Why is it silent?", resolution=body)
    article.add_question("Why does it say nothing?", source="ticket")
    clean = gate.neutralise(article.latest_revision, by=publisher)
    improved = factories.article("It hums", by=publisher)
    promotion.improve(marias, improved, by=publisher)
    improved.write(by=publisher, resolution=f"<p>{SECRET} says it hums.</p>")

    call_command("erase_customer", "maria@example.org")

    assert traces(SECRET) == traces("maria@example.org") == set()
    first, second = article.revisions.order_by("number")
    assert first.resolution == clean.resolution == second.resolution
    assert "turn it off and on" in first.resolution


def test_a_dry_run_says_what_would_go_and_takes_nothing(marias, capsys):
    before = list(whole_database())
    call_command("erase_customer", "maria@example.org", "--dry-run")
    said = capsys.readouterr().out
    assert "1 tickets" in said
    assert "1 attachments" in said
    assert "1 drafts" in said
    assert list(whole_database()) == before


def test_the_export_holds_all_they_told_us_and_all_we_said(marias, capsys):
    call_command("export_customer", "maria@example.org")
    data = json.loads(capsys.readouterr().out)
    (request,) = data["requests"]
    assert data["customer"]["name"] == f"Maria {SECRET}"
    assert request["original_words"] == f"I am {SECRET}"
    assert request["notes"][0]["words"] == SECRET
    assert request["managers asked"][0]["outcome"] == SECRET
    assert data["followed issues"][0]["issue"] == "Kettles leak"
    assert [f["name"] for m in request["messages"] for f in m["files"]] == [f"{SECRET}.txt"]
    assert {"what": "received", "by": "customer"}.items() <= request["history"][0].items()
    with pytest.raises(CommandError):
        call_command("export_customer", "nobody@example.org")


def test_an_address_without_a_request_goes_after_two_years_too(customer):
    issue = KnownIssue.objects.create(title="Kettles leak", text="Those of June.")
    KnownIssueFollower.objects.create(customer=customer, known_issue=issue)
    now = timezone.now()
    retention.run(now + timedelta(days=700))
    assert traces(customer.email)
    retention.run(now + timedelta(days=731))
    assert traces(customer.email) == set()


def test_words_go_after_two_years_files_after_half_a_year(marias, dana, time_machine):
    move(marias, "withdraw")
    closed = timezone.now()
    retention.run(closed + timedelta(days=180))
    assert Attachment.objects.count() == 1
    retention.run(closed + timedelta(days=184))
    assert Attachment.objects.count() == 0
    marias.refresh_from_db()
    assert SECRET in marias.original_words
    retention.run(closed + timedelta(days=731))
    assert traces(SECRET) - {"feedback_draft"} == set()
    assert Customer.objects.get().anonymised_at is not None
    again = retention.run(closed + timedelta(days=731))
    assert set(again.values()) == {0}


def test_searches_go_after_thirteen_months():
    search = SearchQuery.objects.create(text="a", normalised="a", results_count=0, visit_key="v")
    retention.run(search.at + timedelta(days=390))
    assert SearchQuery.objects.exists()
    retention.run(search.at + timedelta(days=397))
    assert not SearchQuery.objects.exists()


def test_a_customer_with_an_open_request_is_not_forgotten(marias):
    retention.run(timezone.now() + timedelta(days=1000))
    marias.refresh_from_db()
    assert marias.anonymised_at is None
    assert marias.customer.email


def test_a_survey_can_be_changed_and_keeps_what_was_offered(dana):
    ticket = submit(Contact(email="tom@example.org", body="Where is it?"))
    move(ticket, "answer_now", by=dana, body="There.", knowledge="not-needed", knowledge_reason="-")
    move(ticket, "confirm")
    factors = survey.offered(ticket)
    assert 1 <= len(factors) <= survey.MAX_FACTORS
    survey.record(ticket, score=2, signs={factors[0].pk: -1, 99999: 1}, comment=" slow\x00 ")
    response = survey.record(ticket, score=4, signs={factors[1].pk: 1}, comment="better")
    assert (response.score, response.comment) == (4, "better")
    assert response.factors.count() == len(factors)
    assert list(response.factors.exclude(sign=0).values_list("factor", "sign")) == [
        (factors[1].pk, 1)
    ]
