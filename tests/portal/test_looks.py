"""One stylesheet, made from its sources; colours that can be read; pages that weigh little."""

import gzip
import json
import re

import pytest
from django.template.loader import get_template

from portal.styles import build

TEXT = ("text", "muted", "accent", "accent-strong", "warn", "danger", "ok")
PAPER = ("bg", "surface", "sunken", "accent-soft", "warn-soft", "danger-soft", "ok-soft", "mark")


def colours(css):
    return dict(re.findall(r"--aw-([\w-]+): (#\w{6})", css))


LIGHT_PART, DARK_PART = (build.STATIC / "tokens.css").read_text().split("@media")
LIGHT = colours(LIGHT_PART)
DARK = LIGHT | colours(DARK_PART)


def luminance(colour):
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_colour_can_be_read_on_every_paper(scheme):
    pairs = [(text, paper) for text in TEXT for paper in PAPER]
    faint = [pair for pair in pairs if contrast(*(scheme[name] for name in pair)) < 4.5]
    assert faint == []
    assert contrast(scheme["on-accent"], scheme["accent"]) >= 4.5
    assert contrast(scheme["line-strong"], scheme["bg"]) >= 3
    assert contrast(scheme["line-strong"], scheme["surface"]) >= 3


def test_the_stylesheet_is_what_its_sources_make():
    assert (build.STATIC / "site.css").read_text() == build.stylesheet(), (
        "Run: python -m portal.styles.build"
    )


def test_what_is_not_ours_is_byte_for_byte_what_the_manifest_says():
    assert json.loads((build.VENDOR / "manifest.json").read_text()) == build.manifest()


def test_the_mark_in_the_page_is_the_mark_of_its_icon():
    drawn = (build.STATIC / "mark.svg").read_text(), get_template("partials/mark.svg").render()
    one, other = (re.findall(r' d="([^"]+)"', drawing) for drawing in drawn)
    assert one == other


def test_no_stylesheet_or_script_names_a_source_map_or_another_site():
    shipped = [*build.STATIC.rglob("*.css"), *build.STATIC.rglob("*.js")]
    for file in shipped:
        text = file.read_text()
        assert "sourceMappingURL" not in text, file
        outside = re.findall(r"(?:@import|url\(|src=|from)\s*[\"']?https?://", text)
        assert outside == [], file


def test_styles_name_no_side_that_would_be_wrong_from_right_to_left():
    physical = re.compile(
        r"(?<![\w-])(margin|padding|border)-(left|right)\s*:|text-align:\s*(left|right)"
    )
    for name in build.OWN:
        assert physical.search((build.HERE / name).read_text()) is None, name


def test_a_page_weighs_at_most_50_kilobytes(visitor, db):
    """Page, stylesheet, type, mark and script: what a first visit fetches, packed."""
    packed = sum(
        len(gzip.compress((build.STATIC / name).read_bytes()))
        for name in ("site.css", "mark.svg", "suggest.js", "ask.js")
    ) + sum((build.STATIC / f"fonts/{name}.woff2").stat().st_size for name in ("figtree-latin",))
    for address in ("/ask/", "/search/?q=xylophone"):
        page = visitor.get(address, HTTP_ACCEPT_ENCODING="gzip")
        assert packed + len(page.content) <= 50_000, address
