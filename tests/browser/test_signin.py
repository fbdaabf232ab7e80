"""The staff's way in, in a real browser: password, a passkey, and then the passkey alone."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests import factories

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]
PASSWORD = "a kettle on a mountain"
# A security key inside the machine, whose owner has just touched it.
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def no_barrier(page):
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found] == [], page.url


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_a_colleague_registers_a_passkey_and_comes_in_with_it(
    live_server, new_page, settings, scheme, width
):
    settings.STAFF_MFA = "required"
    factories.staff("dana", "CSR", password=PASSWORD)
    # A passkey belongs to a name; an address of numbers has none.
    here = live_server.url.replace("127.0.0.1", "localhost")
    page = new_page(color_scheme=scheme, viewport={"width": width, "height": 800})
    said = []
    page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    key = page.context.new_cdp_session(page)
    key.send("WebAuthn.enable")
    key.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})

    page.goto(f"{here}/admin/feedback/ticket/")
    no_barrier(page)
    page.get_by_label("User name").fill("dana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page).to_have_url(f"{here}/admin/2fa/")
    no_barrier(page)
    page.get_by_role("link", name="Add").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_label("Name").fill("My laptop")
    page.get_by_role("checkbox").check()
    no_barrier(page)
    page.get_by_role("button", name="Add").click()
    expect(page).to_have_url(re.compile("recovery-codes"))
    no_barrier(page)

    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/admin/login/"))
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(f"{here}/admin/")
    assert said == []
