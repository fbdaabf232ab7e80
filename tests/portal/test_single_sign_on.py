"""OpenID Connect for the staff, against a provider of our own: it opens what was invited."""

import base64
import hashlib
import http.client
import json
import re
import threading
import time
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.processes import Server, environment, manage

PERSON = {"sub": "1", "email": "dana@askwell.example", "email_verified": True, "name": "Dana"}
KEY, KEY_OF_ANOTHER = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in "ab")
CLIENT, SECRET = "askwell", "a secret that only two know, and long enough"


class Provider(BaseHTTPRequestHandler):
    """As little of an identity provider as the protocol allows; what it says can be bent."""

    def do_GET(self):
        here = f"http://127.0.0.1:{self.server.server_port}"
        path, _, query = self.path.partition("?")
        if path == "/authorize":
            self.server.asked = asked = {n: v for n, [v] in parse_qs(query).items()}
            back = urlencode({"code": "a-code", "state": asked["state"]})
            self.lead_to(f"{asked['redirect_uri']}?{back}")
        elif path == self.server.moved:
            self.lead_to(f"{here}/moved")
        elif path == "/userinfo":
            assert self.headers["Authorization"] == "Bearer a-token"
            self.say(self.server.person)
        elif path == "/keys":
            public = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
            self.say({"keys": [{**public, "kid": "ours", "use": "sig", "alg": "RS256"}]})
        else:
            self.say(
                {
                    "issuer": here,
                    "authorization_endpoint": f"{here}/authorize",
                    "token_endpoint": f"{here}/token",
                    "userinfo_endpoint": f"{here}/userinfo",
                    "jwks_uri": f"{here}/keys",
                }
                | self.server.calls_itself
            )

    def do_POST(self):
        told = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        proof = hashlib.sha256(told["code_verifier"][0].encode()).digest()
        asked = self.server.asked
        assert base64.urlsafe_b64encode(proof).decode().rstrip("=") == asked["code_challenge"]
        assert asked["code_challenge_method"] == "S256"
        assert told["client_secret"] == [SECRET]
        claims = {
            "iss": f"http://127.0.0.1:{self.server.server_port}",
            "sub": self.server.person["sub"],
            "aud": CLIENT,
            "iat": int(time.time()),
            "exp": int(time.time()) + 300,
            "nonce": asked["nonce"],
        }
        token = self.server.sign(claims)
        self.server.last = token
        given = {"access_token": "a-token", "token_type": "Bearer", "id_token": token}
        self.say({name: words for name, words in given.items() if words is not None})

    def lead_to(self, address):
        self.send_response(302)
        self.send_header("Location", address)
        self.end_headers()

    def say(self, facts):
        body = json.dumps(facts).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def sign(claims, key=KEY, algorithm="RS256", **header):
    return jwt.encode(claims, key, algorithm, headers={"kid": "ours", **header})


def without(claims, name):
    return {each: words for each, words in claims.items() if each != name}


class Browser:
    """Follows where it is led and carries cookies; nothing more."""

    def __init__(self, server):
        self.server, self.cookies = server, SimpleCookie()

    def carries(self):
        return "; ".join(f"{name}={cookie.value}" for name, cookie in self.cookies.items())

    def open(self, path, fields=None, **headers):
        sent = {"Cookie": self.carries(), **headers}
        body = urlencode(fields) if fields else None
        if body:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        answer = self.server.ask("POST" if fields else "GET", path, body, sent)
        for cookie in answer.headers.get_all("Set-Cookie", []):
            self.cookies.load(cookie)
        return answer


@pytest.fixture(scope="module")
def listening():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def provider(listening):
    listening.person, listening.sign = dict(PERSON), sign
    listening.calls_itself, listening.moved = {}, None
    return listening


@pytest.fixture(scope="module")
def home(listening, tmp_path_factory):
    env = environment(
        tmp_path_factory.mktemp("home") / "var",
        OIDC_SERVER=f"http://127.0.0.1:{listening.server_port}",
        OIDC_CLIENT_ID=CLIENT,
        OIDC_CLIENT_SECRET=SECRET,
        STAFF_MFA="required",
    )
    manage(env, "migrate", "-v0")
    manage(env, "collectstatic", "--noinput", "-v0")
    manage(env, "first_account", "dana", "dana@askwell.example")
    return env


@pytest.fixture(scope="module")
def server(home):
    with Server(home) as server:
        yield server


def set_out(browser, query="", **headers):
    """Press the button; the address at the provider that it leads to."""
    page = browser.open("/admin/login/")
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.words)[1]
    return browser.open(
        f"/admin/oidc/staff/login/{query}", {"csrfmiddlewaretoken": token}, **headers
    )


def come_back(provider, away):
    """Sign in over there; the address here that it leads back to."""
    asked = urlsplit(away.headers["Location"])
    elsewhere = http.client.HTTPConnection("127.0.0.1", provider.server_port)
    elsewhere.request("GET", f"{asked.path}?{asked.query}")
    back = urlsplit(elsewhere.getresponse().headers["Location"])
    elsewhere.close()
    return f"{back.path}?{back.query}"


def is_in(browser):
    """Known by name, and asked for our own second factor before anything opens."""
    answer = browser.open("/admin/")
    assert answer.status == 302
    return answer.headers["Location"] == "/admin/2fa/"


def comes_in(server, provider):
    browser = Browser(server)
    browser.open(come_back(provider, set_out(browser)))
    return is_in(browser)


def test_an_invited_colleague_comes_in_and_a_stranger_does_not(server, provider):
    assert comes_in(server, provider)
    provider.person = PERSON | {"sub": "2", "email": "eve@askwell.example"}
    assert not comes_in(server, provider)
    for unsure in (False, "false", None, "no"):
        provider.person = PERSON | {"sub": "3", "email_verified": unsure}
        assert not comes_in(server, provider), "an address nobody verified opens nothing"


FORGED = {
    "no token at all": lambda claims: None,
    "not a token": lambda claims: "a.b.c",
    "nobody's signature": lambda claims: sign(claims, None, "none"),
    "the signature cut off": lambda claims: sign(claims).rpartition(".")[0] + ".",
    "another's key": lambda claims: sign(claims, KEY_OF_ANOTHER),
    "a key the provider does not name": lambda claims: sign(claims, kid="theirs"),
    "the secret of the two": lambda claims: sign(claims, SECRET, "HS256"),
    "another issuer": lambda claims: sign(claims | {"iss": "https://evil.example"}),
    "no issuer": lambda claims: sign(without(claims, "iss")),
    "another audience": lambda claims: sign(claims | {"aud": "another"}),
    "more than our audience": lambda claims: sign(claims | {"aud": [CLIENT, "another"]}),
    "no audience": lambda claims: sign(without(claims, "aud")),
    "another party": lambda claims: sign(claims | {"azp": "another"}),
    "no nonce": lambda claims: sign(without(claims, "nonce")),
    "another nonce": lambda claims: sign(claims | {"nonce": "x" * 43}),
    "an empty nonce": lambda claims: sign(claims | {"nonce": ""}),
    "nonces by the dozen": lambda claims: sign(claims | {"nonce": [claims["nonce"]]}),
    "another person": lambda claims: sign(claims | {"sub": "2"}),
    "nobody": lambda claims: sign(without(claims, "sub")),
    "out of date": lambda claims: sign(claims | {"exp": int(time.time()) - 120}),
    "no end": lambda claims: sign(without(claims, "exp")),
}  # fmt: skip


@pytest.mark.parametrize("forged", FORGED)
def test_a_word_that_is_not_the_providers_to_us_opens_nothing(server, provider, forged):
    provider.sign = FORGED[forged]
    browser = Browser(server)
    answer = browser.open(come_back(provider, set_out(browser)))
    assert answer.status == 401
    assert not is_in(browser)


def test_a_word_given_once_is_not_believed_for_another_sign_in(server, provider):
    assert comes_in(server, provider)
    provider.sign = lambda claims, given=provider.last: given
    assert not comes_in(server, provider)


def test_an_answer_opens_only_the_browser_that_asked_and_only_once(server, provider):
    asked, stranger = Browser(server), Browser(server)
    back = come_back(provider, set_out(asked))
    assert stranger.open(back).status == 401
    assert not is_in(stranger)
    before = Browser(server)
    before.cookies.load(asked.carries())
    asked.open(back)
    assert is_in(asked)
    assert before.open(back).status == 401
    assert not is_in(before)


def test_a_provider_that_calls_itself_otherwise_is_not_asked(server, provider):
    provider.calls_itself = {"issuer": "https://evil.example"}
    answer = set_out(Browser(server))
    assert answer.status == 401
    provider.calls_itself = {"issuer": f"http://127.0.0.1:{provider.server_port}/"}
    assert set_out(Browser(server)).status == 401, "to the letter"


def test_no_redirect_of_the_provider_is_followed(server, provider):
    provider.moved = "/.well-known/openid-configuration"
    assert set_out(Browser(server)).status == 401


def test_whoever_lets_a_colleague_press_says_nothing_of_what_is_asked(server, provider):
    added = urlencode(
        {
            "auth_params": "redirect_uri=https://evil.example/&nonce=known&state=known&prompt=none",
            "scope": "offline_access",
        }
    )
    away = set_out(Browser(server), f"?{added}", Host=f"localhost:{server.port}")
    asked = parse_qs(urlsplit(away.headers["Location"]).query)
    assert asked["redirect_uri"] == [
        f"http://127.0.0.1:{server.port}/admin/oidc/staff/login/callback/"
    ]
    assert "known" not in (*asked["nonce"], *asked["state"])
    assert {*asked["scope"][0].split()} == {"openid", "profile", "email"}
    assert "prompt" not in asked


def test_a_colleague_who_was_sent_away_does_not_come_in(server, provider, home):
    from_then_on = "from portal.models import User; User.objects.update(is_active={})"
    assert comes_in(server, provider)
    manage(home, "shell", "-v0", "-c", from_then_on.format(False))
    assert not comes_in(server, provider)
    manage(home, "shell", "-v0", "-c", from_then_on.format(True))
    assert comes_in(server, provider)


def test_tries_are_in_the_trail(server, provider, home):
    provider.sign = FORGED["another's key"]
    assert not comes_in(server, provider)
    told = manage(
        home, "shell", "-v0", "-c",
        "from portal.models import AuditEntry; e = AuditEntry.objects.first(); "
        "print(e.action, e.outcome, e.network)",
    )  # fmt: skip
    assert told.stdout.split() == ["sign-in", "refused", "127.0.0.1"]
