"""What one request may take, and what is away when it is asked for."""

from pathlib import Path

from tests.processes import Server, ask_form, environment, free_port

MEGABYTE = 1024 * 1024
# docs/deploy.md promises so much; a form may bring a hundred.
MOST = 32 * MEGABYTE


def highest_memory(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def test_a_hundred_megabytes_of_files_take_little_memory(data_dir, rows):
    photos = [
        (f"{n}.txt", b"what the kettle looks like\n" * (9 * MEGABYTE // 27)) for n in range(10)
    ]
    with Server(environment(data_dir, WEB_THREADS="1")) as server:
        assert server.post("/ask/", ask_form(1), [("photo.txt", b"a kettle")]).status == 302
        (pid,) = server.workers()
        before = highest_memory(pid)
        assert server.post("/ask/", ask_form(2), photos).status == 302
        assert highest_memory(pid) - before < MOST
    assert rows("SELECT COUNT(*) FROM feedback_attachment") == [(11,)]


def test_with_redis_away_pages_answer_requests_are_taken_and_limits_hold(data_dir, rows):
    away = f"redis://127.0.0.1:{free_port()}/0"
    env = environment(data_dir, CACHE_URL=away, RATE_LIMITS="on")
    with Server(env) as server:
        for path in ("/", "/faq/", "/search/?q=kettle", "/ask/"):
            assert server.get(path).status == 200, path
        answers = [
            server.post("/requests/find/", {"email": f"m{n}@example.org"}) for n in range(11)
        ]
        assert [answer.status for answer in answers] == [302] * 10 + [429]
        assert server.post("/ask/", ask_form(1)).status == 302
    assert rows("SELECT COUNT(*) FROM feedback_ticket") == [(1,)]
