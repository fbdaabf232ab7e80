"""Put the one stylesheet of the customer's pages together: `python -m portal.styles.build`.

A page may cost 50 kB and six requests, so there is one file: the few parts of
Bootstrap that are used, the tokens, our own rules and the icons as masks.
The result is committed; tests/portal/test_looks.py fails when it is out of date.
With a folder as argument (from `npm pack bootstrap`) the vendored Bootstrap is renewed first.
"""

import hashlib
import json
import re
import sys
from pathlib import Path
from urllib.parse import quote

HERE = Path(__file__).resolve().parent
STATIC = HERE.parent / "static" / "portal"
VENDOR = HERE / "vendor"
OWN = ("base.css", "parts.css", "pages.css", "request.css", "media.css")

# What our templates and crispy's write; a rule with any other class is left out.
KEPT_CLASSES = {
    "btn", "disabled", "form-check", "form-check-input", "form-check-label", "form-control",
    "form-label", "form-select", "form-text", "invalid-feedback", "is-invalid", "visually-hidden",
    "visually-hidden-focusable", "was-validated", "mb-3",
}  # fmt: skip
DROPPED = ("was-validated", "[data-bs-theme", ":-moz-focusring", "btn-close", ":-moz-drag")
# Physical sides become logical ones, so that one file serves both directions.
LOGICAL = {
    "padding-left": "padding-inline-start",
    "padding-right": "padding-inline-end",
    "margin-left": "margin-inline-start",
    "margin-right": "margin-inline-end",
    "float:left": "float:inline-start",
    "float:right": "float:inline-end",
    "text-align:left": "text-align:start",
    "text-align:right": "text-align:end",
}


def blocks(css):
    """The top-level (head, body) pairs of a stylesheet without comments."""
    position = 0
    while (start := css.find("{", position)) != -1:
        depth, end = 1, start + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(css[end], 0)
            end += 1
        yield css[position:start].strip(), css[start + 1 : end - 1]
        position = end


def without_comments(css):
    return re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)


def trim(css):
    """The rules whose every class we use."""
    kept = []
    for head, body in blocks(css):
        if head.startswith("@media"):
            if inner := trim(body):
                kept.append(f"{head}{{{inner}}}")
        elif not head.startswith("@"):
            selectors = [s for s in re.split(r",(?![^(]*\))", head) if is_used(s)]
            if selectors:
                kept.append(f"{','.join(selectors)}{{{body}}}")
    return "".join(kept)


def is_used(selector):
    classes = set(re.findall(r"\.([a-zA-Z][\w-]*)", selector))
    return classes <= KEPT_CLASSES and not any(part in selector for part in DROPPED)


def without_unused_properties(css):
    """Drop the custom properties that no kept rule reads, until none is left to drop."""
    read = set(re.findall(r"var\((--bs-[\w-]+)", css))
    kept = re.sub(r"(--bs-[\w-]+):[^;}]*;?", lambda m: m[0] if m[1] in read else "", css)
    return kept if kept == css else without_unused_properties(kept)


def bootstrap():
    css = without_comments((VENDOR / "bootstrap.min.css").read_text())
    css = without_unused_properties(trim(css))
    for physical, logical in LOGICAL.items():
        css = css.replace(physical, logical)
    return css


def icons():
    """Each icon as a mask, so that it takes the colour of the text and costs no request."""
    rules = []
    for file in sorted((STATIC / "icons").glob("*.svg")):
        picture = file.read_text().strip().replace("#0d5c5f", "#000").replace('"', "'")
        rules.append(f'.icon-{file.stem}{{--icon:url("data:image/svg+xml,{mask(picture)}")}}')
    return "\n".join(rules)


def mask(picture):
    return quote(picture, safe=" ='/:,.()-;")


def squeeze(css):
    return re.sub(r"\s*\n\s*", "\n", without_comments(css)).strip()


def stylesheet():
    own = [STATIC / "tokens.css", *(HERE / name for name in OWN)]
    return "\n".join(
        [
            "/* Made by portal/styles/build.py; change the files there. Holds parts of Bootstrap,"
            " Copyright 2011-2025 The Bootstrap Authors, MIT licence. */",
            bootstrap(),
            *(squeeze(file.read_text()) for file in own),
            icons(),
            "",
        ]
    )


def manifest():
    """What is not ours, where it comes from, and what it must be byte for byte."""
    package = {"bootstrap.min.css": "bootstrap 5.3.9 (MIT)"} | dict.fromkeys(
        ("figtree-latin.woff2", "figtree-latin-ext.woff2"),
        "@fontsource-variable/figtree 5.3.0 (OFL-1.1)",
    )
    files = [VENDOR / "bootstrap.min.css", *sorted((STATIC / "fonts").glob("*.woff2"))]
    return {
        file.name: {
            "from": package[file.name],
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        }
        for file in files
    }


def renew(folder):
    """Take Bootstrap's file from an unpacked npm package; a source map is not shipped."""
    css = (Path(folder) / "dist" / "css" / "bootstrap.min.css").read_text()
    css = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", css).rstrip() + "\n"
    (VENDOR / "bootstrap.min.css").write_text(css)
    (VENDOR / "bootstrap.LICENSE").write_text((Path(folder) / "LICENSE").read_text())


def main(arguments):
    if arguments:
        renew(arguments[0])
        (VENDOR / "manifest.json").write_text(json.dumps(manifest(), indent=2) + "\n")
    (STATIC / "site.css").write_text(stylesheet())


if __name__ == "__main__":
    main(sys.argv[1:])
