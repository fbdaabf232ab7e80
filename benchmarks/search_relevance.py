"""How well the answer is found: nDCG@10 on sets of real questions with human judgements.

The sets are not ours to ship. `SEARCH_SETS` names a folder with one folder a set, each holding
`corpus.jsonl`, `queries*.jsonl` and `qrels.tsv`; without it nothing is measured. Everything goes
the way an operator's commands go: `import_articles`, `rebuild_index`, `search --queries`.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from benchmarks import Table

GIVEN = (0, 1, 3)  # alternate questions an article


def run():
    sets = os.environ.get("SEARCH_SETS")
    if not sets:
        return "search relevance: not measured, SEARCH_SETS names no folder of question sets"
    folders = sorted(path for path in Path(sets).iterdir() if path.is_dir())
    return _tables(folders)


def _tables(folders):
    yield Table(
        "Search: is the answer found?",
        ("set", "questions", "nDCG@10", "right answer first"),
        [row for folder in folders for row in wordings(folder)],
    )
    yield Table(
        "Search: what alternate questions bring",
        ("set", "alternate questions an article", "nDCG@10", "right answer first"),
        [row for folder in folders for row in alternate_questions(folder)],
        "Of the questions that one article answers, three are set aside, and none, one or all of"
        " them given to it; the others are asked.",
    )


def wordings(folder):
    """The set's questions as they were asked, mistyped, and as keywords."""
    judged = judgements(folder / "qrels.tsv")
    with Site(folder.name, lines(folder / "corpus.jsonl")) as site:
        for path in sorted(folder.glob("queries*.jsonl")):
            yield folder.name, path.stem, *figures(judged, site.answers(lines(path)))


def alternate_questions(folder):
    """The same questions asked of articles that were given none, one and three others."""
    judged, asked = judgements(folder / "qrels.tsv"), lines(folder / "queries.jsonl")
    of_article = defaultdict(list)
    for question in asked:
        if len(right := judged.get(question["id"], {})) == 1:
            of_article[next(iter(right))].append(question)
    of_article = {article: held for article, held in of_article.items() if len(held) > max(GIVEN)}
    put = [question for held in of_article.values() for question in held[max(GIVEN) :]]
    wanted = {question["id"]: judged[question["id"]] for question in put}
    for count in GIVEN:
        corpus = [
            article
            | {
                "alternate_questions": [
                    q["text"] for q in of_article.get(article["id"], [])[:count]
                ]
            }
            for article in lines(folder / "corpus.jsonl")
        ]
        with Site(folder.name, corpus) as site:
            yield folder.name, count, *figures(wanted, site.answers(put))


class Site:
    """A help site of these articles, in a folder of its own that goes away again."""

    def __init__(self, name, articles):
        self.name, self.articles = name, articles

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory()
        self.path = Path(self._folder.name)
        write(self.path / "corpus.jsonl", self.articles)
        self._manage("migrate", "-v0")
        self._manage("import_articles", str(self.path / "corpus.jsonl"))
        self._manage("rebuild_index", "--noinput", "-v0")
        return self

    def __exit__(self, *error):
        self._folder.cleanup()

    def answers(self, questions):
        """What is found for each question, best first."""
        write(self.path / "queries.jsonl", questions)
        run = self.path / "run.tsv"
        self._manage("search", "--queries", str(self.path / "queries.jsonl"), "--run", str(run))
        found = defaultdict(list)
        for line in run.read_text(encoding="utf-8").splitlines():
            question, article, *_ = line.split("\t")
            found[question].append(article)
        return found

    def _manage(self, *arguments):
        variables = os.environ | {"DATA_DIR": str(self.path / "data"), "SECRET_KEY": "bench"}
        subprocess.run(
            [sys.executable, "manage.py", *arguments],
            env=variables,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def lines(path):
    text = path.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n") if line.strip()]


def write(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


def judgements(path):
    judged = defaultdict(dict)
    for line in path.read_text(encoding="utf-8").splitlines():
        query, article, relevance = line.split("\t")[:3]
        if query != "query_id" and int(relevance) > 0:
            judged[query][article] = int(relevance)
    return judged


def figures(judged, found):
    """nDCG@10, and the share of questions whose first hit is right."""
    first = sum(found[query][:1] != [] and found[query][0] in judged[query] for query in judged)
    return f"{ndcg(judged, found):.3f}", f"{first / len(judged):.3f}"


def ndcg(judged, found, depth=10):
    return sum(
        _gain([relevant.get(article, 0) for article in found[query][:depth]])
        / _gain(sorted(relevant.values(), reverse=True)[:depth])
        for query, relevant in judged.items()
    ) / len(judged)


def _gain(relevances):
    return sum(gain / math.log2(place + 2) for place, gain in enumerate(relevances))
