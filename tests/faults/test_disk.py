"""No room on the disk, or another has the database: readers read, askers keep their words."""

import resource
import sqlite3

import pytest

from tests.processes import Server, ask_form, environment

NO_ROOM = 16 * 1024


@pytest.fixture
def server(data_dir):
    database = f"sqlite:///{data_dir / 'db.sqlite3'}?timeout=1"
    with Server(environment(data_dir, DATABASE_URL=database)) as server:
        for path in ("/", "/ask/"):
            assert server.get(path).status == 200
        yield server


def no_file_grows_beyond(server, size):
    for pid in server.workers():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="prlimit is Linux's")
def test_a_full_disk_keeps_the_words_and_readers_read_on(server, rows):
    no_file_grows_beyond(server, NO_ROOM)
    refused = [server.post("/ask/", ask_form(n, body="word " * 1500)) for n in range(12)][-1]
    assert refused.status == 503
    assert refused.headers["Retry-After"]
    assert "Nothing was saved" in refused.words
    assert "word word word" in refused.words
    for path in ("/", "/faq/", "/search/?q=kettle", "/contact/"):
        assert server.get(path).status == 200, path
    half = "SELECT COUNT(*) FROM feedback_ticket WHERE id NOT IN (SELECT ticket_id FROM {})"
    for table in ("feedback_message", "feedback_promise", "feedback_outboundemail"):
        assert rows(half.format(table)) == [(0,)]

    no_file_grows_beyond(server, resource.RLIM_INFINITY)
    assert server.post("/ask/", ask_form(99)).status == 302, "and it recovers without a restart"


def test_a_locked_database_says_when_to_come_back_and_readers_read_on(server, data_dir):
    other = sqlite3.connect(data_dir / "db.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    refused = server.post("/ask/", ask_form(1))
    assert refused.status == 503
    assert refused.headers["Retry-After"]
    assert "leaks at the bottom, number 1" in refused.words
    # Whoever waited for the lock would get the 503 too: it is held until all have read.
    for path in ("/", "/faq/", "/search/?q=kettle", "/contact/"):
        assert server.get(path).status == 200, path
    other.execute("ROLLBACK")
    other.close()
    assert server.post("/ask/", ask_form(1)).status == 302
