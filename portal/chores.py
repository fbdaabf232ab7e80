"""What the workers do, and how often. Each chore may be run twice without harm."""

import logging
import threading
from datetime import timedelta

from django.core.management import call_command
from django.db import OperationalError, close_old_connections, connection, connections
from django.utils.module_loading import import_string

from kb import gaps
from kb.search import keeping
from portal import kept
from portal.models import Chore

logger = logging.getLogger(__name__)

# Taken by one worker at a time.
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TIMED = {
    "feedback.clockwork.run": MINUTE,
    "kb.publishing.publish_due": MINUTE,
    "kb.visits.turn_salts": HOUR,
    "portal.limits.forget_old": HOUR,
    "portal.errors.report": 10 * MINUTE,
    "portal.chores.count_rows": HOUR,
    "kb.gaps.keep": HOUR,
    "kb.grading.grade_all": DAY,
    "portal.analytics.days.keep": HOUR,
    "kb.search.keeping.compare_and_mend": DAY,
    "kb.demand.refresh_all": DAY,
    "feedback.reading_again.remind": DAY,
    "kb.links.flag_broken_links": DAY,
    "kb.privacy.gate.rescan": MINUTE,
    "feedback.retention.run": DAY,
    "kb.pictures.sweep": DAY,
    "portal.chores.clear_sessions": DAY,
    # Last, so that the web server has opened its door when both begin together.
    "portal.probing.probe": MINUTE,
}
PULSE_EVERY = timedelta(seconds=10)


def send():
    """The mails that are due; the workers share them row by row."""
    do("feedback.mail.answer_link_requests")
    do("feedback.mail.send_due")


def follow():
    """What readers and authors have just done, and a sign that this worker is alive."""
    do("portal.chores.apply_changes")
    do("kb.journal.ingest")
    if pulse := Chore.objects.take(Chore.PULSE, every=PULSE_EVERY):
        pulse.done()


def read_again():
    """What the articles mean, for those who have a model installed; slow, and nobody waits."""
    do("kb.search.vectors.catch_up")


def keep_house():
    """Whatever the clock asks for; what fails is free again when its lease runs out."""
    for name, every in TIMED.items():
        if (chore := Chore.objects.take(name, every=every)) and do(name):
            chore.done()


# A silent mail server or a long night's counting must not keep a new article from being found.
LANES = (send, follow, read_again, keep_house)


def do_round():
    """Everything that is due now: what the clock asks for, then what follows from it."""
    for lane in (keep_house, follow, read_again, send):
        lane()


def go_on(stopping, pause):
    """Walk every lane, each in a thread of its own, until `stopping` is set."""
    walkers = [threading.Thread(target=_walk, args=(lane, stopping, pause)) for lane in LANES]
    for walker in walkers:
        walker.start()
    for walker in walkers:
        walker.join()


def _walk(lane, stopping, pause):
    while not stopping.is_set():
        close_old_connections()
        try:
            lane()
        except OperationalError:
            logger.warning("The database is busy or away; the worker waits.")
        except Exception:  # whatever it was, the next round begins
            logger.exception("%s did not come to its end", lane.__name__)
        stopping.wait(pause)
    connections.close_all()


def apply_changes():
    """What can be found now must not stay hidden behind a page kept from before."""
    if keeping.apply_changes():
        kept.let_go()
        gaps.verify_new()


def build_index():
    """A new index; without one the database answers, so trouble here stops nothing."""
    try:
        call_command("rebuild_index", interactive=False, verbosity=0)
    except Exception:
        logger.exception("No index was built; search answers from the database until then.")


def count_rows():
    """SQLite plans by counts that nobody else takes; PostgreSQL counts by itself.

    Without them it looks for a page's ten articles among all the published ones.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA optimize=0x10002")  # also of tables not looked at yet


def clear_sessions():
    call_command("clearsessions")


def do(name):
    """One chore, and whether it came to its end; its trouble leaves the others alone."""
    try:
        import_string(name)()
    except Exception:
        logger.exception("%s did not finish; it is tried again", name)
        return False
    return True
