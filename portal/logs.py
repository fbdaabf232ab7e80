"""Log lines an operator may keep: no address, no search word, no token, no file name."""

import json
import logging
import re
import traceback
from datetime import UTC, datetime

from django.conf import settings
from gunicorn.glogging import Logger

# Begun only where a word begins: in a long address without an @ each letter would be a beginning.
_EMAIL = re.compile(r"(?<![^\s<>\"'=(])[^\s<>\"'=(]+@[^\s<>\"',)]+")
_TOKEN = re.compile(r"(/requests/|/ask/thank-you/)(?!find/)[^/\s?]+")
_LONG_KEY = re.compile(r"(/password/reset/key/)[^\s?/]+")
_QUERY = re.compile(r"\?[^\s\"]*")
LONGEST = 2_000


def mask(line):
    """The line without what could name a person or open a door."""
    for pattern, instead in (
        (_QUERY, "?…"),
        (_TOKEN, r"\1…"),
        (_LONG_KEY, r"\1…"),
        (_EMAIL, "…@…"),
    ):
        line = pattern.sub(instead, line)
    return line


class Line(logging.Formatter):
    """One JSON object a line. Of an error only its kind and place: its words may quote a person."""

    def format(self, record):
        facts = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "from": record.name,
            "message": mask(record.getMessage())[:LONGEST],
        }
        if record.exc_info and record.exc_info[0]:
            kind, error, trace = record.exc_info
            facts["error"] = kind.__name__
            facts["where"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(trace)[-8:]
            ]
            if settings.DEBUG:
                facts["words"] = str(error)
        return json.dumps(facts, ensure_ascii=False)


class MaskedAccessLog(Logger):
    """gunicorn's log, its addresses masked."""

    def atoms(self, resp, req, environ, request_time):
        atoms = super().atoms(resp, req, environ, request_time)
        return {name: mask(value) if name == "U" else value for name, value in atoms.items()}
