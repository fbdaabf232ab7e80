"""Requests a second of the customer's pages, against an empty Django view in the same run."""

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
SIZES = tuple(map(int, os.environ.get("BENCH_SIZES", "100,10000").split(",")))
ROUNDS, SECONDS = 5, 0.6
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
        env = {
            **os.environ,
            "DATA_DIR": folder,
            "SECRET_KEY": "only for the benchmark",
            "DEMO": "1",
            "DEMO_PASSWORD": "only for the benchmark",
            "RATE_LIMITS": "off",
            "PORT": str(_free_port()),
            "WEB_CONCURRENCY": "1",
            "WEB_THREADS": "1",
        }
        _prepare(env, size)
        with _served(env) as server:
            rates = compare(int(env["PORT"]))
            memory = _megabytes(server.pid)
    base = rates["empty view"]
    rows = [(name, f"{rate:.0f}", f"{rate / base:.2f}") for name, rate in rates.items()]
    return Table(
        f"Pages with {size:,} articles",
        ("page", "requests a second", "of the empty view"),
        rows,
        f"One web process, one thread, one client. Memory of the web process: {memory} MB.\n",
    )


def compare(port):
    """The best of some rounds for each page, the pages taken in turn so that noise meets all."""
    rates = dict.fromkeys(PAGES, 0.0)
    for _ in range(ROUNDS):
        for name, path in PAGES.items():
            rates[name] = max(rates[name], _rate(port, path))
    return rates


def _rate(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    _get(connection, path)
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        _get(connection, path)
        done += 1
    rate = done / (time.perf_counter() - began)
    connection.close()
    return rate


def _get(connection, path):
    connection.request("GET", path, headers={"User-Agent": "Mozilla/5.0 (bench)"})
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise SystemExit(f"{path} answered {answer.status}")


def _prepare(env, size):
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


class _served:
    """gunicorn for as long as the block runs."""

    def __init__(self, env):
        self.env = env

    def __enter__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "benchmarks.served", "--log-level", "error"],
            cwd=HOME,
            env=self.env,
        )
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", int(self.env["PORT"])), 1).close()
                return self.process
            except OSError:
                time.sleep(0.1)
        raise SystemExit("The server did not start.")

    def __exit__(self, *trouble):
        self.process.terminate()
        self.process.wait()


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def _megabytes(master):
    """Resident memory of the one web process below gunicorn's master; Linux only."""
    try:
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        status = Path(f"/proc/{children[0]}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) // 1024
    except (OSError, IndexError):
        return "unknown"
