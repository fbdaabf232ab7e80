"""Take the README's pictures: `DEMO=1 DEMO_PASSWORD=… python docs/screenshots.py` beside `make run`."""

import os
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

import portal  # noqa: E402, F401 (chooses the database library before Django loads)
import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402

from feedback.models import Ticket  # noqa: E402

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
SIZE = {"width": 1280, "height": 860}


def main():
    on_the_way = Ticket.objects.filter(stage=Ticket.Stage.DELIVERING, is_safety_concern=False)
    request = on_the_way.order_by("pk").last()
    pictures = [
        ("home", "/", SIZE, "light"),
        ("search", "/search/?q=how+do+I+retrun+a+gift", SIZE, "light"),
        ("request", request.get_absolute_url(), SIZE, "light"),
        ("article-dark", "/articles/can-i-return-something-i-was-given/", SIZE, "dark"),
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, address, size, scheme in pictures:
            page = browser.new_page(viewport=size, color_scheme=scheme)
            take(page, name, address)
        desk(browser, request)
        browser.close()


def take(page, name, address):
    page.goto(f"{settings.SITE_URL}{address}", wait_until="networkidle")
    file = HOME / "docs" / "images" / f"{name}.png"
    page.screenshot(path=file)
    page.close()
    with Image.open(file) as picture:  # a third of the bytes, and no eye tells
        few = picture.convert("RGB").quantize(200, dither=Image.Dither.NONE)
    few.save(file, optimize=True)


def desk(browser, request):
    """What a colleague sees: the ticket's desk."""
    page = browser.new_page(viewport=SIZE)
    page.goto(f"{settings.SITE_URL}/admin/login/")
    page.locator("[name=login], [name=username]").first.fill(request.owner.username)
    page.locator("[name=password]").fill(os.environ["DEMO_PASSWORD"])
    page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")
    take(page, "desk", f"/admin/feedback/ticket/{request.pk}/change/")


if __name__ == "__main__":
    main()
