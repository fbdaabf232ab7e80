"""The drill: a backup made while people write, restored on an empty machine."""

import json
import sqlite3

import pytest

from tests.processes import environment, manage, python

WRITER = """
import itertools
from django.conf import settings
from feedback.models import Attachment, Customer, Message, Ticket
from tests.factories import picture
customer = Customer.objects.for_address("maria@example.org")
for n in itertools.count():
    name = f"{n}.txt"
    (settings.ATTACHMENT_DIR / name).write_text(f"file {n}")
    ticket = Ticket.objects.create(customer=customer, original_words=f"words {n}")
    message = Message.objects.create(ticket=ticket, direction="in", author_kind="customer",
                                     type="original", body=ticket.original_words)
    Attachment.objects.create(message=message, file=name, name=name, content_type="text/plain",
                              size=6, checksum="")
    picture(f"picture {n}", colour=(n % 256, n // 256, 0))
    print(n, flush=True)
"""


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """A machine with a database, on which somebody writes without a pause."""
    home = tmp_path_factory.mktemp("machine")
    env = environment(home / "var")
    manage(env, "migrate", "-v0")
    (home / "var" / "attachments").mkdir()
    writer = python(env, WRITER)
    for _ in range(5):
        writer.stdout.readline()
    yield env, writer
    writer.kill()
    writer.communicate()


def rows(database, sql):
    with sqlite3.connect(database) as connection:
        return [row[0] for row in connection.execute(sql)]


def test_a_backup_made_while_serving_is_restored_whole(machine, tmp_path):
    env, writer = machine
    acknowledged = int(writer.stdout.readline())
    manage(env, "backup", tmp_path / "backup")
    assert writer.poll() is None, "writing went on meanwhile"

    there = environment(tmp_path / "there")
    manage(there, "restore", tmp_path / "backup")

    database = tmp_path / "there" / "db.sqlite3"
    assert rows(database, "PRAGMA integrity_check") == ["ok"]
    words = rows(database, "SELECT original_words FROM feedback_ticket")
    assert {f"words {n}" for n in range(acknowledged + 1)} <= set(words)
    for name in rows(database, "SELECT file FROM feedback_attachment"):
        assert (tmp_path / "there" / "attachments" / name).read_text() == f"file {name[:-4]}"
    for name in rows(database, "SELECT name FROM kb_picture"):
        assert (tmp_path / "there" / "pictures" / name).exists()
    assert len(rows(database, "SELECT name FROM kb_picture")) > acknowledged
    assert "as it was written" in manage(there, "verify_audit").stdout


def test_a_damaged_backup_is_refused_by_name(machine, tmp_path):
    env, _writer = machine
    manage(env, "backup", tmp_path / "backup")
    with (tmp_path / "backup" / "db.sqlite3").open("r+b") as file:
        file.seek(5000)
        file.write(b"damage")
    refused = manage(environment(tmp_path / "x"), "restore", tmp_path / "backup", check=False)
    assert refused.returncode == 1
    assert "db.sqlite3 is missing or damaged" in refused.stderr


def test_nobodys_data_is_written_over(machine, tmp_path):
    env, _writer = machine
    manage(env, "backup", tmp_path / "backup")
    assert "not empty" in manage(env, "restore", tmp_path / "backup", check=False).stderr
    assert "not empty" in manage(env, "backup", tmp_path / "backup", check=False).stderr


CUT_OFF = """
import os, signal, sys
from django.core.management import call_command
from portal import backup
backup._put_sqlite = lambda *files: os.kill(os.getpid(), signal.SIGKILL)
call_command("restore", {folder!r})
"""


def test_a_restore_that_was_cut_off_leaves_no_database_and_is_begun_again(machine, tmp_path):
    env, _writer = machine
    manage(env, "backup", tmp_path / "backup")
    there = environment(tmp_path / "there")
    python(there, CUT_OFF.format(folder=str(tmp_path / "backup"))).communicate()
    refused = manage(there, "prepare", check=False)
    assert "is missing while its attachments are here" in refused.stderr
    manage(there, "restore", tmp_path / "backup")
    assert rows(tmp_path / "there" / "db.sqlite3", "PRAGMA integrity_check") == ["ok"]


@pytest.mark.parametrize("manifest", ["{", "[]", "null", "{}", '{"files": []}'])
def test_an_unfinished_backup_is_not_taken_for_one(tmp_path, manifest):
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "db.sqlite3").write_text("")
    (tmp_path / "half" / "manifest.json").write_text(manifest)
    refused = manage(environment(tmp_path / "x"), "restore", tmp_path / "half", check=False)
    assert "no finished backup" in refused.stderr


def test_the_manifest_names_every_file(machine, tmp_path):
    env, _writer = machine
    manage(env, "backup", tmp_path / "backup")
    manifest = json.loads((tmp_path / "backup" / "manifest.json").read_text())
    found = {str(p.relative_to(tmp_path / "backup")) for p in (tmp_path / "backup").rglob("*.*")}
    assert found == {*manifest["files"], "manifest.json"}
