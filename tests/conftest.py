"""The cast: who walks through the tests."""

import pytest
from django.test import Client

from tests import factories


@pytest.fixture(autouse=True)
def _unhurried(settings):
    """A test may press a button as often as it likes, and passwords cost no time."""
    settings.RATE_LIMITS = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


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
