"""Role x action x object: what portal/roles.py grants, asked of the real pages, cell by cell."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from portal.roles import ROLES
from tests import factories

pytestmark = pytest.mark.django_db

ACTIONS = ("view", "add", "change", "delete")
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label_lower)
OURS = [model for model in MODELS if model._meta.app_label in ("portal", "feedback", "kb")]
# The desk is no form over a row: it opens for whoever sees the ticket, and its presses are moves.
STANDS_FOR = {("feedback.ticket", "change"): "feedback.work_ticket"}


def permission(model, action):
    label = model._meta.label_lower
    app, name = label.split(".")
    return STANDS_FOR.get((label, action), f"{app}.{action}_{name}")


@pytest.mark.parametrize("role", ROLES)
def test_a_group_has_exactly_the_permissions_of_its_role(role):
    held = Group.objects.get(name=role).permissions.values_list(
        "content_type__app_label", "codename"
    )
    assert {f"{app}.{code}" for app, code in held} == ROLES[role]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label_lower)
def test_each_cell_opens_for_those_who_hold_it_and_nobody_else(role, model, rf):
    request = rf.get("/admin/")
    request.user = factories.staff("colleague", role)
    page = admin.site._registry[model]
    for action in ACTIONS:
        holds = permission(model, action) in ROLES[role] or (
            # Who may change a thing may look at it.
            action == "view" and permission(model, "change") in ROLES[role]
        )
        may = getattr(page, f"has_{action}_permission")(request)
        assert not (may and not holds), f"{role} may {action} without holding it"
        if action == "view":
            assert may == holds
            client = Client()
            client.force_login(request.user)
            list_page = reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist")
            assert (client.get(list_page).status_code in (200, 302)) == holds


def addresses(patterns=None, prefix="/admin/"):
    """Every address under /admin/, with 1 for each number and word in it."""
    for pattern in patterns if patterns is not None else get_resolver("portal.urls").url_patterns:
        route = str(pattern.pattern)
        if patterns is None:
            if route == "admin/":
                yield from addresses(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            yield prefix + route
        else:
            yield from addresses(pattern.url_patterns, prefix + route)


def fill(route):
    route = re.sub(r"<[^>]*>", "1", route)
    return re.sub(r"\(\?P.*?\)|\^|\\Z|\$|\.\*", "", route)


ADDRESSES = sorted({fill(route) for route in addresses() if "(" not in fill(route)})
# How somebody comes in, and what the sign-in page itself needs.
OPEN = (
    "/admin/login/",
    "/admin/logout/",
    "/admin/inactive/",
    "/admin/password/reset/",
    "/admin/2fa/authenticate/",
    "/admin/2fa/webauthn/login/",
    "/admin/jsi18n/",
)
# What every colleague has, whatever the role: the way in, one's own account.
FOR_ALL_STAFF = (
    *OPEN,
    "/admin/2fa/",
    "/admin/sessions/",
    "/admin/password",
    "/admin/reauthenticate/",
)


@pytest.mark.parametrize("method", ["get", "post"])
def test_no_address_of_the_staff_opens_for_a_visitor(visitor, method):
    assert len(ADDRESSES) > 150, "the addresses were found"
    opened = {
        address
        for address in ADDRESSES
        if not address.startswith(OPEN)
        and getattr(visitor, method)(address).status_code not in (302, 301, 403, 404, 405)
    }
    assert opened == set()


def test_no_address_of_the_staff_takes_a_post_without_its_token(admin_user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    taken = {
        address for address in ADDRESSES if client.post(address, {"post": "yes"}).status_code != 403
    }
    assert taken == set()


def test_where_a_visitor_is_sent_to_is_the_way_in(visitor):
    for address in ADDRESSES:
        answer = visitor.get(address)
        if answer.status_code == 302 and not address.startswith(OPEN):
            there = answer.url.partition("?")[0]
            assert there.startswith(("/admin/login/", "/admin/password/")), address


def test_a_colleague_without_a_role_opens_nothing_but_their_own_account(signed_in):
    client = signed_in(factories.staff("nobody"))
    opened = {
        address
        for address in ADDRESSES
        if not address.startswith(FOR_ALL_STAFF) and client.get(address).status_code == 200
    }
    assert opened <= {"/admin/", "/admin/everything/"}, "front pages, empty, at most"
