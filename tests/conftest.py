"""The cast: who walks through the tests."""

from itertools import count

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection
from django.test import Client
from haystack import connections
from pytest_django.plugin import blocking_manager_key

from kb.search import curated
from tests import factories

_folders = count()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    """Where tests run side by side, one that empties the tables leaves them as they were made."""
    result = yield
    if nextitem is not None and _empties_tables(item) and not _empties_tables(nextitem):
        with item.config.stash[blocking_manager_key].unblock():
            _fill_tables_again()
    return result


def _empties_tables(item):
    marker = item.get_closest_marker("django_db")
    return marker is not None and marker.kwargs.get("transaction", False)


def _fill_tables_again():
    if as_made := getattr(connection, "_test_serialized_contents", None):
        call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)
        connection.creation.deserialize_db_from_string(as_made)
        # Rows put back with their numbers leave PostgreSQL counting from one again.
        with connection.cursor() as cursor:
            for sql in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
                cursor.execute(sql)


@pytest.fixture(autouse=True)
def _unhurried(settings):
    """A test may press a button as often as it likes, and passwords cost no time."""
    settings.RATE_LIMITS = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _nothing_remembered():
    """What was read of one test's database is no other's."""
    cache.clear()


@pytest.fixture
def pages_are_kept(settings, tmp_path):
    """Readers' pages are kept ready, as in production, and none of another test's."""
    from portal import kept

    settings.KEEP_PAGES, settings.DATA_DIR = True, tmp_path
    kept.shelf.clear()
    yield
    kept.shelf.clear()


@pytest.fixture
def visitor():
    """Somebody from the street: no account, no cookie."""
    return Client()


@pytest.fixture
def customer(db):
    return factories.customer(name="Maria Lindqvist", email="maria@example.org")


@pytest.fixture
def other_customer(db):
    return factories.customer(name="Tom Baker", email="tom@example.org")


@pytest.fixture
def dana(db):
    """A CSR."""
    return factories.staff("dana", "CSR")


@pytest.fixture
def priya(db):
    """Another CSR."""
    return factories.staff("priya", "CSR")


@pytest.fixture
def contributor(db):
    return factories.staff("cleo", "KB contributor")


@pytest.fixture
def publisher(db):
    return factories.staff("pat", "KB publisher")


@pytest.fixture
def sam(db):
    """The manager."""
    return factories.staff("sam", "Manager", "KB publisher")


@pytest.fixture
def signed_in():
    """A browser in which this colleague is signed in: `signed_in(dana).get(…)`."""

    def sign_in(user):
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def pictures_folder(settings, tmp_path):
    """Where the pictures of this test lie, and none of another's."""
    settings.PICTURE_DIR = tmp_path / "pictures"
    return settings.PICTURE_DIR


@pytest.fixture(autouse=True)
def index_folder(tmp_path_factory, monkeypatch):
    """Each test has a search index of its own; it is made when `search_index` or a worker asks."""
    folder = tmp_path_factory.getbasetemp() / f"index-{next(_folders)}"
    for alias, options in connections.connections_info.items():
        monkeypatch.setitem(options, "PATH", folder / alias)
        connections.reload(alias)
    curated.synonyms.forget()
    curated.pins.forget()
    return folder


@pytest.fixture
def search_index(db):
    """Bring the index up to the rows of this test: `search_index()`; called once already."""
    from kb.search import keeping

    keeping.apply_changes()
    return keeping.apply_changes
