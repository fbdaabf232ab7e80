"""A new release under load: readers and askers notice nothing."""

import http.client
import os
import signal
import threading
import time

from tests.processes import Server, ask_form, environment


def test_a_reload_and_a_stop_cost_nobody_an_answer(data_dir, rows):
    stop, answers, troubles = threading.Event(), [], []

    def read(number):
        while not stop.is_set():
            try:
                answers.append(server.get(("/", "/faq/", "/ask/")[number]).status)
            except (OSError, http.client.HTTPException) as trouble:
                troubles.append(trouble)

    def ask():
        for n in range(1000):
            if stop.is_set():
                return
            answers.append(server.post("/ask/", ask_form(n)).status)

    with Server(environment(data_dir)) as server:
        (before,) = server.workers()
        threads = [threading.Thread(target=read, args=(n,)) for n in range(3)]
        threads.append(threading.Thread(target=ask))
        for thread in threads:
            thread.start()
        time.sleep(1)
        os.kill(server.process.pid, signal.SIGHUP)
        ends = time.monotonic() + 60
        while before in server.workers() and time.monotonic() < ends:
            time.sleep(0.1)
        time.sleep(1)
        stop.set()
        for thread in threads:
            thread.join()
        assert before not in server.workers(), "the old process is gone"

    assert troubles == []
    assert set(answers) == {200, 302}
    assert rows("SELECT COUNT(*) FROM feedback_ticket") == [(answers.count(302),)]
