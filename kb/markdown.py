"""Markdown as authors write it outside the editor: front matter, and headings that are parts."""

import re

from markdown_it import MarkdownIt

_parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_PART_HEADINGS = {"when this applies": "environment", "why it happens": "cause"}
_TITLE = re.compile(r"^#\s+(.+?)\s*#*\s*$")
_HEADING = re.compile(r"^##\s+(.+?)\s*#*\s*$")
_IMAGE = re.compile(r"!\[([^\]\n]*)\]\(([^)\s]+)\)")


def to_html(text):
    return _parser.render(text).strip() if text.strip() else ""


def to_parts(text):
    """The rich parts of an article, as HTML, from one Markdown text.

    A quotation at the very beginning is the issue, the headings "When this applies" and "Why it
    happens" begin those parts, and all the rest is the resolution.
    """
    quote, rest = _opening_quote(text.strip())
    lines = {"issue": quote, "resolution": [], "environment": [], "cause": []}
    part, is_code = "resolution", False
    for line in rest:
        is_code ^= line.lstrip().startswith(("```", "~~~"))
        heading = None if is_code else _HEADING.match(line)
        if heading:
            part = _PART_HEADINGS.get(heading[1].strip(" *?").lower(), "resolution")
        if not heading or part == "resolution":
            lines[part].append(line)
    return {part: to_html("\n".join(written)) for part, written in lines.items()}


def with_images(text, find):
    """The text with each image at the address that `find(address, words)` gives it."""
    return _IMAGE.sub(lambda image: f"![{image[1]}]({find(image[2], image[1].strip())})", text)


def own_title(text):
    """The heading a text opens with, and the text below it; None where it opens otherwise."""
    first, _line, rest = text.strip().partition("\n")
    heading = _TITLE.match(first)
    return (heading[1], rest.lstrip("\n")) if heading else (None, text)


def _opening_quote(text):
    lines = text.splitlines()
    end = next((i for i, line in enumerate(lines) if not line.startswith(">")), len(lines))
    return [line[1:].removeprefix(" ") for line in lines[:end]], lines[end:]


def front_matter(text):
    """The `key: value` lines between two `---` and the text below them.

    A list has a line `- item` for each, or stands in brackets behind its key.
    """
    if not text.startswith("---\n"):
        return {}, text
    head, mark, body = text[4:].partition("\n---")
    if not mark:
        raise ValueError("the front matter has no closing ---")
    fields, key = {}, None
    for line in head.splitlines():
        if line.startswith("#"):
            continue
        if line.lstrip().startswith("- ") and key:
            fields[key] = [*(fields[key] or []), _value(line.lstrip()[2:])]
        elif ":" in line:
            key, _colon, value = line.partition(":")
            key = key.strip()
            fields[key] = _value(value)
        elif line.strip():
            raise ValueError(f"the front matter line {line.strip()!r} is not `key: value`")
    return fields, body.lstrip("\n")


def _value(text):
    text = text.strip()
    if text.startswith("[") and text.endswith("]"):
        return [_value(item) for item in text[1:-1].split(",")]
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return text
