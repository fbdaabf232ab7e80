"""Faults of ours, told to whoever runs the portal."""

import json
import logging

import pytest
from django.core import mail

from portal import errors
from portal.logs import Line


@pytest.fixture(autouse=True)
def _operator(settings, tmp_path):
    settings.DATA_DIR, settings.ERRORS_TO = tmp_path, ["ops@example.com"]


@pytest.fixture
def log():
    handler = errors.Gather(level=logging.ERROR)
    handler.setFormatter(Line())
    logger = logging.Logger("feedback.mail")
    logger.addHandler(handler)
    return logger


def fail(log, words):
    try:
        raise ValueError(words)
    except ValueError:
        log.exception("It failed for %s", words)


def test_the_same_fault_many_times_is_one_mail_that_says_how_often(log):
    for n in range(5):
        fail(log, f"maria{n}@example.org")
    log.error("Another thing")
    assert errors.report()
    (told,) = mail.outbox
    assert told.to == ["ops@example.com"]
    assert "6 faults" in told.subject
    assert "5 x feedback.mail: ValueError" in told.body
    assert "test_errors.py" in told.body
    assert "1 x feedback.mail: Another thing" in told.body


def test_no_word_of_a_customer_is_in_the_mail(log):
    fail(log, "my divorce, maria@example.org")
    errors.report()
    (told,) = mail.outbox
    assert "divorce" not in told.body
    assert "maria" not in told.body


def test_what_was_told_is_not_told_again_and_quiet_days_bring_no_mail(log):
    fail(log, "once")
    assert errors.report()
    assert not errors.report()
    assert len(mail.outbox) == 1


def test_a_mail_that_could_not_be_sent_is_tried_again(log, monkeypatch):
    fail(log, "once")

    def away(**kwargs):
        raise ConnectionRefusedError

    with monkeypatch.context() as without_server:
        without_server.setattr(errors, "send_mail", away)
        with pytest.raises(ConnectionRefusedError):
            errors.report()
    assert errors.report()
    assert "ValueError" in mail.outbox[0].body


def test_warnings_are_nobodys_fault(log):
    log.warning("The index did not answer, the database does")
    assert not errors.report()


def test_a_crash_loop_does_not_fill_the_disk(log, monkeypatch, tmp_path):
    monkeypatch.setattr(errors, "MOST_BYTES", 2000)
    for _ in range(100):
        fail(log, "again")
    assert (tmp_path / "faults.jsonl").stat().st_size < 5000


def test_a_line_cut_short_does_not_stop_the_report(tmp_path):
    (tmp_path / "faults.jsonl").write_text(json.dumps({"from": "x"})[:-2])
    assert errors.report()


def test_a_disk_that_takes_nothing_costs_the_line_only(log, settings, tmp_path):
    settings.DATA_DIR = tmp_path / "away"
    fail(log, "once")
    assert not errors.report()


def test_without_anybody_to_tell_nothing_is_sent(log, settings):
    fail(log, "once")
    settings.ERRORS_TO = []
    assert not errors.report()
    assert mail.outbox == []
