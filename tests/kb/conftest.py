import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _nothing_remembered():
    """What the gate has read of one test's database is no other's."""
    cache.clear()
