"""The drill: one ask form with a file, cut off or refused at each of its system calls in turn.

    python -m tests.faults.system_calls                  kill -9 at every one
    python -m tests.faults.system_calls --error EIO      every one that keeps something fails
    python -m tests.faults.system_calls --error ENOSPC --every 10

It needs strace. After each fault the customer sends the same form again; whatever was
acknowledged, and whatever is there at the end, must be there once and whole.
"""

import argparse
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from itertools import count
from pathlib import Path

from tests.faults.asking import copies_of, faults_of, send
from tests.processes import Server, environment, manage

# What the kernel does for the world outside the process. A kill anywhere between two of these
# leaves the same behind as a kill at the second.
OUTSIDE = {
    "close", "fcntl", "fdatasync", "fsync", "ftruncate", "mkdir", "openat", "pwrite64",
    "rename", "sendto", "unlink", "write",
}  # fmt: skip
# Those of them a disk can refuse.
REFUSABLE = OUTSIDE - {"close", "sendto"}
GUARD = 60
_LINE = re.compile(r"(?P<thread>\d+) +(?P<name>\w+)\((?P<rest>.*)")


class CannotTrace(Exception):
    """There is no strace here, or the kernel lets nobody look into a process."""


class Drill:
    """A machine with one web process, and the calls it makes to take one form in."""

    def __init__(self, data_dir):
        self.data_dir, self.numbers = data_dir, count(1)
        self.server = Server(environment(data_dir, WEB_THREADS="1"))

    def __enter__(self):
        self.server.__enter__()
        return self

    def __exit__(self, *trouble):
        self.server.__exit__(*trouble)

    def warm_up(self):
        """A process that has done it once does it the same way ever after."""
        answer = send(self.server, next(self.numbers))
        assert answer is not None
        assert answer.status == 302, answer.words

    @contextlib.contextmanager
    def traced(self, *options):
        """strace looks on, or interferes, as long as the block runs."""
        (pid,) = self.server.workers()
        command = ["strace", "-f", "-y", *options, "-p", str(pid)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
            try:
                if "attached" not in (said := strace.stderr.readline()):
                    raise CannotTrace(said.strip())
                yield strace
            finally:
                strace.kill()  # asked politely, it would wait for a process that is dead

    def calls(self):
        """The lines strace writes of the thread that takes one form in, as (name, what follows)."""
        with tempfile.NamedTemporaryFile("r", prefix="askwell-calls-") as lines:
            with self.traced("-o", lines.name) as strace:
                self.warm_up()
                strace.terminate()  # now it writes down what it has seen
                strace.wait(GUARD)
            found = [match.groups() for line in lines if (match := _LINE.match(line))]
        (speaker,) = {thread for thread, name, rest in found if '"HTTP/1.1 302' in rest}
        return [(name, rest) for thread, name, rest in found if thread == speaker]

    def points(self, among=OUTSIDE):
        """Where a fault can be put: (name of the call, the how-manieth of that name)."""
        seen = Counter()
        for name, _rest in self.calls():
            seen[name] += 1
            if name in among:
                yield name, seen[name]

    def kill_at(self, point):
        """The process is killed as it makes this call; what is wrong afterwards."""
        n = next(self.numbers)
        answer = self._send_under(point, n, "signal=KILL")
        faults = faults_of(self.data_dir, n) if answer is not None else []
        self.warm_up()  # gunicorn has started another process
        return faults + self._again(n)

    def fail_at(self, point, error):
        """The kernel refuses this call with an error; what is wrong afterwards."""
        n = next(self.numbers)
        answer = self._send_under(point, n, f"error={error}")
        if answer is None or answer.status == 302:
            faults = faults_of(self.data_dir, n) if answer is not None else []
        elif answer.status == 503 and "Nothing was saved" in answer.words:
            faults = [] if copies_of(self.data_dir, n) == 0 else ["refused, and yet it is there"]
            faults += [] if f"number {n}." in answer.words else ["the words were not kept"]
        else:
            faults = [f"answered {answer.status}"]
        return faults + self._again(n)

    def _send_under(self, point, n, fault):
        name, nth = point
        injected = f"inject={name}:{fault}:when={nth}"
        with self.traced("-o", os.devnull, "-e", f"trace={name}", "-e", injected):
            return send(self.server, n)

    def _again(self, n):
        """The customer sends the same form again."""
        answer = send(self.server, n)
        if answer is None or answer.status != 302:
            return [f"sent again, it was answered {answer and answer.status}"]
        return faults_of(self.data_dir, n)


def can_trace():
    return shutil.which("strace") is not None


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--error", help="a name of errno.h, such as EIO or ENOSPC")
    parser.add_argument("--every", type=int, default=1, help="only every so-manieth call")
    options = parser.parse_args()
    if not can_trace():
        sys.exit("The drill needs strace.")
    with tempfile.TemporaryDirectory(prefix="askwell-drill-") as folder:
        data_dir = Path(folder) / "var"
        manage(environment(data_dir), "migrate", "-v0")
        manage(environment(data_dir), "collectstatic", "--noinput", "-v0")
        with Drill(data_dir) as drill:
            drill.warm_up()
            found = run(drill, options.error, options.every)
        manage(environment(data_dir), "worker", "--once")
        audit = manage(environment(data_dir), "audit", check=False)
    print(audit.stdout.strip().splitlines()[-1])
    sys.exit(bool(found or audit.returncode))


def run(drill, error, every):
    """Each point in turn; the number of those that left something wrong."""
    points = list(drill.points(REFUSABLE if error else OUTSIDE))[::every]
    wrong = 0
    for number, point in enumerate(points, 1):
        faults = drill.fail_at(point, error) if error else drill.kill_at(point)
        wrong += bool(faults)
        name, nth = point
        print(f"{number}/{len(points)} {name} {nth}: {'; '.join(faults) or 'right'}", flush=True)
    print(f"{len(points)} faults, {wrong} left something wrong.")
    return wrong


if __name__ == "__main__":
    main()
