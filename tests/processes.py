"""Askwell as separate processes, for what cannot be tried inside the tests' own."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from django.core import signing

HOME = Path(__file__).resolve().parent.parent
KEY = "only for tests"


def environment(data_dir, **variables):
    """A machine of its own: its data, its key, the demo's freedoms."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "DATA_DIR": str(data_dir),
        "SECRET_KEY": KEY,
        "DEMO": "1",
        "DEMO_PASSWORD": "a kettle on a mountain",
        "RATE_LIMITS": "off",
        **variables,
    }


def manage(env, *arguments, check=True, **kwargs):
    """Run a command of manage.py to its end."""
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, arguments)],
        cwd=HOME,
        env=env,
        check=check,
        capture_output=True,
        text=True,
        timeout=600,
        **kwargs,
    )


def python(env, code, **kwargs):
    """Start Python with Askwell set up, running these lines; it goes on by itself."""
    return subprocess.Popen(
        [sys.executable, "-c", f"import portal, django; django.setup()\n{code}"],
        cwd=HOME,
        env={**env, "DJANGO_SETTINGS_MODULE": "portal.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **kwargs,
    )


class Server:
    """gunicorn on a port of its own, until the block ends or somebody kills it."""

    def __init__(self, env):
        self.port = free_port()
        self.env = {**env, "PORT": str(self.port), "WEB_CONCURRENCY": "1"}

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *trouble):
        self.process.terminate()
        self.process.wait(30)

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "portal.wsgi", "--log-level", "critical"],
            cwd=HOME,
            env=self.env,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(300):
            with contextlib.suppress(OSError):
                if self.get("/healthz").status == 200:
                    return
            time.sleep(0.1)
        raise AssertionError("The server did not start.")

    def kill(self):
        """As the power or the kernel would do it: every process at once, nothing said."""
        for pid in [*self.workers(), self.process.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def workers(self):
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, fields, files=()):
        body, kind = multipart(fields, files)
        return self.ask("POST", path, body, {"Content-Type": kind})

    def ask(self, method, path, body=None, headers=()):
        """The answer, its body already read into `words`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            answer.words = answer.read().decode()
            return answer
        finally:
            connection.close()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def multipart(fields, files):
    """A form as browsers send it; `files` are pairs of name and bytes."""
    edge = "a-line-no-form-contains"
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for name, content in files:
        head = f'--{edge}\r\nContent-Disposition: form-data; name="attachments"; filename="{name}"'
        parts.append(f"{head}\r\nContent-Type: text/plain\r\n\r\n".encode() + content + b"\r\n")
    return b"".join(parts) + f"--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"


def ask_form(n, **fields):
    """What a customer types into the ask form, and what the form brings along."""
    signer = signing.TimestampSigner(key=KEY, salt="portal.form_opened", fallback_keys=())
    return {
        "kind": "question",
        "subject": f"The kettle leaks ({n})",
        "body": f"The kettle I bought leaks at the bottom, number {n}.",
        "name": "Maria Lindqvist",
        "email": f"maria{n}@example.org",
        "preferred_channel": "email",
        "key": f"a-key-of-its-own-{n:016}",
        "opened": signer.sign_object([time.time() - 60]),
        **fields,
    }
