"""How fast finding and index keeping are, against other engines over the same articles.

    SEARCH_SIZES=1000,100000 SEARCH_SITES=FOLDER python -m benchmarks search_speed

`make bench` takes 1,000 and 10,000 articles. A hundred thousand take half an hour to make, so
with SEARCH_SITES their databases and indexes are kept in a folder and used again.
"""

import json
import os
import tempfile
from pathlib import Path

from benchmarks import Table
from benchmarks.search_work import start

ENGINES = {  # how many times our page they should take, at this many articles
    "SQLite FTS5, any word": (100_000, 5),
    "PostgreSQL full text, ranked": (100_000, 20),
    "Tantivy, any word": (100_000, 1 / 8),
    "Haystack's backend as shipped, any word": (10_000, 40),
}


def run():
    sizes = [int(size) for size in os.environ.get("SEARCH_SIZES", "1000,10000").split(",")]
    with tempfile.TemporaryDirectory(prefix="bench-search") as temporary:
        kept = Path(os.environ.get("SEARCH_SITES", temporary))
        pages = {}
        for size in sizes:
            os.environ["DATA_DIR"] = str(kept / str(size))
            (kept / str(size)).mkdir(parents=True, exist_ok=True)
            found = {}
            for work in ("index", "ask", "compare"):
                found |= _done(start(work, size))
            pages[size] = found["page"]
            yield Table(
                f"Search among {size:,} articles of 250 words",
                ("what", "measured", "goal"),
                [*_rows(size, found)],
                "Milliseconds of processor time, medians; a page is ten results with snippets.",
            )
        if len(sizes) > 1:
            growth = pages[sizes[-1]] / pages[sizes[0]]
            yield Table(
                "Growth of a page of ten",
                ("from", "to", "times", "goal"),
                [(f"{sizes[0]:,}", f"{sizes[-1]:,}", f"{growth:.1f}", "at most 3")],
            )


def _done(process):
    answer, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"{process.args} ended with {process.returncode}")
    return json.loads(answer.splitlines()[-1])


def _rows(size, found):
    page = found["page"]
    yield "a page of ten", f"{page:.1f} ms", ""
    yield "the same again", f"x {found['again'] / page:.2f}", ""
    yield "a suggestion while typing", f"x {found['suggestion'] / found['again']:.2f}", "at most 1"
    yield "a word mistyped", f"x {found['mistyped'] / found['right']:.2f}", "at most 2"
    hostile = f"hostile: {found['hostile']}"
    yield hostile, f"x {found['worst'] / found['again']:.2f}", "under 10"
    yield "first search of a process", f"{found['first']:.0f} ms", "under 1,000"
    yield "memory of a web process", f"{found['memory']:.0f} MB", "at most 400 at 100,000"
    yield "publishing one article, mean", f"{found['publishing']:.0f} ms", "under 200"
    yield "the same with a merge, most", f"{found['publishing, most']:.0f} ms", ""
    yield (
        "found after, at most",
        f"{found['found after']:.2f} s of clock",
        "1, as the worker pauses for 1",
    )
    yield "a page meanwhile", f"x {found['meanwhile']:.2f}", "at most 1.5"
    if "articles a second" in found:
        yield "indexed a second", f"{found['articles a second']:.0f} articles", ""
        yield "elapsed for all of them", f"{found['rebuild, seconds']:.0f} s", ""
        yield "memory of the worker", f"{found['rebuild, MB']:.0f} MB", ""
        if "shipped articles a second" in found:
            faster = found["articles a second"] / found["shipped articles a second"]
            yield "indexing beside Haystack as shipped", f"x {faster:.2f}", "at least 1.5"
    for name, (at, times) in ENGINES.items():
        if name in found:
            goal = f"at least {times:.3g}" if at == size else ""
            yield name, f"x {found[name]:.2f}", goal
