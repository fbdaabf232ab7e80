"""How well the answer is found: nDCG@10 on sets of real questions with human judgements.

The sets are not ours to ship. `SEARCH_SETS` names a folder with one folder a set, each holding
`corpus.jsonl`, `queries*.jsonl` and `qrels.tsv`; without it nothing is measured.
"""

import math
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path


def run():
    sets = os.environ.get("SEARCH_SETS")
    if not sets:
        print("search relevance: not measured, SEARCH_SETS names no folder of question sets")
        return
    for folder in sorted(path for path in Path(sets).iterdir() if path.is_dir()):
        measure(folder)


def measure(folder):
    with tempfile.TemporaryDirectory() as data:
        variables = os.environ | {"DATA_DIR": data, "SECRET_KEY": "bench"}

        def manage(*arguments):
            subprocess.run([sys.executable, "manage.py", *arguments], env=variables, check=True)

        manage("migrate", "-v0")
        manage("import_articles", str(folder / "corpus.jsonl"))
        manage("rebuild_index", "--noinput", "-v0")
        for queries in sorted(folder.glob("queries*.jsonl")):
            run_file = Path(data) / "run.tsv"
            manage("search", "--queries", str(queries), "--run", str(run_file))
            score = ndcg(judgements(folder / "qrels.tsv"), answers(run_file))
            print(f"{folder.name:20} {queries.stem:16} nDCG@10 {score:.3f}", flush=True)


def judgements(path):
    judged = defaultdict(dict)
    for line in path.read_text(encoding="utf-8").splitlines():
        query, article, relevance = line.split("\t")[:3]
        if query != "query_id" and int(relevance) > 0:
            judged[query][article] = int(relevance)
    return judged


def answers(path):
    found = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        query, article, *_ = line.split("\t")
        found[query].append(article)
    return found


def ndcg(judged, found, depth=10):
    return sum(
        _gain([relevant.get(article, 0) for article in found[query][:depth]])
        / _gain(sorted(relevant.values(), reverse=True)[:depth])
        for query, relevant in judged.items()
    ) / len(judged)


def _gain(relevances):
    return sum(gain / math.log2(place + 2) for place, gain in enumerate(relevances))
