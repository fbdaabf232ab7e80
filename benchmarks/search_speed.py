"""How long a page of ten takes, against other engines over the same articles in the same run.

    python -m benchmarks.search_speed 10000 [--keep FOLDER]

prints a table; `make bench` runs it for 1,000 and 10,000 articles, a hundred thousand on request.
"""

import argparse
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time

QUESTIONS = 40


def run():
    """What `make bench` prints; each size in a process of its own, to see its memory alone."""
    for size in (1_000, 10_000):
        subprocess.run([sys.executable, "-m", "benchmarks.search_speed", str(size)], check=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("size", type=int)
    parser.add_argument("--keep", help="a folder whose database and index are used again")
    options = parser.parse_args()
    folder = options.keep or tempfile.mkdtemp(prefix="bench-search")
    os.environ |= {"DATA_DIR": folder, "SECRET_KEY": "bench"}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    import django

    django.setup()
    measure(options.size)


def measure(size):
    from benchmarks import search_site
    from kb.search import keeping
    from kb.search.backend import Backend

    search_site.prepare()
    search_site.fill(size)
    backend: Backend = next(b for b in keeping.backends() if b.connection_alias == "default")
    print(f"\n{size:,} articles of 250 words")
    if not backend.index.exists():
        began = time.process_time()
        keeping.rebuild(backend)
        print(f"  indexed {size / (time.process_time() - began):8.0f} articles a second of CPU")
    _first_search(backend)
    questions = _questions()
    ours = {
        "a page of ten": _median(questions, _page),
        "the same, repeated": _median(questions, _page),
        "a suggestion while typing": _median([q[:-2] for q in questions], _suggestion),
        "one word mistyped": _median(_mistyped(questions), _page),
    }
    for label, milliseconds in ours.items():
        print(f"  {label:42} {milliseconds:9.2f} ms")
    _publishing(backend)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  {'memory of this process at its peak':42} {peak:9.0f} MB")
    _compare(size, questions, ours["a page of ten"], backend)


def _questions():
    from benchmarks.search_corpus import Site

    site = Site()
    site.random = random.Random(7)
    return [site.question() for _ in range(QUESTIONS)]


def _mistyped(questions):
    from benchmarks.search_corpus import mistyped

    rng = random.Random(3)
    out = []
    for question in questions:
        words = question.split()
        longest = max(range(len(words)), key=lambda n: len(words[n]))
        words[longest] = mistyped(words[longest], rng)
        out.append(" ".join(words) + " ?")
    return out


def _page(question):
    from kb.search import search

    return [(hit.title, hit.snippet) for hit in search(question)]


def _suggestion(text):
    from kb.search import suggest

    return [hit.article.title for hit in suggest(text)]


def _median(questions, ask):
    times = []
    for question in questions:
        began = time.perf_counter()
        ask(question)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def _first_search(backend):
    began = time.perf_counter()
    _page("how do i begin")
    print(f"  {'first search of a new process':42} {(time.perf_counter() - began) * 1000:9.1f} ms")


def _publishing(backend):
    from kb.models import Article
    from kb.search import keeping

    keeping.apply_changes()
    article = Article.objects.order_by("?").first()
    article.save()
    began = time.perf_counter()
    keeping.apply_changes()
    print(f"  {'index work of publishing one article':42} {_since(began):9.1f} ms")
    began = time.perf_counter()
    _page("how do i begin")
    print(f"  {'first search after that':42} {_since(began):9.1f} ms")


def _since(began):
    return (time.perf_counter() - began) * 1000


def _compare(size, questions, ours, backend):
    from benchmarks import search_baselines as baselines

    engines = [baselines.Fts5, baselines.Tantivy, baselines.Postgres]
    if size <= 10_000:
        engines.append(baselines.AsShipped)
    for engine in engines:
        try:
            built = engine(_articles(size))
        except (ImportError, LookupError) as missing:
            print(f"  {engine.name:42}   not measured: {missing}")
            continue
        if engine is baselines.AsShipped:
            _index_as_shipped(built)
        _median(questions[:5], built.page)
        theirs = _median(questions, built.page)
        print(f"  {engine.name:42} {theirs:9.2f} ms   ours x {theirs / ours:.2f}")
        getattr(built, "close", lambda: None)()
        sys.stdout.flush()


def _articles(size):
    from benchmarks.search_corpus import Site

    site = Site()
    return (site.article() for _ in range(size))


def _index_as_shipped(built):
    from kb.search import keeping

    backend = next(keeping.backends())
    index = keeping.search_index(backend)
    rows = list(index.index_queryset(using="default"))
    began = time.process_time()
    for start in range(0, len(rows), 1000):
        built.index(index, rows[start : start + 1000])
    print(f"  as shipped indexes {len(rows) / (time.process_time() - began):8.0f} a second of CPU")


if __name__ == "__main__":
    main()
