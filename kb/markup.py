"""An author's text to safe HTML, and the only mark_safe in the house."""

import html
import re
from collections import Counter
from typing import NamedTuple

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
# Where pictures are served; the name of each says how wide and how high it is.
PICTURES = "/pictures/"
PICTURE = re.compile(
    rf"{PICTURES}([0-9a-f]{{32}}-([1-9]\d{{0,3}})x([1-9]\d{{0,3}})\.(?:jpg|png|webp))"
)
_IMAGE = re.compile(r"<img\b[^>]*>")
_TOLD = re.compile(r"\b(src|alt)=\"([^\"]*)\"")


class TooMuch(ValueError):
    """The text is longer or nested deeper than an article can be."""


class Image(NamedTuple):
    """An image in a text: where it lies, and what it says to those who do not see it."""

    address: str
    words: str


def clean(text):
    """The same text with only what an article may hold: no script, no style, no outside image."""
    if not text:
        return ""
    _bounded(text)
    cleaned = nh3.clean(
        _OTHERS.sub(lambda tag: f"<{tag[1]}{_SAME[tag[2].lower()]}", text),
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_own_images_only,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener",
    ).replace("\x00", "")
    # What was mended may be longer, and it has to pass here again whenever it is saved.
    return _bounded(_IMAGE.sub(_settled, cleaned))


def _bounded(text):
    if len(text) > MAX_LENGTH:
        raise TooMuch(f"The text has {len(text)} characters; {MAX_LENGTH} is the most.")
    if _depth(text) > MAX_DEPTH:
        raise TooMuch(f"The text nests deeper than {MAX_DEPTH} elements.")
    return text


def _own_images_only(tag, attribute, value):
    if (tag, attribute) == ("img", "src") and not is_ours(value):
        return None  # an outside image would tell its owner of every reader
    return value


def is_ours(address):
    """Does this image lie here? Browsers read a backslash as a slash and a tab as nothing."""
    return re.fullmatch(r"/(?![/\\])[^\t\r\n]*", address) is not None


def _settled(tag):
    """A picture of ours keeps its room on the page before it comes; no address, no image."""
    told = dict(_TOLD.findall(tag[0]))
    if "src" not in told:
        return ""
    if not (picture := PICTURE.fullmatch(told["src"])):
        return tag[0]
    return (
        f'<img src="{told["src"]}" alt="{told.get("alt", "")}" '
        f'width="{picture[2]}" height="{picture[3]}" loading="lazy">'
    )


def images(text):
    """Each image of any HTML, in reading order."""
    if "<img" not in text.lower():
        return []
    tags = nh3.clean(text, tags={"img"}, attributes={"img": {"src", "alt"}})
    return [_read(tag) for tag in _IMAGE.findall(tags)]


def _read(tag):
    told = dict(_TOLD.findall(tag))
    return Image(html.unescape(told.get("src", "")), html.unescape(told.get("alt", "")))


def without_images(cleaned, unwanted):
    """HTML that `clean` has made, without some of its images."""
    return _IMAGE.sub(lambda tag: "" if _read(tag[0]) in unwanted else tag[0], cleaned)


def picture_name(address):
    """The name of the picture at this address; None where none is ever served."""
    found = PICTURE.fullmatch(address)
    return found and found[1]


def _depth(text):
    """An upper bound of how deep elements nest, without building the tree."""
    if len(_OPENING.findall(text)) <= MAX_DEPTH:
        return 0
    opened, depth, deepest = Counter(), 0, 0
    for tag in re.finditer(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)", text):
        name = tag[2].lower()
        if name in {"br", "hr", "img"}:
            continue
        step = 1 if not tag[1] else -1 if opened[name] else 0  # what is not open closes nothing
        opened[name] += step
        depth += step
        deepest = max(deepest, depth)
    return deepest


def to_text(markup):
    """Plain text with a space for each block, so that words of two of them never grow together.

    Of an image it has what those read who do not see it.
    """
    words = _IMAGE.sub(lambda tag: f" {html.escape(_read(tag[0]).words)} ", markup or "")
    blocks = _INSIDE_A_WORD.sub("", words)
    return _SPACE.sub(" ", html.unescape(_TAG.sub(" ", blocks))).strip()


def has_content(markup):
    """Whether there is anything to read or to see in it."""
    return "<img" in markup or bool(to_text(markup))


def safe(cleaned):
    """Mark HTML that `clean` has made as ready for a template."""
    return mark_safe(cleaned)
