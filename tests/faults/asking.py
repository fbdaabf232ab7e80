"""One customer sends one form with a file, whatever becomes of the machine meanwhile."""

import http.client
import sqlite3
from contextlib import closing

from tests.processes import ask_form

FILE = b"what the kettle looks like\n" * 200


def send(server, n):
    """Form number n goes out; the answer, or None where the line was cut before one came."""
    try:
        return server.post("/ask/", ask_form(n), [("photo.txt", FILE)])
    except (OSError, http.client.HTTPException):
        return None


def faults_of(data_dir, n):
    """What is wrong with what form n has become; nothing where it is there whole and once."""
    with closing(sqlite3.connect(data_dir / "db.sqlite3", timeout=20)) as database:

        def count(sql, *values):
            return len(database.execute(sql, values).fetchall())

        tickets = database.execute(
            "SELECT id FROM feedback_ticket WHERE submission_key = ?", (ask_form(n)["key"],)
        ).fetchall()
        if len(tickets) != 1:
            return [f"form {n} is there {len(tickets)} times"]
        ((ticket,),) = tickets
        counted = {
            table: count(f"SELECT 1 FROM {table} WHERE ticket_id = ? AND {condition}", ticket)
            for table, condition in (
                ("feedback_message", "type = 'original'"),
                ("feedback_promise", "kind = 'first-reply'"),
                ("feedback_outboundemail", "kind = 'acknowledgement'"),
            )
        }
        files = database.execute(
            "SELECT file FROM feedback_attachment JOIN feedback_message m ON m.id = message_id "
            "WHERE m.ticket_id = ?",
            (ticket,),
        ).fetchall()
    stored = [(data_dir / "attachments" / name).read_bytes() for (name,) in files]
    faults = [f"form {n}: {rows} in {table}" for table, rows in counted.items() if rows != 1]
    return faults + ([] if stored == [FILE] else [f"form {n}: its file is not there as sent"])


def copies_of(data_dir, n):
    """How many tickets form number n has become."""
    with closing(sqlite3.connect(data_dir / "db.sqlite3", timeout=20)) as database:
        found = database.execute(
            "SELECT COUNT(*) FROM feedback_ticket WHERE submission_key = ?", (ask_form(n)["key"],)
        )
        return found.fetchone()[0]
