"""Room for readers while forms wait for the database.

SQLite has one write lock. Whoever waits for it holds a thread of the web process for up to twenty
seconds, and as many forms as there are threads would keep every reader waiting too (measured: 6 s
and 12 s behind four and eight forms in four threads, with a wait of 5 s; behind three, nothing).
So one thread of each process is kept from that: whoever would be the last to wait is told "locked"
soon, and meets the same page as somebody who has waited in vain.
"""

import threading

from django.conf import settings
from django.db import OperationalError
from django.db.backends.signals import connection_created

# Longer than any form of ours takes to be written, shorter than a reader's patience.
PATIENCE = 1
TAKES_THE_LOCK = ("BEGIN", "INSER", "UPDAT", "DELET")


def keep(threads):
    """Begin to keep one of this process's threads free; with a single one there is none to keep."""
    if threads < 2 or not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        return
    places = threading.BoundedSemaphore(threads - 1)

    def wait(execute, sql, params, many, context):
        takes_the_lock = sql[:5] in TAKES_THE_LOCK and not context["connection"].in_atomic_block
        if not takes_the_lock:
            return execute(sql, params, many, context)
        if not places.acquire(timeout=PATIENCE):
            raise OperationalError("database is locked, and others wait for it already")
        try:
            return execute(sql, params, many, context)
        finally:
            places.release()

    def listen(sender, connection, **signal):
        if wait not in connection.execute_wrappers:  # it may have been opened anew
            connection.execute_wrappers.append(wait)

    connection_created.connect(listen, dispatch_uid="portal.room", weak=False)
