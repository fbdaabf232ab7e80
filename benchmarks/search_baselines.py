"""The engines our search is measured against, each as its own documentation says."""

import contextlib
import os
import shutil
import socket
import sqlite3
import subprocess
import tempfile
from pathlib import Path


class Fts5:
    name = "SQLite FTS5, any word"

    def __init__(self, articles):
        self.db = sqlite3.connect(":memory:")
        self.db.execute("create virtual table d using fts5(title, body, tokenize='porter')")
        self.db.executemany("insert into d values (?, ?)", articles)

    def page(self, question):
        any_word = " OR ".join(f'"{word}"' for word in question.split())
        ranked = "select rowid, title from d where d match ? order by bm25(d) limit 10"
        return self.db.execute(ranked, [any_word]).fetchall()


class Tantivy:
    name = "Tantivy, any word"

    def __init__(self, articles):
        import tantivy

        schema = tantivy.SchemaBuilder()
        for field in ("title", "body"):
            schema.add_text_field(field, stored=field == "title", tokenizer_name="en_stem")
        self.index = tantivy.Index(schema.build())
        writer = self.index.writer(heap_size=100_000_000, num_threads=1)
        for title, body in articles:
            writer.add_document(tantivy.Document(title=title, body=body))
        writer.commit()
        self.index.reload()
        self.searcher = self.index.searcher()

    def page(self, question):
        query = self.index.parse_query(question, ["title", "body"])
        hits = self.searcher.search(query, 10).hits
        return [self.searcher.doc(address)["title"] for _, address in hits]


class Postgres:
    """A private cluster on the loopback address, gone afterwards."""

    name = "PostgreSQL full text, ranked"

    def __init__(self, articles):
        import psycopg

        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        if not programs:
            raise LookupError("PostgreSQL is not installed")
        self.bin, self.folder = programs[-1], Path(tempfile.mkdtemp(prefix="bench-pg"))
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self._run("initdb", "-D", self.folder / "d", "-U", "bench", "-A", "trust")
        options = f"-p {port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._run("pg_ctl", "-D", self.folder / "d", "-w", "-l", self.folder / "log", "-o",
                  options, "start")  # fmt: skip
        self.db = psycopg.connect(f"host=127.0.0.1 port={port} user=bench dbname=postgres")
        self.db.execute("create table d (id serial, title text, body text, v tsvector)")
        with self.db.cursor().copy("copy d (title, body) from stdin") as copy:
            for row in articles:
                copy.write_row(row)
        self.db.execute(
            "update d set v = setweight(to_tsvector('english', title), 'A') ||"
            " to_tsvector('english', body)"
        )
        self.db.execute("create index on d using gin (v)")
        self.db.execute("analyze d")

    def _run(self, program, *arguments):
        command = [str(self.bin / program), *map(str, arguments)]
        if os.getuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.folder)

    def page(self, question):
        any_word = " | ".join(question.split())
        ranked = (
            "select id, title from d, to_tsquery('english', %s) q where v @@ q"
            " order by ts_rank(v, q) desc limit 10"
        )
        return self.db.execute(ranked, [any_word]).fetchall()

    def close(self):
        self.db.close()
        with contextlib.suppress(subprocess.CalledProcessError):
            self._run("pg_ctl", "-D", self.folder / "d", "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)


class AsShipped:
    """Haystack's Whoosh backend as it is, given every word as an alternative."""

    name = "Haystack's backend as shipped, any word"

    def __init__(self, articles):
        from haystack.backends.whoosh_backend import WhooshSearchBackend

        self.folder = tempfile.mkdtemp(prefix="bench-haystack")
        self.backend = WhooshSearchBackend("default", PATH=self.folder)
        self.backend.setup()
        self.articles = articles

    def index(self, search_index, rows):
        self.backend.update(search_index, rows)

    def page(self, question):
        asked = " OR ".join(question.split())
        self.backend.search(asked, end_offset=10)  # Haystack's paginator asks for the count first
        return self.backend.search(asked, end_offset=10)["results"]

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)
