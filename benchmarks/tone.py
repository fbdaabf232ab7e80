"""What the calm composer's ear costs for a long letter.

    python -m benchmarks tone

The baseline is one walk along the same text by a regular expression that only counts words.
"""

import os
import random
import subprocess
import sys
import tempfile
import time

from benchmarks import Table

WORDS = ["i", "can't", "we", "don't", "the", "only", "thing", "it’s", "kettle", "why"]
LENGTHS = (200, 2_000, 20_000)
TURNS = 7


def run():
    """In a process of its own: it brings its own database."""
    env = {
        **os.environ,
        "DATABASE_URL": "sqlite://:memory:",
        "SECRET_KEY": "only for the benchmark",
    }
    command = [sys.executable, "-m", "benchmarks.tone"]
    with tempfile.TemporaryDirectory(prefix="askwell-bench-") as folder:
        done = subprocess.run(
            command, env=env | {"DATA_DIR": folder}, check=True, capture_output=True, text=True
        )
    return done.stdout


def _main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from feedback import tone

    call_command("migrate", verbosity=0)
    table = Table(
        "The composer's tone check, by the length of a letter",
        ("words", "check", "counting words", "times"),
        [_row(tone, length) for length in LENGTHS],
        f"Processor time, the best of {TURNS} turns.\n",
    )
    print(table)


def _row(tone, length):
    text = " ".join(random.Random(1).choices(WORDS, k=length))
    check = _best(lambda: tone.check(text))
    count = _best(lambda: len(tone.WORD.findall(text)))
    return f"{length:,}", f"{check * 1000:.1f} ms", f"{count * 1000:.1f} ms", f"{check / count:.1f}"


def _best(call):
    return min(_seconds(call) for _ in range(TURNS))


def _seconds(call):
    began = time.process_time()
    call()
    return time.process_time() - began


if __name__ == "__main__":
    _main()
