"""Troubles that pass: a page that says when to come back, never a bare error."""

import errno

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.urls import path

from portal.middleware import known_methods
from portal.trouble import is_storage_trouble


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"])
def test_methods_nobody_answers_stop_at_the_door(client, method):
    answer = client.generic(method, "/healthz")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, POST")


def fail(request):
    raise ERRORS[request.GET["error"]]


ERRORS = {
    "locked": OperationalError("database is locked"),
    "full": OperationalError("database or disk is full"),
    "readonly": OperationalError("attempt to write a readonly database"),
    "no-space": OSError(errno.ENOSPC, "No space left on device"),
}


def troubled_around_the_pages(get_response):
    """A middleware that writes once the page is made, as the trail and the sessions do."""

    def answer(request):
        get_response(request)
        raise ERRORS["full"]

    return answer


def break_down(request):
    raise ValueError("a secret")


urlpatterns = [path("fail/", fail), path("breaks/", break_down)]
handler500 = "portal.views.errors.server_error"


@pytest.mark.django_db
@pytest.mark.parametrize("error", ERRORS)
def test_trouble_of_the_disk_is_503_with_retry_after(client, settings, error):
    settings.ROOT_URLCONF = __name__
    answer = client.get("/fail/", {"error": error})
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "no-store" in answer["Cache-Control"]
    assert "Content-Security-Policy" in answer


@pytest.mark.django_db
def test_trouble_outside_the_pages_is_the_same_trouble(client, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.troubled_around_the_pages"]
    client.raise_request_exception = False
    answer = client.post("/ask/answered/", {"comment": "Words worth keeping"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "Words worth keeping" in answer.content.decode()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize(
    ("error", "stays"), [("locked", False), ("readonly", False), ("full", True)]
)
def test_a_database_that_would_stay_in_trouble_is_opened_anew(client, settings, error, stays):
    """Locked by a lock of ours, or opened read-only, it would else be so until a restart; a full
    one stays open, for readers need it.
    """
    settings.ROOT_URLCONF = __name__
    connection.ensure_connection()
    client.get("/fail/", {"error": error})
    assert (connection.connection is not None) is stays


def test_a_fault_of_ours_stays_a_fault():
    assert not is_storage_trouble(OSError(errno.ENOENT, "No such file"))
    assert not is_storage_trouble(ValueError())


@pytest.mark.django_db
def test_pages_of_the_staff_are_kept_by_no_cache(client, dana, settings):
    client.force_login(dana)
    addresses = ("/admin/", "/admin/password_change/", "/admin/nowhere/", "/admin/jsi18n/")
    for address in addresses:
        assert "no-store" in client.get(address)["Cache-Control"], address
    settings.STAFF_MFA = "required"
    for address in (*addresses, "/admin/login/"):
        assert "no-store" in client.get(address)["Cache-Control"], address


@pytest.mark.django_db
def test_a_session_that_ends_is_gone_on_the_server(client, dana):
    client.force_login(dana)
    key = client.session.session_key
    client.post("/admin/logout/")
    assert not SessionStore().exists(key)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "status"),
    [("/articles/%00/", 404), ("/search/?q=a%00b&category=%00", 200), ("/faq/?page=%00", 200)],
)
def test_a_zero_byte_is_nothing_anybody_types(client, address, status):
    assert client.get(address).status_code == status


@pytest.mark.django_db
def test_head_gets_the_head_and_the_length_of_what_get_would_bring(rf):
    def page(request):
        return HttpResponse("a page", headers={"Content-Length": "6"})

    answer = known_methods(page)(rf.head("/"))
    assert (answer.content, answer["Content-Length"]) == (b"", "6")
