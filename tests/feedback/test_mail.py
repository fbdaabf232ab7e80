"""Mail leaves once, through a real SMTP server, and waits where it has to."""

import socket
from datetime import timedelta
from email import message_from_bytes, policy
from threading import Thread

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import get_connection
from django.db import connection
from django.utils import timezone

from feedback import mail
from feedback.intake import Contact, submit
from feedback.models import OutboundEmail
from feedback.workflow import move

State = OutboundEmail.State


class PostOffice:
    """A mail server that keeps what it takes, and refuses as often as it is told."""

    def __init__(self):
        self.letters = []
        self.refusals = 0
        self.drops_after_taking = 0

    async def handle_DATA(self, server, session, envelope):
        if self.refusals:
            self.refusals -= 1
            return "451 try again later"
        letter = message_from_bytes(envelope.content, policy=policy.default)
        self.letters.append(letter)
        if self.drops_after_taking:
            self.drops_after_taking -= 1
            return "421 the line goes dead"
        return "250 taken"


@pytest.fixture
def post_office(settings):
    office = PostOffice()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(office, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    settings.EMAIL_TIMEOUT = 5
    yield office
    controller.stop()


def ask(**fields):
    fields = {"email": "maria@example.org", "name": "Maria Lindqvist"} | fields
    fields.setdefault("body", "My kettle leaks. Buy cheap pills at evil dot example!")
    return submit(Contact(**fields))


@pytest.mark.django_db
def test_the_acknowledgement_names_reference_link_and_time_but_not_the_senders_words(post_office):
    ticket = ask(kind="complaint", subject="Pills")
    assert mail.send_due() == 1
    (letter,) = post_office.letters
    assert letter["To"] == "maria@example.org"
    assert letter["Auto-Submitted"] == "auto-replied"
    assert letter["Message-ID"] == OutboundEmail.objects.get().header_id
    for part in ("plain", "html"):
        words = letter.get_body([part]).get_content()
        assert ticket.reference in words
        assert f"/requests/{ticket.token}/" in words
        assert "We are sorry this happened, and our team is on it." in words
        assert "pills" not in words.lower()


@pytest.mark.django_db
def test_each_mail_is_sent_exactly_once_however_often_the_worker_runs(post_office):
    for n in range(20):
        ask(email=f"customer{n}@example.org", kind="complaint")
    assert [mail.send_due(), mail.send_due()] == [20, 0]
    assert len({letter["To"] for letter in post_office.letters}) == 20


@pytest.mark.django_db
def test_a_refused_mail_waits_longer_each_time_and_is_then_shown_as_given_up(
    post_office, time_machine
):
    time_machine.move_to(timezone.now(), tick=False)
    post_office.refusals = 99
    ask()
    waits = []
    for _try in range(mail.MAX_TRIES):
        mail.send_due()
        row = OutboundEmail.objects.get()
        waits.append(row.next_attempt_at - timezone.now())
        time_machine.shift(max(timedelta(), waits[-1]))
    assert waits[:4] == mail.BACK_OFF
    assert row.state == State.FAILED
    assert "451" in row.last_error

    post_office.refusals = 0
    assert mail.requeue(OutboundEmail.objects.all()) == 1
    assert mail.send_due() == 1


@pytest.mark.django_db
def test_mail_waits_while_no_server_answers_and_goes_out_once_it_does(post_office, settings):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    ask()
    assert mail.send_due() == 0
    settings.EMAIL_PORT = port
    OutboundEmail.objects.update(next_attempt_at=timezone.now())
    assert mail.send_due() == 1
    assert len(post_office.letters) == 1


@pytest.mark.django_db
def test_a_worker_killed_while_sending_leaves_a_lease_that_runs_out(post_office, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    ask()
    assert mail._lease_next() is not None  # and the worker dies here
    assert mail.send_due() == 0
    time_machine.shift(mail.LEASE + timedelta(seconds=1))
    assert mail.send_due() == 1


@pytest.mark.django_db
def test_where_it_cannot_be_known_the_second_mail_carries_the_same_message_id(
    post_office, time_machine
):
    time_machine.move_to(timezone.now(), tick=False)
    post_office.drops_after_taking = 1
    ask()
    assert mail.send_due() == 0
    time_machine.shift(mail.BACK_OFF[0] + timedelta(seconds=1))
    assert mail.send_due() == 1
    first, second = post_office.letters
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.django_db
def test_one_mail_no_server_would_take_does_not_hold_up_the_others(post_office):
    ask(email="first@example.org")
    ask(email="second@example.org")
    post_office.refusals = 1
    assert mail.send_due() == 1
    assert [letter["To"] for letter in post_office.letters] == ["second@example.org"]


@pytest.mark.django_db
def test_no_words_of_a_customer_become_a_header(post_office, dana):
    ticket = ask(name="Eve\r\nBcc: all@example.org", subject="Hi\r\nBcc: all@example.org")
    move(ticket, "answer_now", by=dana, body="Hello", knowledge="not-needed", knowledge_reason="-")
    mail.send_due()
    assert len(post_office.letters) == 2
    for letter in post_office.letters:
        assert letter["Bcc"] is None
        assert letter["To"] == "maria@example.org"


@pytest.mark.django_db
def test_what_a_person_wrote_is_a_persons_mail_in_the_same_thread(post_office, dana):
    ticket = ask()
    body = "Hello Maria,\n\n<b>Tighten</b> the ring: https://shop.example/kettle\n\nDana"
    move(ticket, "answer_now", by=dana, body=body, knowledge="not-needed", knowledge_reason="-")
    mail.send_due()
    first, answer = post_office.letters
    assert answer["Auto-Submitted"] is None
    assert answer["In-Reply-To"] == first["Message-ID"]
    html = answer.get_body(["html"]).get_content()
    assert "&lt;b&gt;Tighten&lt;/b&gt;" in html
    assert "Did this settle it for you?" in html
    assert html.count(f"/requests/{ticket.token}/") == 2


@pytest.mark.django_db
def test_without_a_mail_server_each_mail_is_one_file(settings, tmp_path):
    settings.EMAIL_BACKEND = "feedback.mail.FolderBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    ask()
    mail.send_due()
    (path,) = tmp_path.iterdir()
    assert b"maria@example.org" in path.read_bytes()


@pytest.mark.django_db
def test_two_workers_share_the_mails_and_send_none_twice(post_office):
    for n in range(6):
        ask(email=f"customer{n}@example.org")
    in_another_workers_hands = mail._lease_next()
    assert mail.send_due() == 5
    with get_connection() as line:
        assert mail._deliver(in_another_workers_hands, line)
    assert len({letter["To"] for letter in post_office.letters}) == len(post_office.letters) == 6


@pytest.mark.skipif(connection.vendor == "sqlite", reason="threads need a database server")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_workers_at_the_same_moment_skip_each_others_rows(post_office):
    for n in range(12):
        ask(email=f"customer{n}@example.org")

    def work():
        mail.send_due()
        connection.close()

    workers = [Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len({letter["To"] for letter in post_office.letters}) == len(post_office.letters) == 12
