"""No room on the disk, or another has the database: readers read, askers keep their words."""

import resource
import sqlite3

import pytest

from tests.faults.test_upgrade import in_flight, is_being_saved, other_transaction, wait_until
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


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="prlimit is Linux's")
@pytest.mark.parametrize("size", [50_000, 3_000_000])
def test_a_file_there_is_no_room_for_costs_nobody_their_words(server, rows, size):
    """A small one waits in memory, a large one on the disk, before it is known whose it is."""
    page = "/requests/" + server.post("/ask/", ask_form(1)).headers["Location"].split("/")[3]
    no_file_grows_beyond(server, NO_ROOM)
    photo = [("photo.txt", b"x" * size)]
    refused = server.post("/ask/", ask_form(2), [("small.txt", b"x" * 900_000), *photo])
    assert refused.status == 503
    assert "Nothing was saved" in refused.words
    assert "leaks at the bottom, number 2" in refused.words
    refused = server.post(f"{page}/messages/", {"body": "It leaks more now."}, photo)
    assert refused.status == 503
    assert "It leaks more now." in refused.words
    assert rows("SELECT COUNT(*) FROM feedback_message WHERE direction = 'in'") == [(1,)]

    no_file_grows_beyond(server, resource.RLIM_INFINITY)
    assert server.post("/ask/", ask_form(2), photo).status == 302


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


def test_forms_that_wait_for_the_database_leave_a_thread_to_readers(data_dir):
    answers = []
    with Server(environment(data_dir, WEB_THREADS="2")) as server:
        with other_transaction(data_dir, "DELETE FROM portal_chore") as busy:
            first = in_flight(server, answers)
            wait_until(lambda: is_being_saved(data_dir))
            refused = server.post("/ask/", ask_form(2))
            assert refused.status == 503
            assert "leaks at the bottom, number 2" in refused.words
            assert server.get("/").status == 200
            assert answers == [], "the first still waits its turn"
            busy.execute("ROLLBACK")
        first.join()
    assert answers[0].status == 302
