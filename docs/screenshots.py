"""Take the README's pictures, beside a running `make run` and with its variables:

DEMO=1 DEMO_PASSWORD=… .venv/bin/python manage.py shell < docs/screenshots.py
"""

import os
from pathlib import Path

from django.conf import settings
from PIL import Image
from playwright.sync_api import sync_playwright

from feedback.models import Ticket

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
IMAGES = Path("docs/images")
SIZE = {"width": 1280, "height": 860}


def take(browser, name, address, *, scheme="light", signed_in_as=None):
    page = browser.new_page(viewport=SIZE, color_scheme=scheme)
    if signed_in_as:
        page.goto(f"{settings.SITE_URL}/admin/login/")
        page.locator("[name=login], [name=username]").first.fill(signed_in_as.username)
        page.locator("[name=password]").fill(os.environ["DEMO_PASSWORD"])
        page.keyboard.press("Enter")
        page.wait_for_load_state("networkidle")
    page.goto(f"{settings.SITE_URL}{address}", wait_until="networkidle")
    file = IMAGES / f"{name}.png"
    page.screenshot(path=file)
    page.close()
    with Image.open(file) as picture:  # a third of the bytes, and no eye tells
        few = picture.convert("RGB").quantize(200, dither=Image.Dither.NONE)
    few.save(file, optimize=True)


on_its_way = Ticket.objects.filter(stage=Ticket.Stage.DELIVERING, is_safety_concern=False)
request = on_its_way.select_related("owner").order_by("pk").last()
desk = f"/admin/feedback/ticket/{request.pk}/change/"
article = "/articles/can-i-return-something-i-was-given/"
with sync_playwright() as playwright:
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    take(chromium, "home", "/")
    take(chromium, "search", "/search/?q=how+do+I+retrun+a+gift")
    take(chromium, "request", request.get_absolute_url())
    take(chromium, "desk", desk, signed_in_as=request.owner)
    take(chromium, "article-dark", article, scheme="dark")
    chromium.close()
