"""Two hundred customers at once, each thinking five seconds between two pages.

The server is set up as gunicorn.conf.py has it, with the worker beside it and the rate limits on.
What is reported is the time until the whole answer is there, against the same pages asked by one
customer alone in the same run.
"""

import asyncio
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from urllib.parse import urlencode

from benchmarks import Table
from benchmarks.content import _words
from benchmarks.pages import HOME, Served, environment, prepare

CUSTOMERS = int(os.environ.get("LOAD_CUSTOMERS", 200))
SECONDS = int(os.environ.get("LOAD_SECONDS", 60))
ARTICLES, THINK, ALONE = 1000, 5.0, 150
FILLING_IN = 3.0  # a form sent faster than anybody reads is asked once more
# What people do, and how often in a hundred.
MIX = {"home": 15, "search": 30, "suggest": 25, "article": 25, "ask": 5}
_HIDDEN = re.compile(r'name="(key|opened)" value="([^"]+)"')


def run():
    with tempfile.TemporaryDirectory(prefix="askwell-load-") as folder:
        env = environment(folder) | {"RATE_LIMITS": "on", "TRUSTED_PROXIES": "1"}
        del env["WEB_CONCURRENCY"], env["WEB_THREADS"]
        prepare(env, ARTICLES)
        return measure_there(env)


def measure_there(env):
    worker = subprocess.Popen([sys.executable, "manage.py", "worker"], cwd=HOME, env=env)
    try:
        with Served(env, "portal.wsgi") as server:
            return asyncio.run(compare(int(env["PORT"]), server))
    finally:
        worker.terminate()
        worker.wait()


async def compare(port, server):
    """The same mix, by one customer without a pause and then by all of them."""
    alone, together = Notes(), Notes()
    await Customer(port, 0, Notes()).go_on(ALONE, 0)  # the first pages warm the house
    await Customer(port, CUSTOMERS + 1, alone).go_on(ALONE, 0)  # words of their own, as all have
    used = server.processor_seconds()
    ends = time.monotonic() + SECONDS
    await asyncio.gather(
        *(Customer(port, n, together).until(ends) for n in range(1, CUSTOMERS + 1))
    )
    return table(alone, together, server.processor_seconds() - used)


def table(alone, together, used):
    rows = [
        (
            page,
            len(together.times[page]),
            milliseconds(statistics.median(alone.times[page])),
            milliseconds(statistics.median(together.times[page])),
            milliseconds(p95(together.times[page])),
        )
        for page in sorted(together.times)
    ]
    idle, busy = statistics.median(alone.all()), p95(together.all())
    return Table(
        f"{CUSTOMERS} customers, {THINK:.0f} s between two pages, {SECONDS} s long",
        ("page", "answers", "alone, median", "together, median", "together, p95"),
        rows,
        f"p95 of all: {milliseconds(busy)}, {busy / idle:.1f} times the idle median "
        f"({milliseconds(idle)}); errors: {len(together.errors)} {set(together.errors) or ''}\n"
        f"The web processes used {milliseconds(used / len(together.all()))} of a processor for an "
        f"answer, of which there were {len(together.all()) / SECONDS:.0f} a second.\n",
    )


def p95(times):
    return sorted(times)[int(len(times) * 0.95)]


def milliseconds(seconds):
    return f"{seconds * 1000:.1f} ms"


class Notes:
    """How long each page took, and what went wrong."""

    def __init__(self):
        self.times, self.errors = defaultdict(list), []

    def all(self):
        return [seconds for times in self.times.values() for seconds in times]


class Customer:
    """Somebody with an address of their own who does what people do, in an order of their own."""

    def __init__(self, port, number, notes):
        self.port, self.number, self.notes = port, number, notes
        self.chance = random.Random(number)
        self.words = _words()

    async def go_on(self, times, think):
        for _ in range(times):
            await self.do_something(think)

    async def until(self, ends):
        await asyncio.sleep(self.chance.uniform(0, THINK))
        while time.monotonic() < ends:
            await self.do_something(THINK)

    async def do_something(self, think):
        (page,) = self.chance.choices(list(MIX), MIX.values())
        path = {
            "home": "/",
            "search": "/search/?" + urlencode({"q": self._words(2)}),
            "suggest": "/search/suggest/?" + urlencode({"q": self._words(1)[:4]}),
            "article": f"/articles/bench-{int(ARTICLES ** self.chance.random()) - 1}/",
            "ask": "/ask/",
        }[page]
        form = await self.request(page, path)
        if page == "ask":
            await asyncio.sleep(FILLING_IN)
            await self.request("ask, sent", "/ask/", self._filled(form))
        if think:
            await asyncio.sleep(self.chance.expovariate(1 / think))

    def _words(self, count):
        most = len(self.words)
        return " ".join(self.words[int(most ** self.chance.random()) - 1] for _ in range(count))

    def _filled(self, form):
        return dict(_HIDDEN.findall(form)) | {
            "kind": "question",
            "subject": self._words(4),
            "body": self._words(40),
            "name": "Maria",
            "email": f"maria{self.number}@example.org",
            "preferred_channel": "email",
        }

    async def request(self, page, path, fields=None):
        """Ask for a page and note how long it took; its words."""
        began = time.perf_counter()
        try:
            status, words = await self._ask(path, fields)
        except (OSError, asyncio.IncompleteReadError, IndexError) as trouble:
            self.notes.errors.append(f"{page}: {type(trouble).__name__}")
            return ""
        self.notes.times[page].append(time.perf_counter() - began)
        if status != (302 if fields else 200):
            self.notes.errors.append(f"{page}: {status}")
        return words

    async def _ask(self, path, fields):
        body = urlencode(fields or {})
        lines = [
            f"{'POST' if fields else 'GET'} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"X-Forwarded-For: 10.0.{self.number // 250}.{self.number % 250}",
            "User-Agent: Mozilla/5.0 (load)",
            "Connection: close",
            f"Content-Length: {len(body)}",
            "Content-Type: application/x-www-form-urlencoded",
        ]
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write("\r\n".join([*lines, "", body]).encode())
            answer = await reader.read()
        finally:
            writer.close()
        return int(answer.split(b" ", 2)[1]), answer.decode("utf-8", "replace")
