"""How the staff come in, and how they go."""

import re
import time
from io import StringIO

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.management import CommandError, call_command
from django.test import Client

from feedback.models import ContactChannel, OutboundEmail
from portal.models import User
from tests import factories

pytestmark = pytest.mark.django_db
PASSWORD = "a kettle on a mountain"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def dana(db):
    return factories.staff("dana", "CSR", password=PASSWORD)


def sign_in(client, password=PASSWORD, username="dana", **extra):
    return client.post("/admin/login/", {"username": username, "password": password, **extra})


def is_in(client):
    return client.get("/admin/").status_code == 200


def totp_code(at=None, secret=SECRET):
    counter = int(at or time.time()) // 30
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def test_a_colleague_signs_in_where_the_admin_sends_them(client, dana):
    door = client.get("/admin/feedback/ticket/")
    assert door.url.startswith("/admin/login/?next=")
    answer = sign_in(client, next="/admin/")
    assert answer.url == "/admin/"
    assert is_in(client)


def test_the_page_says_alike_for_a_wrong_name_and_a_wrong_password(client, dana):
    wrong_password = sign_in(client, "not this one")
    wrong_name = sign_in(client, username="nobody")
    words = [
        re.findall(r"errorlist.*?</ul>", a.content.decode(), re.S)
        for a in (wrong_password, wrong_name)
    ]
    assert words[0] == words[1] != []


@pytest.mark.parametrize(
    "name", ["dana", "dana@askwell.example", "nobody", "nobody@askwell.example", "DANA"]
)
def test_a_try_takes_as_long_whoever_is_meant(client, dana, monkeypatch, name):
    """The one thing that takes time is hashing what was typed: it is done once for anybody."""
    hashed, real = [], MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda *words: hashed.append(words) or real(*words)
    )
    sign_in(client, "not this one", name)
    assert len(hashed) == 1


def test_a_customer_who_lands_on_the_sign_in_page_finds_a_person(client, db):
    ContactChannel.objects.create(kind="phone", value="0800 000 000")
    page = client.get("/admin/login/").content.decode()
    assert 'href="/ask/"' in page
    assert 'href="tel:0800000000"' in page


def test_nobody_signs_up(client):
    assert client.get("/admin/signup/").status_code in (302, 404)
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)",
        "http://localhost/", "http://127.0.0.1/", "http://testserver/", "https://testserver/",
    ],
)  # fmt: skip
def test_next_leads_nowhere_outside(client, dana, address):
    assert sign_in(client, next=address).url == "/admin/"


def test_signing_in_changes_the_session(client, dana):
    client.get("/admin/login/")
    before = client.cookies.get("session")
    sign_in(client)
    assert before is None or client.cookies["session"].value != before.value


def test_signing_out_needs_a_press(client, dana):
    sign_in(client)
    client.get("/admin/logout/")
    assert is_in(client)
    client.post("/admin/logout/")
    assert not is_in(client)


def test_half_an_hour_without_a_press_ends_the_session(client, dana):
    with time_machine.travel("2026-03-02T09:00:00Z", tick=False) as clock:
        sign_in(client)
        clock.shift(29 * 60)
        assert is_in(client)
        clock.shift(29 * 60)
        assert is_in(client)
        clock.shift(31 * 60)
        assert not is_in(client)


def test_a_page_that_keeps_itself_true_keeps_nobody_signed_in(client, dana):
    with time_machine.travel("2026-03-02T09:00:00Z", tick=False) as clock:
        sign_in(client)
        for _minute in range(31):
            clock.shift(60)
            client.get("/admin/", headers={"X-Refresh": "home"})
        assert not is_in(client)


def test_half_a_day_ends_the_session_however_busy(client, dana):
    with time_machine.travel("2026-03-02T09:00:00Z", tick=False) as clock:
        sign_in(client)
        for _ in range(24 * 3 - 1):
            clock.shift(10 * 60)
            assert is_in(client)
        clock.shift(11 * 60)
        assert not is_in(client)


def test_a_disabled_account_is_out_at_once(client, dana):
    sign_in(client)
    User.objects.update(is_active=False)
    assert not is_in(client)


def test_a_new_password_ends_the_other_sessions(client, dana):
    sign_in(client)
    dana.set_password("another mountain entirely")
    dana.save()
    assert not is_in(client)


def test_a_second_factor_is_asked_for_after_the_password(client, dana):
    totp.TOTP.activate(dana, SECRET)
    assert sign_in(client).url.startswith("/admin/2fa/authenticate/")
    assert not is_in(client)
    client.post("/admin/2fa/authenticate/", {"code": totp_code()})
    assert is_in(client)


@time_machine.travel("2026-03-02T09:00:10Z", tick=False)
def test_a_code_works_once_even_for_another_process(dana, monkeypatch):
    totp.TOTP.activate(dana, SECRET)
    # Another process would not see what this one has in its own memory.
    monkeypatch.setattr(totp.TOTP, "_mark_code_used", lambda self, code: True)
    first, second = Client(), Client()
    for client in (first, second):
        sign_in(client)
        client.post("/admin/2fa/authenticate/", {"code": totp_code()})
    assert is_in(first)
    assert not is_in(second)


@time_machine.travel("2026-03-02T09:00:10Z", tick=False)
def test_the_code_that_set_it_up_does_not_sign_in(client, dana):
    sign_in(client)
    client.post("/admin/reauthenticate/", {"password": PASSWORD})
    page = client.get("/admin/2fa/totp/activate/").content.decode()
    code = totp_code(secret=re.search(r"\b[A-Z2-7]{32}\b", page)[0])
    assert client.post("/admin/2fa/totp/activate/", {"code": code}).status_code == 302
    other = Client()
    sign_in(other)
    other.post("/admin/2fa/authenticate/", {"code": code})
    assert not is_in(other)


def test_a_recovery_code_works_once(dana):
    totp.TOTP.activate(dana, SECRET)
    code = RecoveryCodes.activate(dana).generate_codes()[0]
    first, second = Client(), Client()
    for client in (first, second):
        sign_in(client)
        client.post("/admin/2fa/authenticate/", {"code": code})
    assert is_in(first)
    assert not is_in(second)


def test_secrets_of_second_factors_are_long_and_never_the_same(dana, priya):
    codes = {*RecoveryCodes.activate(dana).generate_codes()}
    codes |= {*RecoveryCodes.activate(priya).generate_codes()}
    assert len(codes) == 20
    assert min(map(len, codes)) >= 8, "more than 20 bits each"
    assert len({totp.generate_totp_secret() for _ in range(20)}) == 20
    assert len(totp.generate_totp_secret()) >= 32


def test_secrets_of_second_factors_are_not_readable_in_the_database(dana):
    totp.TOTP.activate(dana, SECRET)
    RecoveryCodes.activate(dana)
    assert SECRET not in str(list(Authenticator.objects.values_list("data", flat=True)))


def test_where_a_second_factor_is_required_nothing_opens_without_one(client, dana, settings):
    settings.STAFF_MFA = "required"
    sign_in(client)
    for address in ("/admin/", "/admin/feedback/ticket/", "/admin/sessions/"):
        assert client.get(address).url == "/admin/2fa/"
    assert client.get("/admin/2fa/").status_code == 200
    totp.TOTP.activate(dana, SECRET)
    assert is_in(client)


def test_guessing_is_slowed_down_and_the_colleague_still_gets_in(client, dana, settings):
    settings.RATE_LIMITS = True
    with time_machine.travel("2026-03-02T09:00:00Z", tick=False) as clock:
        sign_in(client)
        client.post("/admin/logout/")
        outsider = Client()
        for n in range(12):
            answer = outsider.post(
                "/admin/login/",
                {"username": "dana", "password": f"guess {n}"},
                REMOTE_ADDR=f"203.0.113.{n}",
            )
        assert answer.status_code == 429
        sign_in(client)
        assert is_in(client), "a browser she used before counts for itself"
        clock.shift(60)
        newcomer = Client()
        sign_in(newcomer)
        assert is_in(newcomer), "and from a new one she is in within the minute"


def test_a_forgotten_password_is_answered_alike_for_strangers(client, dana):
    known = client.post("/admin/password/reset/", {"email": dana.email})
    unknown = client.post("/admin/password/reset/", {"email": "who@example.org"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert list(OutboundEmail.objects.values_list("to", flat=True)) == [dana.email]


def test_a_reset_link_works_once_and_does_not_skip_the_second_factor(client, dana):
    totp.TOTP.activate(dana, SECRET)
    client.post("/admin/password/reset/", {"email": dana.email})
    link = re.search(r"/admin/password/reset/key/\S+", OutboundEmail.objects.get().text)[0]
    new = {"password1": "a boat under a bridge", "password2": "a boat under a bridge"}
    form = client.get(link)
    assert client.post(form.url, new).status_code == 302
    assert not is_in(client)
    assert sign_in(client, "a boat under a bridge").url.startswith("/admin/2fa/authenticate/")
    assert client.get(link).status_code == 200, "a used link says so instead of opening"
    assert not is_in(Client())


@pytest.mark.parametrize(
    "password", ["short", "dana@askwell.example", "1q2w3e4r5t6y", "Askwell-2026"]
)
def test_a_poor_password_is_refused(client, dana, password):
    sign_in(client)
    client.post(
        "/admin/password/change/",
        {"oldpassword": PASSWORD, "password1": password, "password2": password},
    )
    dana.refresh_from_db()
    assert dana.check_password(PASSWORD)


@pytest.mark.parametrize(
    "password",
    ["only lower letters here", "12 numbers 4077 1188", "x" * 8 + "y" * 120, "  Spaces around  "],
)
def test_any_long_password_is_taken_and_checked_to_the_letter(client, dana, password):
    sign_in(client)
    client.post(
        "/admin/password/change/",
        {"oldpassword": PASSWORD, "password1": password, "password2": password},
    )
    for nearly in (password.upper(), password.strip()[:-1], password[:72]):
        if nearly != password:
            assert not is_in_with(nearly)
    assert is_in_with(password)


def is_in_with(password):
    client = Client()
    sign_in(client, password)
    return is_in(client)


def test_a_new_password_needs_the_old_one(client, dana):
    sign_in(client)
    new = {"password1": "a boat under a bridge", "password2": "a boat under a bridge"}
    client.post("/admin/password/change/", {"oldpassword": "not mine", **new})
    dana.refresh_from_db()
    assert dana.check_password(PASSWORD)


def test_password_managers_are_welcome(client, db):
    page = client.get("/admin/login/").content.decode()
    field = re.search(r'<input[^>]*name="password"[^>]*>', page)[0]
    assert 'type="password"' in field
    assert 'autocomplete="current-password"' in field
    assert "onpaste" not in page


def test_a_session_cannot_be_guessed(client, dana):
    sign_in(client)
    key = client.cookies["session"].value
    assert len(key) == 32, "of 36 letters: 165 bits"
    other = Client()
    sign_in(other)
    assert other.cookies["session"].value != key


def test_every_page_of_the_staff_leads_out(client, dana):
    sign_in(client)
    for address in ("/admin/", "/admin/kb/article/", "/admin/2fa/", "/admin/sessions/"):
        assert "/admin/logout/" in client.get(address).content.decode(), address


def test_the_first_account_is_opened_by_a_link_that_works_once(client):
    out = StringIO()
    call_command("first_account", "alex", "alex@example.org", stdout=out)
    link = out.getvalue().strip().removeprefix("http://127.0.0.1:8000")
    new = {"password1": "a boat under a bridge", "password2": "a boat under a bridge"}
    form = client.get(link)
    client.post(form.url, new)
    sign_in(client, "a boat under a bridge", "alex")
    assert is_in(client)
    assert Client().get(link).status_code == 200
    with pytest.raises(CommandError):
        call_command("first_account", "eve", "eve@example.org")


def test_a_new_colleague_is_invited_and_chooses_the_password(admin_client, client):
    admin_client.post(
        "/admin/portal/user/add/",
        {"username": "kim", "first_name": "Kim", "last_name": "Lee", "email": "kim@example.org"},
    )
    assert not User.objects.get(username="kim").has_usable_password()
    link = re.search(r"/admin/password/reset/key/\S+", OutboundEmail.objects.get().text)[0]
    new = {"password1": "a boat under a bridge", "password2": "a boat under a bridge"}
    client.post(client.get(link).url, new)
    sign_in(client, "a boat under a bridge", "kim")
    assert is_in(client)


def test_a_link_is_worth_nothing_after_an_hour(client, dana):
    with time_machine.travel("2026-03-02T09:00:00Z", tick=False) as clock:
        client.post("/admin/password/reset/", {"email": dana.email})
        link = re.search(r"/admin/password/reset/key/\S+", OutboundEmail.objects.get().text)[0]
        clock.shift(3601)
        assert client.get(link).status_code == 200
        clock.shift(-2)
        assert client.get(link).status_code == 302
