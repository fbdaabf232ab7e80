"""An upgrade while people read and write: nobody loses an answer, and a cut one is done again."""

import signal
import sqlite3
import threading
import time
from contextlib import closing

import pytest
from django.apps import apps
from django.db import connection, migrations
from django.db.migrations.loader import MigrationLoader

from tests.faults.asking import faults_of, send
from tests.processes import Server, environment, manage, python


def other_transaction(data_dir, sql):
    """Somebody else has the database, and has done this in it."""
    other = sqlite3.connect(data_dir / "db.sqlite3", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    other.execute(sql)
    return closing(other)


def in_flight(server, answers):
    """A form on its way that has to wait for the database, in a thread of its own."""
    thread = threading.Thread(target=lambda: answers.append(send(server, 1)))
    thread.start()
    return thread


def test_while_tables_change_readers_read_and_writers_wait(data_dir):
    """The release that serves meanwhile works on the newer tables: they only ever gain columns."""
    answers = []
    with Server(environment(data_dir)) as server:
        add = "ALTER TABLE feedback_ticket ADD COLUMN of_a_newer_release text NULL"
        with other_transaction(data_dir, add) as migration:
            asking = in_flight(server, answers)
            wait_until(lambda: is_being_saved(data_dir))
            for path in ("/", "/faq/", "/search/?q=kettle", "/contact/"):
                assert server.get(path).status == 200, path
            assert answers == [], "the writer waits its turn"
            migration.execute("COMMIT")
        asking.join()
        assert answers[0].status == 302
        assert faults_of(data_dir, 1) == []


def test_a_stop_lets_the_request_in_flight_finish(data_dir):
    answers = []
    with Server(environment(data_dir)) as server:
        with other_transaction(data_dir, "DELETE FROM portal_chore") as busy:
            asking = in_flight(server, answers)
            wait_until(lambda: is_being_saved(data_dir))
            server.process.send_signal(signal.SIGTERM)
            busy.execute("ROLLBACK")
        asking.join()
        server.process.wait(60)
    assert answers[0] is not None, "the line was not cut"
    assert answers[0].status == 302
    assert faults_of(data_dir, 1) == []


def is_being_saved(data_dir):
    """The form's file is on the disk; its rows come next, and for them it has to wait."""
    return any(data_dir.glob("attachments/*/*/*.txt"))


def wait_until(is_so):
    ends = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.05)


def test_a_migration_killed_halfway_is_finished_by_the_next_run(tmp_path):
    env = environment(tmp_path / "var", PYTHONUNBUFFERED="1")
    migrating = python(
        env, "from django.core.management import call_command; call_command('migrate')"
    )
    for line in migrating.stdout:
        if "feedback.0001" in line:
            break
    migrating.kill()
    migrating.communicate()
    done = manage(env, "migrate", "-v1")
    assert "contenttypes.0001_initial" not in done.stdout, "what was done is not done again"
    assert "Applying" in done.stdout
    assert manage(env, "migrate", "--check").returncode == 0


OURS = ("kb", "feedback", "portal", "analytics")
ADDS = (
    migrations.CreateModel,
    migrations.AddField,
    migrations.AlterField,
    migrations.AlterModelOptions,
    migrations.AddIndex,
    migrations.RunPython,
)


def later_steps(*kinds):
    """What our migrations do once the first tables are there, each with its app."""
    return [
        pytest.param(app, step, id=f"{app}.{name}: {step.describe()}")
        for (app, name), migration in sorted(MigrationLoader(None).disk_migrations.items())
        if app in OURS and not migration.initial
        for step in migration.operations
        if isinstance(step, kinds or object)
    ]


@pytest.mark.parametrize(("app", "step"), later_steps())
def test_a_migration_takes_nothing_away_from_the_release_before(app, step):
    assert isinstance(step, ADDS)


@pytest.mark.django_db
@pytest.mark.parametrize(("app", "step"), later_steps(migrations.AddField))
def test_the_release_before_may_leave_out_what_it_does_not_know(app, step):
    """Its rows go in without the new column: the database itself has to know what stands there."""
    model = apps.get_model(app, step.model_name)._meta
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, model.db_table)
    (column,) = (c for c in columns if c.name == model.get_field(step.name).column)
    assert column.null_ok or column.default is not None
