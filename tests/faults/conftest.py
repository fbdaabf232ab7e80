"""A machine for each test, with a database in it and nobody on it yet."""

import shutil
import sqlite3

import pytest

from tests.processes import environment, manage


@pytest.fixture(scope="session")
def new_machine(tmp_path_factory):
    """The data of a machine just set up; copied, because migrating takes a while."""
    folder = tmp_path_factory.mktemp("new") / "var"
    manage(environment(folder), "migrate", "-v0")
    manage(environment(folder), "collectstatic", "--noinput", "-v0")
    manage(environment(folder), "shell", "-c", "from kb import visits; visits.turn_salts()")
    return folder


@pytest.fixture
def data_dir(new_machine, tmp_path):
    return shutil.copytree(new_machine, tmp_path / "var")


@pytest.fixture
def rows(data_dir):
    """Ask the database of the machine itself, past everything of ours."""

    def ask(sql, *values):
        with sqlite3.connect(data_dir / "db.sqlite3") as database:
            return database.execute(sql, values).fetchall()

    return ask
