"""Figures for Prometheus: what was asked of this machine, how long it took, and what waits.

Off unless METRICS_TOKEN is set, and then shown to those who bring it. Each web process counts
in memory and writes its counts into a small file a moment later; whoever is asked adds up the
files, so a machine with several processes gives one answer.
"""

import atexit
import fcntl
import json
import os
import socket
import threading
import time
from collections import defaultdict
from pathlib import Path

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import Http404, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal import health

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
WRITE_AFTER = 1.0
PAST = "past"


class Counts:
    """How many requests of each page and status took how long: one cell a bucket, then the sum."""

    def __init__(self, cells=None):
        self.cells = defaultdict(lambda: [0] * (len(SECONDS) + 1) + [0.0], cells or {})

    def add(self, page, status, seconds):
        cell = self.cells[f"{page} {status}"]
        cell[next((n for n, most in enumerate(SECONDS) if seconds <= most), len(SECONDS))] += 1
        cell[-1] += seconds

    def merge(self, other):
        for key, cell in other.cells.items():
            self.cells[key] = [a + b for a, b in zip(self.cells[key], cell, strict=True)]

    def lines(self):
        for key, (*buckets, total) in sorted(self.cells.items()):
            page, status = key.split(" ")
            labels, so_far = f'page="{page}",status="{status}"', 0
            for most, count in zip((*SECONDS, "+Inf"), buckets, strict=True):
                so_far += count
                yield f'askwell_request_seconds_bucket{{{labels},le="{most}"}} {so_far}'
            yield f"askwell_request_seconds_count{{{labels}}} {so_far}"
            yield f"askwell_request_seconds_sum{{{labels}}} {total:.6f}"


class Own:
    """The counts of this process, and the file they are written to."""

    def __init__(self):
        self.counts, self._lock, self._timer = Counts(), threading.Lock(), None
        self.path = folder() / f"{os.getpid()}-{time.time_ns()}.json"
        atexit.register(self.write)

    def add(self, *facts):
        with self._lock:
            self.counts.add(*facts)
            if self._timer is None:
                self._timer = threading.Timer(WRITE_AFTER, self.write)
                self._timer.daemon = True
                self._timer.start()

    def write(self):
        with self._lock:
            self._timer = None
            if not self.counts.cells:
                return
            try:
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                write(self.path, self.counts)
            except OSError:  # a full disk must not cost anybody a page
                pass


def watched(get_response):
    """Counts every request; not there at all where nobody asks for figures."""
    if not settings.METRICS_TOKEN:
        raise MiddlewareNotUsed
    own = Own()

    def answer(request):
        began = time.perf_counter()
        response = get_response(request)
        own.add(page_of(request), response.status_code, time.perf_counter() - began)
        return response

    return answer


def page_of(request):
    """The page by its name in the list of addresses, so that no label holds what somebody typed."""
    found = request.resolver_match
    if found is None:
        return "none"
    return "staff" if request.path_info.startswith("/admin/") else found.url_name or "none"


@never_cache
@require_safe
def metrics(request):
    given = request.headers.get("Authorization", "")
    token = settings.METRICS_TOKEN
    if not token or not constant_time_compare(given, f"Bearer {token}"):
        raise Http404
    lines = [*all_counts().lines(), *waiting()]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4")


def waiting():
    """What waits now, and for how long."""
    for name, value in health.waiting().items():
        if value is not None:
            yield f"askwell_{name} {value}"


# --- The files -------------------------------------------------------------------------


def folder():
    """Each machine has its own, wherever DATA_DIR lies."""
    return Path(settings.DATA_DIR) / "metrics" / socket.gethostname()


def all_counts():
    """The counts of all processes of this machine; those of ended ones are put together."""
    total = Counts()
    if not folder().is_dir():
        return total
    with (folder() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        past = read(folder() / PAST)
        ended = [path for path in folder().glob("*.json") if not _lives(path)]
        for path in ended:
            past.merge(read(path))
        if ended:
            write(folder() / PAST, past)
        for path in ended:
            path.unlink()
        total.merge(past)
        for path in folder().glob("*.json"):
            total.merge(read(path))
    return total


def read(path):
    try:
        return Counts(json.loads(path.read_text()))
    except (FileNotFoundError, ValueError):
        return Counts()


def write(path, counts):
    half = path.with_name(f"{path.name}.part")
    half.write_text(json.dumps(counts.cells))
    half.replace(path)


def _lives(path):
    try:
        os.kill(int(path.name.partition("-")[0]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
