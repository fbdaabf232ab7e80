import argparse
import json
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from kb.search import search


class Command(BaseCommand):
    help = "Finds articles: for one text, or for a file of queries into a run file."

    def add_arguments(self, parser):
        parser.add_argument("text", nargs="?")
        parser.add_argument("--limit", type=_at_least_one, default=10)
        parser.add_argument("--audience", choices=["public", "staff"], default="public")
        parser.add_argument("--queries", type=Path, help="JSON lines with id and text")
        parser.add_argument("--run", type=Path, help="where to write query, article, rank, score")

    def handle(self, *, text, limit, audience, queries, run, **options):
        # Nobody in particular, with a colleague's eyes.
        user = get_user_model()(is_staff=True) if audience == "staff" else None
        if text is not None:
            for hit in search(text, user, per_page=limit):
                self.stdout.write(json.dumps(_line(hit), ensure_ascii=False))
        elif queries and run:
            try:
                self._run(queries, run, user, limit)
            except OSError as problem:
                raise CommandError(f"{problem.filename}: {problem.strerror}") from None
        else:
            raise CommandError("Give a text, or both --queries and --run.")

    def _run(self, queries, run, user, limit):
        with queries.open(encoding="utf-8-sig") as asked, run.open("w", encoding="utf-8") as out:
            out.write("query_id\tarticle_id\trank\tscore\n")
            for query in _queries(asked):
                for rank, hit in enumerate(search(query["text"], user, per_page=limit), 1):
                    out.write(f"{query['id']}\t{_name(hit)}\t{rank}\t{hit.score:.6f}\n")


def _at_least_one(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("give a number from 1 on")
    return number


def _queries(lines):
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            query = json.loads(line)
            yield {"id": query["id"], "text": str(query["text"])}
        except (ValueError, TypeError, KeyError):
            reason = "a query is an object with `id` and `text`"
            raise CommandError(f"line {number}: {reason}") from None


def _line(hit):
    revision = hit.article.shown_revision
    return {"id": _name(hit), "title": revision.title, "url": hit.url, "score": hit.score}


def _name(hit):
    return hit.article.external_id or hit.article.slug
