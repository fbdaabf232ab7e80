"""Telling visits apart without knowing anybody.

A visit key is a keyed hash of network address and browser under a salt that is thrown away
every day. No cookie, no stored address, and nobody can be followed from one day to the next.
"""

import hashlib
import logging
import re
import secrets
from datetime import timedelta
from functools import lru_cache

from django.db import DatabaseError
from django.utils import timezone

from kb.models import VisitSalt

log = logging.getLogger(__name__)
# What calls itself a machine. Tools are not guessed at: behind a script, a text browser or a
# browser without a window there may be somebody who reads in their own way.
_BOT = re.compile(r"bot|crawl|spider|slurp|preview|monitor|lighthouse", re.I)


def visit_key(request):
    """The key of this visit today; empty when the database is away, for reading goes on."""
    try:
        salt = _salt(timezone.localdate())
    except DatabaseError:
        log.warning("No visit salt: the database does not answer.")
        return ""
    who = f"{request.META.get('REMOTE_ADDR', '')}\n{request.META.get('HTTP_USER_AGENT', '')}"
    told = who.encode("utf-8", "surrogateescape")
    return hashlib.blake2b(told, key=salt, digest_size=16).hexdigest()


def is_bot(request):
    """Machines that name themselves read too, but say nothing about what customers need."""
    return _is_bots(request.META.get("HTTP_USER_AGENT", ""))


@lru_cache(maxsize=1000)
def _is_bots(agent):
    return not agent or _BOT.search(agent) is not None


@lru_cache(maxsize=2)
def _salt(day):
    return bytes(_keep_salt(day).salt)


def _keep_salt(day):
    return VisitSalt.objects.get_or_create(day=day, defaults={"salt": secrets.token_bytes(32)})[0]


def turn_salts():
    """Make today's and tomorrow's salt and throw away the older ones; the worker calls it."""
    today = timezone.localdate()
    for day in (today, today + timedelta(days=1)):
        _keep_salt(day)
    VisitSalt.objects.filter(day__lt=today).delete()
