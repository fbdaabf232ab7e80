"""Log lines an operator may keep: nothing in them names a person or opens a door."""

import json
import logging
import runpy
import sys
import time

import pytest
from gunicorn.glogging import Logger

from portal.limits import TooMany
from portal.logs import Line, MaskedAccessLog, mask
from portal.middleware import Trouble


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("GET /requests/WzEsMV0:1abc:sig/", "WzEsMV0"),
        ("GET /requests/WzEsMV0:1abc:sig/messages/", "WzEsMV0"),
        ("GET /ask/thank-you/WzEsMV0:1abc:sig/", "WzEsMV0"),
        ("GET /search/?q=my+divorce", "divorce"),
        ("refused by maria.l@example.org", "maria"),
        ("Not Found: /admin/password/reset/key/1-d9k2-0123456789abcdef0123/", "0123456789"),
    ],
)
def test_what_names_a_person_or_opens_a_door_is_masked(line, secret):
    assert secret not in mask(line)


@pytest.mark.parametrize("piece", ["a", "a/", "@", "a@", "(a@b)", "?", "/requests/"])
def test_no_address_keeps_the_log_busy(piece):
    """The longest request line there may be; work that grew with its square took half a minute."""
    began = time.process_time()
    mask(f"Not Found: /{piece * (128 * 1024 // len(piece))}")
    assert time.process_time() - began < 5


def test_a_line_has_an_end():
    assert len(json.loads(line("Not Found: /%s", "a" * 100_000))["message"]) == 2_000


def test_the_page_that_finds_requests_keeps_its_name():
    assert mask("GET /requests/find/ 200") == "GET /requests/find/ 200"


def line(message, *args, error=None):
    record = logging.LogRecord("portal", logging.ERROR, __file__, 1, message, args, error)
    return Line().format(record)


def test_a_line_is_one_json_object_whatever_somebody_puts_into_it():
    written = line("said: %s", 'x"\n{"level": "INFO"}\x1b[31m')
    assert "\n" not in written
    assert "\x1b" not in written
    assert json.loads(written)["level"] == "ERROR"


def test_of_an_error_the_kind_and_the_place_are_kept_and_not_its_words():
    try:
        raise ValueError("Key (email)=(maria@example.org) already exists")
    except ValueError:
        written = line("It failed", error=sys.exc_info())
    facts = json.loads(written)
    assert facts["error"] == "ValueError"
    assert "test_logs.py" in facts["where"][-1]
    assert "maria" not in written


def test_the_access_log_has_neither_token_nor_query(monkeypatch):
    atoms = {"U": "/requests/WzEsMV0:1abc:sig/", "q": "q=divorce", "s": "200"}
    monkeypatch.setattr(Logger, "atoms", lambda *args: dict(atoms))
    log = MaskedAccessLog.__new__(MaskedAccessLog)
    assert log.atoms(None, None, None, None)["U"] == "/requests/…/"
    shipped = runpy.run_path("gunicorn.conf.py")
    assert "%(q)" not in shipped["access_log_format"]
    assert "%(r)" not in shipped["access_log_format"]
    assert "%(h)" not in shipped["access_log_format"]


@pytest.mark.django_db
def test_a_missing_page_leaves_no_words_in_the_log(client, caplog):
    client.get("/requests/WzEsMV0:1abc:sig/?note=secret")
    written = "".join(Line().format(record) for record in caplog.records)
    assert "WzEsMV0" not in written
    assert "secret" not in written


def test_a_line_says_its_time_in_utc():
    record = logging.LogRecord("x", logging.WARNING, "x", 1, "words", (), None)
    record.created = 1_772_452_800.25
    assert json.loads(Line().format(record))["at"] == "2026-03-02T12:00:00.250+00:00"


def test_presses_beyond_a_limit_are_written_down_without_the_key(caplog, rf, db):
    Trouble(None).process_exception(rf.post("/requests/secret-key/confirm/"), TooMany(60))
    assert "Pressed too often" in caplog.text
    assert "secret-key" not in Line().format(caplog.records[0])
