"""What `search_speed` measures, each piece of work in a process of its own.

    python -m benchmarks.search_work index|ask|publish|compare SIZE

works in the folder that DATA_DIR names and ends with one line of JSON.
"""

import json
import os
import random
import resource
import statistics
import subprocess
import sys
import time

QUESTIONS = 40
PUBLISHED = 12
HOSTILE = {
    "nothing": "",
    "one letter": "a",
    "question words only": "how do i get my",
    "signs only": "?!,.;:-()[]{}*~^",
    "10,000 characters": "parcel " * 1430,
    "NUL and lone surrogates": "pay\x00ment \ud800 \udfff",
    "right-to-left marks": "\u202epay\u202c \u200fcard",
    "HTML": "<script>alert('x')</script> <b>parcel</b>",
    "SQL": "'; DROP TABLE kb_article; --",
    "Whoosh syntax": "[a TO zzzz] title:* pay~5 NOT (a OR b)^3",
    "a word of 5,000 letters": "x" * 5_000,
}


# --- Work ----------------------------------------------------------------------------------


def index(size):
    """Fill the database, then make both indexes as `rebuild_index` does."""
    from benchmarks import search_site
    from kb.search import keeping
    from portal import chores

    search_site.fill(size)
    chores.count_rows()  # the worker does so every hour
    found = {}
    for backend in keeping.backends():
        if not backend.index.exists():
            seconds, began = time.process_time(), time.perf_counter()
            keeping.rebuild(backend)
            found.setdefault("articles a second", size / (time.process_time() - seconds))
            found.setdefault("rebuild, seconds", time.perf_counter() - began)
    return found | {"rebuild, MB": _peak()}


def ask(size):
    """A web process from its first search on, alone and while articles are published."""
    began = time.process_time()
    _page("how do i begin")
    first = (time.process_time() - began) * 1000
    asked = questions()
    found = {
        "first": first,
        "page": median(asked, _page),
        "again": median(asked, _page),
        "suggestion": median([question[:-2] for question in asked], _suggestion),
        "mistyped": median(mistyped(asked), _page),
        "right": median([f"{question} ?" for question in asked], _page),
    }
    hostile = HOSTILE | {"500 different words": " ".join(f"{w}{n}" for n, w in enumerate(_many()))}
    times = {name: median([text] * 5, _page) for name, text in hostile.items()}
    found["worst"], found["hostile"] = max((taken, name) for name, taken in times.items())
    found["memory"] = _peak()
    publisher = start("publish", size)
    meanwhile = []
    while publisher.poll() is None:
        meanwhile.append(median(asked[:5], _page))
    quiet = median(asked[:5], _page)
    found["meanwhile"] = statistics.median(meanwhile) / quiet
    return found | json.loads(publisher.stdout.read().splitlines()[-1])


def publish(size):
    """What the worker does for one article, and how long until it can be found."""
    from benchmarks import search_site
    from kb.models import Article
    from kb.search import keeping, search

    keeping.apply_changes()
    work, found_after = [], []
    rows = Article.objects.select_related("latest_revision")
    for turn, pk in enumerate(
        Article.objects.order_by("pk").values_list("pk", flat=True)[:PUBLISHED]
    ):
        word = f"newword{turn}x{os.getpid()}"
        search_site.publish(rows.get(pk=pk), word)
        began, elapsed = time.process_time(), time.perf_counter()
        keeping.apply_changes()
        work.append((time.process_time() - began) * 1000)
        assert search(word, exact=True).total == 1
        found_after.append(time.perf_counter() - elapsed)
    return {
        "publishing": statistics.mean(work),  # a mean: now and then segments are merged
        "publishing, most": max(work),
        "found after": max(found_after),
    }


def compare(size):
    """The same questions to the other engines; PostgreSQL works elsewhere, so its clock counts."""
    from benchmarks import search_baselines as engines
    from benchmarks import search_site

    asked, found = questions(), {}
    wanted = [engines.Fts5, engines.Tantivy, engines.Postgres]
    if size <= 10_000:
        wanted.append(engines.AsShipped)
    _warm(asked, _page)
    for engine in wanted:
        try:
            built = engine(search_site.articles(size))
        except (ImportError, LookupError) as missing:
            print(f"not measured: {missing}", file=sys.stderr)
            continue
        if engine is engines.AsShipped:
            found["shipped articles a second"] = _index_as_shipped(built, size)
        clock = time.perf_counter if engine is engines.Postgres else time.process_time
        _warm(asked, built.page)
        found[engine.name] = median(asked, built.page, clock) / median(asked, _page, clock)
        getattr(built, "close", lambda: None)()
    return found


def _index_as_shipped(built, size):
    from kb.search import keeping

    backend = next(keeping.backends())
    made = keeping.search_index(backend)
    rows = made.index_queryset(using="default").order_by("pk")
    began = time.process_time()
    for start in range(0, size, 1000):  # as Haystack's own command does
        built.index(made, rows[start : start + 1000])
    return size / (time.process_time() - began)


# --- Questions -----------------------------------------------------------------------------


def questions():
    from benchmarks.search_corpus import Site

    site = Site()
    site.random = random.Random(7)
    return [site.question() for _ in range(QUESTIONS)]


def mistyped(asked):
    """Each question with its longest word mistyped."""
    from benchmarks.search_corpus import mistyped as mistype

    chance = random.Random(3)
    out = []
    for question in asked:
        longest = max(question.split(), key=len)
        out.append(question.replace(longest, mistype(longest, chance)) + " ?")
    return out


def _many():
    from benchmarks.search_corpus import Site

    return Site().heavy(500)


def _page(question):
    from kb.search import search

    return [(hit.title, hit.snippet, hit.url) for hit in search(question)]


def _suggestion(text):
    from kb.search import suggest

    return [hit.article.title for hit in suggest(text)]


# --- Measuring -----------------------------------------------------------------------------


def median(questions, ask, clock=time.process_time):
    """Milliseconds of processor time, unless another clock is given."""
    times = []
    for question in questions:
        began = clock()
        ask(question)
        times.append((clock() - began) * 1000)
    return statistics.median(times)


def _warm(asked, page):
    for question in asked[:5]:
        page(question)


def _peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def start(work, size):
    """This module again, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.search_work", work, str(size)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def main(work, size):
    os.environ.setdefault("SECRET_KEY", "bench")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    import django

    django.setup()
    print(
        json.dumps(
            {"index": index, "ask": ask, "publish": publish, "compare": compare}[work](int(size))
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
