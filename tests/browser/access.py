"""Whether anything on a page stands in somebody's way, in every light."""

from axe_playwright_python.sync_playwright import Axe

SIZES = [{"width": 1280, "height": 900}, {"width": 320, "height": 640}]
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_COLOUR = ["color-contrast", "link-in-text-block"]


def faults(page, rules=STANDARDS):
    """What axe finds on this page, and whether it can be read without moving sideways."""
    found = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
    named = [
        f"{fault['id']}: {[node['target'] for node in fault['nodes']][:3]}"
        for fault in found.response["violations"]
    ]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        named.append("wider than the screen")
    return named


def faults_in_every_light(page):
    """Wide and narrow, light and dark."""
    found = {}
    for size in SIZES:
        page.set_viewport_size(size)
        for scheme, rules in (("light", STANDARDS), ("dark", OF_COLOUR)):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            if named := faults(page, rules):
                found[f"{scheme} {size['width']}"] = named
    return found
