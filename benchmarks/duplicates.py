"""Whether a question that was asked before is recognised before its answer is written up again.

    SEARCH_SETS=folder python -m benchmarks duplicates

Of the sets that `search_relevance` reads, questions with the same right passage are the same
question of different people. The first of them becomes an article as promotion makes one: its
words are the title, the passage is the answer. Passages nobody asks about are articles under
their own headings. Each further question arrives as another customer's ticket, and
promotion is asked for its five similar articles:

    question alone          before anybody answered; the hardest case
    question, words kept    the last of the askers, when the words of those before were kept
    answered, other half    the article holds every other sentence of the passage, the CSR wrote
                            the rest: a true answer in other sentences
    answered, same words    the CSR wrote the passage itself; the easiest case
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from benchmarks import Table

SHOWN, BAR = 5, 0.8
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
BUILDS = {  # how the articles were made: {what the ticket brings: is it answered}
    "whole": {"question alone": False, "answered, same words": True},
    "taught": {"question, words kept": False},
    "halved": {"answered, other half": True},
}


def run():
    sets = os.environ.get("SEARCH_SETS")
    if not sets:
        print("duplicates: not measured, SEARCH_SETS names no folder of question sets")
        return None
    rows = []
    for folder in sorted(path for path in Path(sets).iterdir() if path.is_dir()):
        for build in BUILDS:
            for name, found in _measured(folder, build).items():
                share = found["found"] / found["asked"]
                first = f"{found['first'] / found['asked']:.3f}"
                mark = "" if share >= BAR else "below the bar"
                rows.append((folder.name, name, found["asked"], first, f"{share:.3f}", mark))
    return Table(
        "Is the article of the same question among the similar ones?",
        ("set", "the ticket brings", "questions", "first", f"in {SHOWN}", ""),
        rows,
        f"Bar: {BAR:.0%} among the first {SHOWN}.\n",
    )


def _measured(folder, build):
    with tempfile.TemporaryDirectory(prefix="askwell-bench-") as data:
        env = {**os.environ, "DATA_DIR": data, "SECRET_KEY": "only for the benchmark"}
        command = [sys.executable, "-m", "benchmarks.duplicates", str(folder), build]
        done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


# --- What was asked before, and what is asked now ---------------------------------------------


def _questions(folder):
    """{passage: its questions in their order}; a question belongs to its first right passage."""
    texts = {row["id"]: row["text"] for row in _lines(folder / "queries.jsonl")}
    right = {}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines():
        query, passage, relevance = line.split("\t")[:3]
        if query in texts and int(relevance) > 0:
            right.setdefault(query, passage)
    asked = defaultdict(list)
    for query, passage in right.items():
        asked[passage].append(texts[query])
    return asked


def _lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _articles(corpus, asked, build):
    for row in corpus:
        first, *others = asked.get(row["id"], [row["title"]])
        body = _halves(row["body"])[0] if build == "halved" else row["body"]
        yield {
            "id": row["id"],
            "title": first[:200],
            "body": body or first,
            "alternate_questions": others[:-1] if build == "taught" else [],
        }


def _tickets(corpus, asked, build):
    """(the right article, the question, the answer) of each customer who comes later."""
    for row in corpus:
        answer = _halves(row["body"])[1] if build == "halved" else row["body"]
        others = asked.get(row["id"], [])[1:]
        for question in others[-1:] if build == "taught" else others:
            yield row["id"], question, answer


def _halves(text):
    sentences = _SENTENCE_END.split(text)
    return "\n\n".join(sentences[::2]), "\n\n".join(sentences[1::2])


# --- One build in a process and a database of its own -----------------------------------------


def _main(folder, build):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    import django

    django.setup()
    from portal.models import User

    corpus, asked = _lines(folder / "corpus.jsonl"), _questions(folder)
    _fill(_articles(corpus, asked, build))
    dana = User.objects.create_user("dana", is_staff=True)
    tickets = list(_tickets(corpus, asked, build))
    print(
        json.dumps(
            {
                name: _recognised(tickets, is_answered, dana)
                for name, is_answered in BUILDS[build].items()
            }
        )
    )


def _fill(articles):
    from django.core.management import call_command

    file = Path(os.environ["DATA_DIR"]) / "articles.jsonl"
    file.write_text("\n".join(map(json.dumps, articles)))
    call_command("migrate", verbosity=0)
    call_command("import_articles", str(file), markdown=True)
    call_command("rebuild_index", interactive=False, verbosity=0)


def _recognised(tickets, is_answered, csr):
    shown = [
        (right, _similar(question, answer if is_answered else "", csr))
        for right, question, answer in tickets
    ]
    return {
        "asked": len(shown),
        "found": sum(right in ids for right, ids in shown),
        "first": sum(ids[:1] == [right] for right, ids in shown),
    }


def _similar(question, answer, csr):
    """The external ids of the articles promotion shows for a ticket with these words."""
    from feedback import promotion
    from feedback.models import Customer, Message, Ticket

    ticket = Ticket.objects.create(
        customer=Customer.objects.create(name="Alex Doe"),
        kind="question",
        subject=question[:200],
        original_words=question,
        need_statement=question,
        owner=csr,
    )
    if answer:
        ticket.messages.create(
            direction=Message.Direction.OUT,
            author_kind=Message.AuthorKind.CSR,
            type=Message.Type.RESOLUTION,
            author=csr,
            body=answer,
        )
    return [hit.article.external_id for hit in promotion.similar_articles(ticket, csr)]


if __name__ == "__main__":
    _main(Path(sys.argv[1]), sys.argv[2])
