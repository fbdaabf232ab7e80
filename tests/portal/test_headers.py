"""What every answer carries, whatever it answers."""

import pytest
from django.test import Client

from tests import factories

pytestmark = pytest.mark.django_db

FOR_READERS = (
    "/",
    "/faq/",
    "/search/?q=kettle",
    "/search/suggest/?q=ket",
    "/ask/",
    "/contact/",
    "/privacy/",
    "/accessibility/",
    "/requests/find/",
    "/requests/nobody/",
    "/nowhere/",
    "/articles/nothing-here/",
    "/feed/",
    "/sitemap.xml",
    "/robots.txt",
    "/healthz",
)
FOR_STAFF = ("/admin/", "/admin/feedback/ticket/", "/admin/kb/article/", "/admin/2fa/")


def policy(answer):
    parts = answer["Content-Security-Policy"].split("; ")
    return {part.split()[0]: part.split()[1:] for part in parts}


@pytest.mark.parametrize("address", FOR_READERS)
def test_the_strict_policy_stands_on_every_answer(visitor, address):
    answer = visitor.get(address)
    rules = policy(answer)
    assert rules["default-src"] == rules["object-src"] == rules["frame-ancestors"] == ["'none'"]
    assert rules["base-uri"] == ["'none'"]
    assert rules["script-src"] == rules["style-src"] == rules["form-action"] == ["'self'"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"
    assert "Access-Control-Allow-Origin" not in answer


def test_the_policy_is_the_same_to_the_letter_whichever_process_answers(visitor):
    policies = {visitor.get(address)["Content-Security-Policy"] for address in FOR_READERS}
    (policy,) = policies
    assert policy.split("; ") == sorted(policy.split("; "))


@pytest.mark.parametrize("address", FOR_STAFF)
def test_pages_of_the_staff_allow_nothing_inline_without_a_nonce(signed_in, sam, address):
    answer = signed_in(sam).get(address)
    rules = policy(answer)
    assert "'unsafe-inline'" not in answer["Content-Security-Policy"]
    assert "'unsafe-eval'" not in answer["Content-Security-Policy"]
    assert all(s == "'self'" or s.startswith("'nonce-") for s in rules["script-src"])
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/static/portal/site.css", 200),
        ("GET", "/static/nothing.css", 404),
        ("GET", "/requests/find", 301),
        ("GET", "/admin/", 302),
        ("GET", "/articles/%00/", 404),
        ("POST", "/faq/", 405),
        ("TRACE", "/", 405),
        ("GET", "/breaks/", 500),
        ("GET", "/fail/?error=full", 503),
    ],
)
def test_every_answer_carries_the_rules_for_browsers(visitor, settings, method, address, status):
    if address.startswith(("/breaks", "/fail")):
        settings.ROOT_URLCONF = "tests.portal.test_trouble"
        visitor.raise_request_exception = False
    answer = visitor.generic(method, address)
    assert answer.status_code == status
    if answer.streaming:
        assert b"".join(answer)
        answer.close()
    assert policy(answer)["default-src"] == ["'none'"]
    assert policy(answer)["frame-ancestors"] == ["'none'"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert "Access-Control-Allow-Origin" not in answer
    assert "Server" not in answer
    assert "X-Powered-By" not in answer


@pytest.mark.parametrize("address", FOR_READERS)
def test_every_answer_says_what_it_is(visitor, address):
    kind = visitor.get(address)["Content-Type"]
    if kind.startswith("text/") or kind.partition(";")[0].endswith("xml"):
        assert kind.endswith("; charset=utf-8"), kind
    else:
        assert kind == "application/json"


@pytest.mark.parametrize(
    "address", ["/static/", "/.git/config", "/static/../portal/settings.py", "/var/", "/manage.py"]
)
def test_no_folder_is_listed_and_no_source_is_served(visitor, address):
    assert visitor.get(address).status_code == 404


@pytest.mark.parametrize("address", FOR_READERS)
def test_readers_get_no_cookie(visitor, address):
    answer = visitor.get(address)
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")


def test_the_policy_stands_on_a_fault_too(visitor, settings):
    settings.ROOT_URLCONF = "tests.portal.test_trouble"
    visitor.raise_request_exception = False
    answer = visitor.get("/breaks/")
    assert answer.status_code == 500
    assert policy(answer)["default-src"] == ["'none'"]
    assert b"a secret" not in answer.content


def test_the_host_of_a_request_is_in_no_link(visitor, settings):
    settings.ALLOWED_HOSTS = ["*"]
    factories.article(public=True)
    for address in ("/feed/", "/sitemap.xml", "/robots.txt", "/opensearch.xml"):
        answer = visitor.get(address, HTTP_HOST="evil.example")
        assert b"evil.example" not in answer.content, address


def test_a_host_nobody_named_is_refused(visitor):
    assert visitor.get("/", HTTP_HOST="evil.example").status_code == 400


def test_a_forwarded_header_is_not_believed_by_default(visitor):
    answer = visitor.get("/feed/", HTTP_X_FORWARDED_HOST="evil.example")
    assert b"evil.example" not in answer.content


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_SEC_FETCH_SITE": "cross-site"},
        {"HTTP_SEC_FETCH_SITE": "same-site"},
        {"HTTP_ORIGIN": "https://evil.example"},
        {"HTTP_ORIGIN": "https://testserver"},
        {"HTTP_ORIGIN": "http://testserver:444"},
        {"HTTP_ORIGIN": "null"},
        {"HTTP_REFERER": "https://evil.example/page"},
    ],
)
def test_a_post_from_another_site_is_refused(visitor, headers):
    for address in ("/ask/", "/requests/find/"):
        assert visitor.post(address, {}, **headers).status_code == 403


def test_posts_of_the_staff_need_their_token(dana):
    client = Client(enforce_csrf_checks=True)
    client.force_login(dana)
    assert client.post("/admin/logout/").status_code == 403
    assert client.post("/admin/kb/article/add/", {}).status_code == 403


def test_a_picture_is_the_same_for_everybody_and_for_ever(
    visitor, signed_in, dana, pictures_folder
):
    picture = factories.picture(name="tank.jpg")
    for browser in (visitor, signed_in(dana)):
        answer = browser.get(picture.address)
        assert answer.content == picture.path.read_bytes()
        assert answer["Content-Type"] == "image/jpeg"
        assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert not answer.cookies
        assert "Vary" not in answer
    assert visitor.head(picture.address)["Content-Length"] == str(picture.path.stat().st_size)
    assert visitor.post(picture.address).status_code == 405


@pytest.mark.parametrize(
    "name", ["", f"{'0' * 32}-4x4.png", "../db.sqlite3", "..%2fdb.sqlite3", "half.png.part"]
)
def test_nothing_but_a_picture_is_served_where_pictures_are(visitor, pictures_folder, name):
    factories.picture()
    (pictures_folder / "half.png.part").write_bytes(b"half")
    answer = visitor.get(f"/pictures/{name}")
    assert answer.status_code == 404
    assert "immutable" not in answer.get("Cache-Control", "")
