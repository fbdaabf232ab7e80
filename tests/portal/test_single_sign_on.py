"""OpenID Connect for the staff, against a provider of our own: it opens what was invited."""

import http.client
import json
import re
import threading
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.processes import Server, environment, manage

PERSON = {"sub": "1", "email": "dana@askwell.example", "email_verified": True, "name": "Dana"}


class Provider(BaseHTTPRequestHandler):
    """As little of an identity provider as the protocol allows."""

    def do_GET(self):
        here = f"http://127.0.0.1:{self.server.server_port}"
        path, _, query = self.path.partition("?")
        if path == "/authorize":
            asked = parse_qs(query)
            assert asked["code_challenge_method"] == ["S256"]
            back = urlencode({"code": "a-code", "state": asked["state"][0]})
            self.send_response(302)
            self.send_header("Location", f"{asked['redirect_uri'][0]}?{back}")
            self.end_headers()
        elif path == "/userinfo":
            self.say(self.server.person)
        else:
            self.say(
                {
                    "issuer": here,
                    "authorization_endpoint": f"{here}/authorize",
                    "token_endpoint": f"{here}/token",
                    "userinfo_endpoint": f"{here}/userinfo",
                    "jwks_uri": f"{here}/keys",
                }
            )

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.say({"access_token": "a-token", "token_type": "Bearer"})

    def say(self, facts):
        body = json.dumps(facts).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Browser:
    """Follows where it is led and carries cookies; nothing more."""

    def __init__(self, server):
        self.server, self.cookies = server, SimpleCookie()

    def open(self, path, fields=None):
        sent = {"Cookie": "; ".join(f"{n}={c.value}" for n, c in self.cookies.items())}
        body = urlencode(fields) if fields else None
        if body:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        answer = self.server.ask("POST" if fields else "GET", path, body, sent)
        for cookie in answer.headers.get_all("Set-Cookie", []):
            self.cookies.load(cookie)
        return answer


@pytest.fixture
def provider():
    server = HTTPServer(("127.0.0.1", 0), Provider)
    server.person = PERSON
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def server(provider, tmp_path):
    env = environment(
        tmp_path / "var",
        OIDC_SERVER=f"http://127.0.0.1:{provider.server_port}",
        OIDC_CLIENT_ID="askwell",
        OIDC_CLIENT_SECRET="a secret",
    )
    manage(env, "migrate", "-v0")
    manage(env, "collectstatic", "--noinput", "-v0")
    manage(env, "first_account", "dana", "dana@askwell.example")
    with Server(env) as server:
        yield server


def come_in(server, provider):
    browser = Browser(server)
    page = browser.open("/admin/login/")
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.words)[1]
    away = browser.open("/admin/oidc/staff/login/", {"csrfmiddlewaretoken": token})
    asked = urlsplit(away.headers["Location"])
    elsewhere = http.client.HTTPConnection("127.0.0.1", provider.server_port)
    elsewhere.request("GET", f"{asked.path}?{asked.query}")
    back = urlsplit(elsewhere.getresponse().headers["Location"])
    elsewhere.close()
    browser.open(f"{back.path}?{back.query}")
    return browser.open("/admin/").status


def test_an_invited_colleague_comes_in_and_a_stranger_does_not(server, provider):
    assert come_in(server, provider) == 200
    provider.person = PERSON | {"sub": "2", "email": "eve@askwell.example"}
    assert come_in(server, provider) == 302
    provider.person = PERSON | {"sub": "3", "email_verified": False}
    assert come_in(server, provider) == 302, "an address nobody verified opens nothing"
