"""Pages kept ready for readers: until something they show changes, and never longer than a minute.

Readers carry no cookie, so a page is the same for all of them. Each process keeps its own: to
fetch and unpack a page from elsewhere costs as much as all else that is done for a kept one. Pages
are let go by changing a stamp, the time of a small file that every process of this machine looks
at; a change made on another machine is seen when the minute is over.
"""

import gzip
import hashlib
import logging
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save
from django.http import HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import parse_http_date_safe
from django.utils.translation import get_language

from feedback import models as feedback
from kb import models as kb
from portal.viewers import viewer

logger = logging.getLogger(__name__)

SECONDS = 60
MOST = 1000  # an article of ordinary length takes 9 KB, plain and packed
SHOWN = (
    kb.Article,
    kb.Revision,
    kb.Category,
    kb.HelpfulVote,
    feedback.ContactChannel,
    feedback.Holiday,
    feedback.KnownIssue,
    feedback.OpeningHours,
    feedback.Organisation,
    feedback.ReplyRound,
    feedback.TicketArticleLink,
)


@dataclass(frozen=True)
class Kept:
    """A rendered page, plain and packed, with all it says about itself."""

    content: bytes
    packed: bytes
    etag: str
    headers: dict
    changed_at: int | None
    about: int | None

    @classmethod
    def of(cls, response):
        digest = hashlib.blake2b(response.content, digest_size=12).hexdigest()
        etag = f'W/"{digest}"'
        response["ETag"] = etag
        response["Cache-Control"] = "no-cache"
        patch_vary_headers(response, ["Accept-Encoding"])
        return cls(
            content=response.content,
            packed=gzip.compress(response.content, mtime=0),
            etag=etag,
            headers=dict(response.items()),
            changed_at=parse_http_date_safe(response.get("Last-Modified", "")),
            about=getattr(response, "about", None),
        )

    def answer(self, request):
        if "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""):
            headers = {**self.headers, "Content-Encoding": "gzip"}
            response = HttpResponse(self.packed, headers=headers)
        else:
            response = HttpResponse(self.content, headers=self.headers)
        answer = get_conditional_response(request, self.etag, self.changed_at, response)
        answer.about, answer.is_kept = self.about, True
        return answer


class Shelf:
    """What is kept, oldest first; it goes when its time is over or newer pages need the room."""

    def __init__(self):
        self._lock = threading.Lock()
        self._pages = {}

    def get(self, key):
        kept, until = self._pages.get(key, (None, 0))
        return kept if time.monotonic() < until else None

    def put(self, key, kept):
        now = time.monotonic()
        with self._lock:
            self._pages.pop(key, None)
            self._make_room(now)
            self._pages[key] = kept, now + SECONDS

    def _make_room(self, now):
        while self._pages:
            oldest = next(iter(self._pages))
            if len(self._pages) < MOST and now < self._pages[oldest][1]:
                break
            del self._pages[oldest]

    def clear(self):
        with self._lock:
            self._pages.clear()


shelf = Shelf()


def page(request, name, render):
    """The page of this name as readers see it; `render` makes it where none is kept.

    Colleagues get their own, and no cache keeps it.
    """
    if viewer(request) is not None:
        response = render()
        response["Cache-Control"] = "private, no-store"
        return response
    kept = _kept(name, render)
    return kept.answer(request) if isinstance(kept, Kept) else kept


def text(name, render):
    """The same page as text, for what has to be filled in for each reader."""
    return _kept(name, render).content.decode()


def _kept(name, render):
    """The page from the shelf or made now; only whole ones that are everybody's go onto it."""
    key = (_stamp(), get_language(), *name)
    if settings.KEEP_PAGES and (kept := shelf.get(key)):
        return kept
    response = render()
    if response.status_code != 200 or getattr(response, "is_ones_own", False):
        return response
    kept = Kept.of(response)
    if settings.KEEP_PAGES:
        shelf.put(key, kept)
    return kept


def _file():
    return f"{settings.DATA_DIR}/pages.stamp"


def _stamp():
    try:
        return os.stat(_file()).st_mtime_ns
    except FileNotFoundError:
        return 0


def let_go():
    """Something shown has changed: from now on pages are made anew."""
    now = time.time_ns()
    try:
        Path(_file()).touch()
        os.utime(_file(), ns=(now, now))
    except OSError as error:  # a full disk must not cost the change itself
        logger.warning("Kept pages live out their minute: %s", error)


def _on_change(sender, **kwargs):
    transaction.on_commit(let_go)


def watch():
    """Let pages go when a row they show is saved or deleted; called once at the start."""
    for model in SHOWN:
        post_save.connect(_on_change, sender=model, dispatch_uid=f"kept-{model.__name__}")
        post_delete.connect(_on_change, sender=model, dispatch_uid=f"unkept-{model.__name__}")
    m2m_changed.connect(_on_change, sender=feedback.KnownIssue.categories.through)
