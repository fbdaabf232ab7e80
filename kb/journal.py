"""What readers did, written down without slowing them: a page appends a line, the worker reads.

No page view writes to the database. `record` appends one JSON line to a spool file, and
`ingest`, called by the worker, turns the lines into rows.

    record("search", visit=key, text="lost parcel", results=3, milliseconds=4.1)
    record("view", visit=key, article=12, text="lost parcel", position=1)
    record("offer", visit=key)              answers were shown to somebody who began to ask
    record("taken", visit=key, article=12)  and one of them was it

`text` and `position` of a view come from the result link (`?q=…&pos=…`) and are the click.
The apps above add kinds of line of their own with `register`.
"""

import atexit
import json
import logging
import os
import re
import threading
import time
import unicodedata
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from kb import privacy
from kb.models import AnswerOffer, Article, ArticleView, JournalFile, SearchQuery

log = logging.getLogger(__name__)
# A reading again within this time is the same reading; a click later is another visit's.
SAME_READING = timedelta(minutes=30)
SAME_SEARCH = timedelta(hours=24)
# Each process writes a file of its own for each minute, so a finished minute is never written to.
GRACE_SECONDS = 5
MINUTE = "%Y%m%d%H%M"
_writers = {}


def register(kind, write):
    """Let `write(lines)` make rows of the lines of this kind, oldest first."""
    _writers[kind] = write


def normalise(text):
    """The form by which two searches count as the same words."""
    words = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", " ", words).strip()[:200]


def record(kind, **facts):
    """Append one line to the journal; a full disk must not cost the reader the page."""
    if "text" in facts:
        facts["text"] = privacy.mask(str(facts["text"])[:200])[:200]
    now = datetime.now(UTC)
    line = json.dumps({"kind": kind, "at": now.isoformat(), **facts}) + "\n"
    try:
        _spool.append(now.replace(second=0, microsecond=0), line.encode())
    except OSError as error:
        log.warning("The journal could not be written: %s", error)


class _Spool:
    """The file of this process and this minute, kept open: opening costs more than writing."""

    def __init__(self):
        self._lock = threading.Lock()
        self._file, self._belongs_to = None, None

    def append(self, minute, line):
        belongs_to = (settings.JOURNAL_DIR, minute, os.getpid())
        with self._lock:
            if belongs_to != self._belongs_to:
                self._close()
                self._open(*belongs_to)
            self._file.write(line)

    def close(self):
        with self._lock:
            self._close()

    def _open(self, folder, minute, process):
        os.makedirs(folder, exist_ok=True)
        path = f"{folder}/{minute:{MINUTE}}-{process}.jsonl"
        self._file = open(path, "ab", buffering=0)  # noqa: SIM115 (it stays open for a minute)
        self._belongs_to = (folder, minute, process)

    def _close(self):
        self._belongs_to = None
        if self._file:
            self._file.close()


_spool = _Spool()
atexit.register(_spool.close)


def ingest(*, everything=False):
    """Turn finished spool files into rows; returns how many lines were taken.

    `everything` also takes the minute this process is still writing.
    """
    if everything:
        _spool.close()
    minutes = groupby(_finished(everything), key=_minute)
    return sum(_ingest_minute(list(paths)) for _name, paths in minutes)


def _finished(everything):
    due = datetime.fromtimestamp(time.time() - GRACE_SECONDS, UTC).strftime(MINUTE)
    for path in sorted(Path(settings.JOURNAL_DIR).glob("*.jsonl")):
        if everything or _minute(path) < due:
            yield path


def _minute(path):
    return path.name.split("-")[0]


def _ingest_minute(paths):
    """What all processes wrote in a minute, in the order it happened: one took the search,
    another the click.
    """
    with transaction.atomic():
        # The names are taken in the rows' own transaction: whatever dies, a line counts once.
        new = [path for path in paths if JournalFile.objects.get_or_create(name=path.name)[1]]
        lines = sorted((line for path in new for line in _lines(path)), key=itemgetter("at"))
        for kind, write in _writers.items():
            write([line for line in lines if line["kind"] == kind])
    for path in paths:
        path.unlink(missing_ok=True)
    JournalFile.objects.filter(at__lt=timezone.now() - SAME_SEARCH).delete()
    return len(lines)


def _lines(path):
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            facts = json.loads(line)
            facts["at"] = datetime.fromisoformat(facts["at"])
            facts["kind"]
        except (ValueError, KeyError, TypeError):
            log.warning("A broken line in the journal was left out.")  # a crash cut it short
        else:
            yield facts


def _write_searches(lines):
    SearchQuery.objects.bulk_create(
        SearchQuery(
            text=line["text"],
            normalised=normalise(line["text"]),
            results_count=line.get("results", 0),
            visit_key=line.get("visit", ""),
            audience=line.get("audience", Article.Audience.PUBLIC),
            milliseconds=line.get("milliseconds", 0),
            at=line["at"],
        )
        for line in lines
        if normalise(line.get("text", ""))
    )


def _write_views(lines):
    known = set(
        Article.objects.filter(pk__in={line.get("article") for line in lines}).values_list(
            "pk", flat=True
        )
    )
    lines = [line for line in lines if line.get("article") in known]
    read = _recent_readings(lines)
    views = []
    for line in lines:
        reader = (line["article"], line.get("visit", ""))
        if line["at"] - read.get(reader, datetime.min.replace(tzinfo=UTC)) > SAME_READING:
            views.append(ArticleView(article_id=reader[0], visit_key=reader[1], at=line["at"]))
        read[reader] = line["at"]
        if line.get("text"):
            _note_click(line)
    ArticleView.objects.bulk_create(views)


def _recent_readings(lines):
    if not lines:
        return {}
    since = min(line["at"] for line in lines) - SAME_READING
    keys = {line.get("visit", "") for line in lines}
    rows = ArticleView.objects.filter(at__gte=since, visit_key__in=keys).order_by("at")
    return {(view.article_id, view.visit_key): view.at for view in rows}


def _note_click(line):
    """The first result opened from a search is what its words were looking for."""
    search = (
        SearchQuery.objects.filter(
            visit_key=line.get("visit", ""),
            normalised=normalise(line["text"]),
            at__range=(line["at"] - SAME_SEARCH, line["at"]),
            clicked_at=None,
        )
        .order_by("-at")
        .first()
    )
    if search:
        search.clicked_article_id = line["article"]
        search.clicked_position = line.get("position")
        search.clicked_at = line["at"]
        search.save(update_fields=["clicked_article", "clicked_position", "clicked_at"])


def _write_offers(lines):
    """A form that goes on offering answers within a visit was begun once."""
    for line in lines:
        if not _open_offers(line).filter(at__gt=line["at"] - SAME_READING).exists():
            AnswerOffer.objects.create(visit_key=line.get("visit", ""), at=line["at"])


def _write_taken(lines):
    """The press belongs to the form the visit had begun last."""
    for line in lines:
        if offer := _open_offers(line).order_by("-at").first():
            offer.taken_at = line["at"]
            offer.article = Article.objects.filter(pk=line.get("article")).first()
            offer.save(update_fields=["taken_at", "article"])


def _open_offers(line):
    return AnswerOffer.objects.filter(
        visit_key=line.get("visit", ""),
        at__range=(line["at"] - SAME_SEARCH, line["at"]),
        taken_at=None,
    )


# In this order: a click needs its search, a press its offer.
register("search", _write_searches)
register("view", _write_views)
register("offer", _write_offers)
register("taken", _write_taken)


def searches_of(visit, *, now=None):
    """What this visit looked for in the last day, newest first."""
    now = now or timezone.now()
    return (
        SearchQuery.objects.filter(visit_key=visit, at__gte=now - SAME_SEARCH).order_by("-at")
        if visit
        else SearchQuery.objects.none()
    )
