"""A real browser, for what only a browser can tell."""

import os
import shutil

import pytest
from django.db import connection
from django.test import Client

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SWITCHES = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE = 30_000  # ms: a busy machine is slow, not wrong


@pytest.fixture(scope="session")
def browser(django_db_setup):
    if not CHROMIUM:
        pytest.skip("Chromium is not installed: apt install chromium")
    from playwright.sync_api import expect, sync_playwright

    # Playwright keeps an event loop in this thread; the tests' queries are still plain ones.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    expect.set_options(timeout=PATIENCE)
    shipped = getattr(connection, "_test_serialized_contents", "[]")
    with sync_playwright() as playwright:
        # Inside that loop Django hands out another connection object to the same database;
        # it too has to know the rows that migrations ship, to put them back after each test.
        connection._test_serialized_contents = shipped
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield started
        started.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def new_page(browser):
    """Somebody opens a browser of their own: `new_page(color_scheme="dark")`."""
    contexts, under_way = [], set()

    def open_page(**options):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)
        context.set_default_timeout(PATIENCE)
        context.on("request", lambda request: under_way.add(request))
        context.on("requestfinished", lambda request: under_way.discard(request))
        context.on("requestfailed", lambda request: under_way.discard(request))
        contexts.append(context)
        return context.new_page()

    yield open_page
    # What the pages still ask is answered before the database is emptied; nothing new begins.
    for context in contexts:
        context.route("**/*", lambda route: route.abort())
        for page in context.pages[:1]:
            for _ in range(100):
                if under_way:
                    page.wait_for_timeout(20)
        context.close()


@pytest.fixture
def staff_page(new_page, live_server, settings):
    """A colleague's own browser, signed in, that remembers what the console complained of."""

    def open_page(user, **options):
        client = Client()
        client.force_login(user)
        page = new_page(**options)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies(
            [{"name": cookie.key, "value": cookie.value, "url": live_server.url}]
        )
        page.complaints = []
        page.on("console", lambda m: m.type == "error" and page.complaints.append(m.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        return page

    return open_page
