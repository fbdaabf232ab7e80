"""The groups are what portal/roles.py says."""

import pytest
from django.contrib.auth.models import Group

from portal.roles import ROLES


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_a_group_has_exactly_the_permissions_of_its_role(role):
    held = Group.objects.get(name=role).permissions.values_list(
        "content_type__app_label", "codename"
    )
    assert {f"{app}.{code}" for app, code in held} == ROLES[role]
