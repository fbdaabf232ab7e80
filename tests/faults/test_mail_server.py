"""The mail server is down, silent or comes back: customers notice nothing, mails go once."""

import contextlib
import select
import socket
import sqlite3

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

from tests.processes import Server, ask_form, environment, free_port, manage


class Postbox(Message):
    """Takes mails and keeps them."""

    def __init__(self):
        super().__init__()
        self.mails = []

    def handle_message(self, message):
        self.mails.append(message)


@contextlib.contextmanager
def silent_server(port):
    """Takes the connection and never says a word."""
    with socket.create_server(("127.0.0.1", port)) as server:
        yield server


@pytest.mark.parametrize("trouble", ["refuses", "silent"])
def test_the_page_answers_at_once_and_the_mail_goes_once_when_it_can(data_dir, rows, trouble):
    port = free_port()
    env = environment(data_dir, EMAIL_URL=f"smtp://127.0.0.1:{port}", EMAIL_TIMEOUT="1")
    meanwhile = silent_server(port) if trouble == "silent" else contextlib.nullcontext()
    with Server(env) as server, meanwhile as silence:
        assert server.post("/ask/", ask_form(1)).status == 302
        if silence:
            called, _, _ = select.select([silence], [], [], 0)
            assert not called, "the page answers without a word to the mail server"
        manage(env, "worker", "--once")
        (state, attempts) = rows("SELECT state, attempts FROM feedback_outboundemail")[0]
        assert (state, attempts) == ("queued", 1)
        mail = server.get("/readyz").words
        assert '"oldest_unsent_seconds"' in mail

    postbox = Postbox()
    smtp = Controller(postbox, hostname="127.0.0.1", port=port)
    smtp.start()
    try:
        _make_due(data_dir)
        for _ in range(2):
            manage(env, "worker", "--once")
    finally:
        smtp.stop()
    assert [mail["To"] for mail in postbox.mails] == ["maria1@example.org"]


def _make_due(data_dir):
    """The pause between two attempts is over."""
    with sqlite3.connect(data_dir / "db.sqlite3") as database:
        database.execute("UPDATE feedback_outboundemail SET next_attempt_at = '2020-01-01'")
