"""From an empty folder to a portal that answers: what `make run` starts.

It writes a secret key if there is none, prepares the database and the index, then
runs the web server and the worker side by side until Ctrl-C. Standard library only.
"""

import os
import secrets
import signal
import socket
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent
DATA_DIR = Path(os.environ.get("DATA_DIR") or HOME / "var").resolve()
PATIENCE = 40  # seconds; web requests get thirty
MANAGE = [sys.executable, str(HOME / "manage.py")]


def main():
    environment = {**os.environ, "DATA_DIR": str(DATA_DIR), "PYTHONUNBUFFERED": "1"}
    environment.setdefault("PORT", "8000")
    if "BIND" not in environment and (trouble := port_trouble(environment)):
        print(trouble)
        return 1
    environment.setdefault("SECRET_KEY", kept_secret("secret_key", 50))
    if environment.get("DEMO", "") not in ("", "0"):
        environment.setdefault("DEMO_PASSWORD", kept_secret("demo_password", 9))
    prepared = subprocess.run([*MANAGE, "prepare"], cwd=HOME, env=environment)
    return prepared.returncode or supervise(environment)


def kept_secret(name, length):
    """A random word that stays the same from run to run and that only we can read."""
    path = DATA_DIR / name
    if not path.exists():
        DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = path.with_suffix(".new")  # a stop in the middle leaves no half a secret
        unfinished.touch(mode=0o600)
        unfinished.write_text(secrets.token_urlsafe(length) + "\n")
        unfinished.replace(path)
    return path.read_text().strip()


def port_trouble(environment):
    """What keeps us from listening, said before anything is promised."""
    port = environment["PORT"]
    try:
        socket.create_server(("127.0.0.1", int(port))).close()
    except (ValueError, OverflowError):
        return f"PORT has to be the number of a port; it is {port!r}."
    except OSError as error:
        return (
            f"Nothing can listen on port {port}: {os.strerror(error.errno)}. Perhaps Askwell runs "
            "already; if not, choose another port: make run PORT=8001"
        )
    return None


def supervise(environment):
    """Web server and worker together: when one ends, so does the other."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda *_: sys.exit(0))
    parts = [
        subprocess.Popen(command, cwd=HOME, env=environment, start_new_session=True)
        for command in (
            [sys.executable, "-m", "gunicorn", "portal.wsgi"],
            [*MANAGE, "worker"],
        )
    ]
    print("Ctrl-C stops it.\n", flush=True)
    try:
        ended, status = os.wait()
        print(f"{'The web server' if ended == parts[0].pid else 'The worker'} has ended.")
        return os.waitstatus_to_exitcode(status) or 1
    except SystemExit:
        print("\nStopping.")
        return 0
    finally:
        for part in parts:
            part.terminate()
        for part in parts:
            end(part)


def end(part):
    """Wait for what is in hand; a silent mail server is not waited for, its mail goes again."""
    try:
        part.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        part.kill()
        part.wait()


if __name__ == "__main__":
    sys.exit(main())
