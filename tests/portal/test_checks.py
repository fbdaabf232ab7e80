"""What an operator is told before the portal opens."""

import pytest
from django.core.checks import run_checks


def told(settings, **deployed):
    for name, value in deployed.items():
        setattr(settings, name, value)
    return {found.id for found in run_checks(include_deployment_checks=True)}


@pytest.mark.parametrize(
    ("deployed", "number"),
    [
        ({"ALLOWED_HOSTS": ["*"]}, "askwell.E001"),
        ({"OIDC_SERVER": "http://id.example"}, "askwell.W004"),
    ],
)
def test_what_leaves_a_door_open_is_named(settings, deployed, number):
    assert number not in told(settings)
    assert number in told(settings, **deployed)


def test_a_provider_with_a_lock_is_not_named(settings):
    assert "askwell.W004" not in told(settings, OIDC_SERVER="https://id.example")
