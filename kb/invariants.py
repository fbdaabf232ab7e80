"""What must always hold, checked on live data by `manage.py audit`.

A check is a function that yields a sentence for each violation it finds. Each app adds
its own with `@holds("I3", "…")`; nothing here knows what they look at.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Invariant:
    number: str
    sentence: str
    violations: Callable[[], Iterator[str]]


INVARIANTS: list[Invariant] = []


def holds(number: str, sentence: str):
    """Register the decorated check as the proof of this invariant."""

    def register(check):
        INVARIANTS.append(Invariant(number, sentence, check))
        return check

    return register


def in_order() -> list[Invariant]:
    return sorted(INVARIANTS, key=lambda one: (int(one.number.lstrip("I")), one.sentence))
