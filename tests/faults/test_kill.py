"""Killed at any moment: what was acknowledged is there, whole and once."""

import http.client
import random
import threading
import time

from tests.processes import Server, ask_form, environment, manage

ROUNDS = 6
FILE = b"what the kettle looks like\n" * 200


def test_what_was_acknowledged_survives_kill_9_exactly_once_and_whole(data_dir, rows):
    chance = random.Random(11)
    server = Server(environment(data_dir))
    sent, acknowledged = [], set()
    for _ in range(ROUNDS):
        server.start()
        killer = threading.Timer(chance.uniform(0.2, 1.5), server.kill)
        killer.start()
        _send_until_it_dies(server, sent, acknowledged)
        killer.join()
    assert acknowledged, "some were acknowledged before the kill"
    assert len(acknowledged) < len(sent), "some were cut off by it"

    _each_is_whole(rows, data_dir, acknowledged)
    kept = {key for (key,) in rows("SELECT submission_key FROM feedback_ticket")}
    assert kept <= {ask_form(n)["key"] for n in sent}

    with server:
        for n in sent:  # the customer sends the same form again
            assert server.post("/ask/", ask_form(n), [("photo.txt", FILE)]).status == 302
    _each_is_whole(rows, data_dir, set(sent))
    assert rows("PRAGMA integrity_check") == [("ok",)]
    manage(environment(data_dir), "worker", "--once")
    found = manage(environment(data_dir), "audit", check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def _send_until_it_dies(server, sent, acknowledged):
    while server.process.poll() is None:
        sent.append(len(sent))
        try:
            answer = server.post("/ask/", ask_form(sent[-1]), [("photo.txt", FILE)])
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
            continue
        assert answer.status == 302, answer.words
        acknowledged.add(sent[-1])


def _each_is_whole(rows, data_dir, numbers):
    for n in numbers:
        ((ticket,),) = rows(
            "SELECT id FROM feedback_ticket WHERE submission_key = ?", ask_form(n)["key"]
        )
        originals = rows(
            "SELECT id FROM feedback_message WHERE ticket_id = ? AND type = 'original'", ticket
        )
        assert len(originals) == 1
        for table, condition in (
            ("feedback_promise", "kind = 'first-reply'"),
            ("feedback_outboundemail", "kind = 'acknowledgement'"),
        ):
            found = rows(f"SELECT 1 FROM {table} WHERE ticket_id = ? AND {condition}", ticket)
            assert len(found) == 1, table
        files = rows("SELECT file FROM feedback_attachment WHERE message_id = ?", *originals[0])
        assert [(data_dir / "attachments" / name).read_bytes() for (name,) in files] == [FILE]
