"""An author's text to safe HTML, and the only mark_safe in the house."""

import html
import re

import nh3
from django.utils.safestring import mark_safe

TAGS = {
    "p", "br", "hr", "strong", "em", "u", "s", "sub", "sup", "code", "pre", "blockquote",
    "h2", "h3", "h4", "ul", "ol", "li", "a", "img", "figure", "figcaption",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "th": {"colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
}
# What other programs write, in our own words: a page has one h1, its title.
_SAME = {"h1": "h2", "h5": "h4", "h6": "h4", "b": "strong", "i": "em"}
_OTHERS = re.compile(r"<(/?)(h[156]|b|i)(?=[\s/>])", re.IGNORECASE)
# The sanitiser's time grows with the square of the nesting; nobody writes this deep by hand.
MAX_LENGTH = 200_000
MAX_DEPTH = 200
_OPENING = re.compile(r"<[a-zA-Z]")
_TAG = re.compile(r"<[^>]*>")
_INSIDE_A_WORD = re.compile(r"</?(?:strong|em|u|s|sub|sup|code|a)(?:\s[^>]*)?>")
_SPACE = re.compile(r"\s+")


class TooMuch(ValueError):
    """The text is longer or nested deeper than an article can be."""


def clean(text):
    """The same text with only what an article may hold: no script, no style, no outside image."""
    if not text:
        return ""
    if len(text) > MAX_LENGTH:
        raise TooMuch(f"The text has {len(text)} characters; {MAX_LENGTH} is the most.")
    if _depth(text) > MAX_DEPTH:
        raise TooMuch(f"The text nests deeper than {MAX_DEPTH} elements.")
    return nh3.clean(
        _OTHERS.sub(lambda tag: f"<{tag[1]}{_SAME[tag[2].lower()]}", text),
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_own_images_only,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener",
    ).replace("\x00", "")


def _own_images_only(tag, attribute, value):
    if (tag, attribute) == ("img", "src") and not re.match(r"/(?!/)", value):
        return None  # an outside image would tell its owner of every reader
    return value


def _depth(text):
    """An upper bound of how deep elements nest, without building the tree."""
    if len(_OPENING.findall(text)) <= MAX_DEPTH:
        return 0
    depth = deepest = 0
    for tag in re.finditer(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)", text):
        if tag[2].lower() in {"br", "hr", "img"}:
            continue
        depth = max(0, depth - 1) if tag[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


def to_text(markup):
    """Plain text with a space for each block, so that words of two of them never grow together."""
    blocks = _INSIDE_A_WORD.sub("", markup or "")
    return _SPACE.sub(" ", html.unescape(_TAG.sub(" ", blocks))).strip()


def has_content(markup):
    """Whether there is anything to read or to see in it."""
    return "<img" in markup or bool(to_text(markup))


def safe(cleaned):
    """Mark HTML that `clean` has made as ready for a template."""
    return mark_safe(cleaned)
