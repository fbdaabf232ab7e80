"""Faults of ours, told to whoever runs the portal: by mail, gathered, without a customer's word.

Off unless ERRORS_TO names somebody. A process that meets a fault appends its line (portal.logs:
the kind of error and where it happened, nothing of what it was about) to a file, which needs
neither the database nor the mail server to be well. The worker mails what has gathered.
"""

import json
import logging
from collections import Counter
from pathlib import Path

from django.conf import settings
from django.core.mail import send_mail
from django.utils.translation import ngettext

MOST_BYTES = 1_000_000
MOST_SHOWN = 20


def _spool():
    return Path(settings.DATA_DIR) / "faults.jsonl"


class Gather(logging.Handler):
    """Keeps the lines of faults until they are sent; a full disk costs the line, never the page."""

    def emit(self, record):
        try:
            path = _spool()
            if not path.exists() or path.stat().st_size < MOST_BYTES:
                with path.open("a") as spool:
                    spool.write(self.format(record) + "\n")
        except Exception:  # whoever reports trouble must not make more of it
            self.handleError(record)

    def handleError(self, record):
        """The line stands on standard error already."""


def report():
    """One mail about what has gathered since the last; false where nothing has."""
    if not settings.ERRORS_TO:
        return False
    taken = _spool().with_suffix(".sending")
    if not taken.exists():  # else a mail that could not be sent is tried again
        try:
            _spool().replace(taken)
        except FileNotFoundError:
            return False
    counted = Counter(_place(line) for line in taken.read_text().splitlines())
    times = sum(counted.values())
    send_mail(
        subject=ngettext(
            "Askwell: %(n)d fault at %(site)s", "Askwell: %(n)d faults at %(site)s", times
        )
        % {"n": times, "site": settings.SITE_URL},
        message="\n\n".join(_told(*pair) for pair in counted.most_common(MOST_SHOWN)),
        from_email=settings.SERVER_EMAIL,
        recipient_list=settings.ERRORS_TO,
    )
    taken.unlink()
    return True


def _place(line):
    """What two lines of the same fault have in common."""
    try:
        facts = json.loads(line)
    except ValueError:  # a crash cut it short
        return ("unreadable", "", "", ())
    return (
        facts.get("from", ""),
        facts.get("error", ""),
        "" if "error" in facts else facts.get("message", ""),
        tuple(facts.get("where", ())),
    )


def _told(place, times):
    name, error, message, where = place
    return "\n".join([f"{times} x {name}: {error or message}", *(f"    {line}" for line in where)])
