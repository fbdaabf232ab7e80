"""Requests a second of the customer's pages, against an empty Django view in the same run.

What is counted is the processor time of the web process, not the clock: whatever else the
machine does meanwhile, it weighs on all pages alike.
"""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import Table

HOME = Path(__file__).resolve().parent.parent
SIZES = tuple(map(int, os.environ.get("BENCH_SIZES", "1000,100000").split(",")))
ROUNDS, REQUESTS = 20, 25
PAGES = {
    "empty view": "/empty/",
    "static file": "/static/portal/tokens.css",
    "home": "/",
    "article": "/articles/bench-7/",
    "faq": "/faq/",
    "search, same words": "/search/?q=parcel+refund",
    "suggest": "/search/suggest/?q=refu",
    "ask form": "/ask/",
}


def run():
    yield from map(measure, SIZES)


def measure(size):
    with tempfile.TemporaryDirectory(prefix="askwell-bench-") as folder:
        env = environment(folder)
        prepare(env, size)
        return measure_there(env, size)


def environment(folder):
    return {
        **os.environ,
        "DATA_DIR": str(folder),
        "SECRET_KEY": "only for the benchmark",
        "DEMO": "1",
        "DEMO_PASSWORD": "only for the benchmark",
        "RATE_LIMITS": "off",
        "PORT": str(_free_port()),
        "WEB_CONCURRENCY": "1",
        "WEB_THREADS": "1",
    }


def measure_there(env, size):
    """The table for a site that is prepared already."""
    with Served(env) as server:
        costs = compare(int(env["PORT"]), server.web_process())
        memory = _megabytes(server.web_process())
    base = costs["empty view"]
    rows = [(name, f"{1 / cost:.0f}", f"{base / cost:.2f}") for name, cost in costs.items()]
    return Table(
        f"Pages with {size:,} articles",
        ("page", "requests a second of processor time", "of the empty view"),
        rows,
        f"One web process, one thread, one client. Memory of the web process: {memory} MB.\n",
    )


def compare(port, pid):
    """Processor seconds of a request: the best of some rounds, the pages taken in turn."""
    costs = dict.fromkeys(PAGES, float("inf"))
    for _ in range(ROUNDS):
        for name, path in PAGES.items():
            costs[name] = min(costs[name], _cost(port, pid, path))
    return costs


def _cost(port, pid, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    _get(connection, path)
    began = processor_seconds(pid)
    for _ in range(REQUESTS):
        _get(connection, path)
    connection.close()
    return (processor_seconds(pid) - began) / REQUESTS


def processor_seconds(pid):
    """What the process has used so far, all its threads; Linux counts it in nanoseconds."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(counts.read_text().split()[0]) for counts in threads) / 1e9


def _get(connection, path):
    connection.request("GET", path, headers={"User-Agent": "Mozilla/5.0 (bench)"})
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise SystemExit(f"{path} answered {answer.status}")


def prepare(env, size):
    """A site of this size in the folder DATA_DIR names."""
    code = (
        "import portal, django; django.setup()\n"
        "from django.core.management import call_command\n"
        "from portal import accounts\n"
        "from benchmarks import content\n"
        "call_command('migrate', verbosity=0)\n"
        "accounts.ensure_demo_staff('only for the benchmark')\n"
        f"content.fill({size})\n"
        "call_command('rebuild_index', interactive=False, verbosity=0)\n"
        "call_command('collectstatic', interactive=False, verbosity=0)\n"
    )
    subprocess.run(
        [sys.executable, "-c", code],
        cwd=HOME,
        env={**env, "DJANGO_SETTINGS_MODULE": "portal.settings"},
        check=True,
    )


class Served:
    """gunicorn for as long as the block runs."""

    def __init__(self, env, application="benchmarks.served"):
        self.env, self.application = env, application

    def __enter__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", self.application, "--log-level", "error"],
            cwd=HOME,
            env=self.env,
        )
        for _ in range(200):
            with contextlib.suppress(OSError):
                self._ask("/healthz")
                return self
            time.sleep(0.1)
        raise SystemExit("The server did not start.")

    def _ask(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", int(self.env["PORT"]), timeout=30)
        _get(connection, path)
        connection.close()

    def __exit__(self, *trouble):
        self.process.terminate()
        self.process.wait()

    def web_processes(self):
        """The processes below gunicorn's master; Linux tells them."""
        master = self.process.pid
        return Path(f"/proc/{master}/task/{master}/children").read_text().split()

    def web_process(self):
        return self.web_processes()[0]

    def processor_seconds(self):
        return sum(map(processor_seconds, self.web_processes()))


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def _megabytes(pid):
    """Resident memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) // 1024
