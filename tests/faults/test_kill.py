"""Killed at any moment: what was acknowledged is there, whole and once."""

import random
import threading
import time

from tests.faults.asking import faults_of, send
from tests.processes import Server, ask_form, environment, manage

ROUNDS = 6


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

    assert [faults_of(data_dir, n) for n in acknowledged if faults_of(data_dir, n)] == []
    kept = {key for (key,) in rows("SELECT submission_key FROM feedback_ticket")}
    assert kept <= {ask_form(n)["key"] for n in sent}

    with server:
        for n in sent:  # the customer sends the same form again
            assert send(server, n).status == 302
    assert [faults_of(data_dir, n) for n in sent if faults_of(data_dir, n)] == []
    assert rows("PRAGMA integrity_check") == [("ok",)]
    manage(environment(data_dir), "worker", "--once")
    found = manage(environment(data_dir), "audit", check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def _send_until_it_dies(server, sent, acknowledged):
    while server.process.poll() is None:
        sent.append(len(sent))
        answer = send(server, sent[-1])
        if answer is None:
            time.sleep(0.05)
            continue
        assert answer.status == 302, answer.words
        acknowledged.add(sent[-1])
