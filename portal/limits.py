"""How often somebody may press a button, counted across all processes in one atomic step.

The figures are generous: a whole office behind one address does not notice them.
They are published in docs/deploy.md.
"""

import contextlib
import functools
import hashlib
import ipaddress
import logging
import sqlite3
import threading
import time
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache

logger = logging.getLogger(__name__)
_here = threading.local()

MINUTE, HOUR, DAY = 60, 3600, 86400


class TooMany(Exception):
    """Somebody has pressed more often than is usual; `retry_after` seconds make it possible."""

    def __init__(self, retry_after):
        super().__init__(retry_after)
        self.retry_after = retry_after


@dataclass(frozen=True)
class Limit:
    """So many, in so many seconds: from one address, to one recipient, and altogether."""

    address: tuple[int, int] = None
    recipient: tuple[int, int] = None
    overall: tuple[int, int] = None


LIMITS = {
    "ask": Limit(address=(30, 10 * MINUTE), recipient=(30, HOUR), overall=(600, MINUTE)),
    "write": Limit(address=(60, 10 * MINUTE), overall=(1200, MINUTE)),
    "find": Limit(address=(10, 10 * MINUTE), recipient=(3, HOUR), overall=(120, MINUTE)),
    "vote": Limit(address=(60, 10 * MINUTE), overall=(3000, MINUTE)),
    "search": Limit(address=(1200, MINUTE)),
    "track": Limit(address=(600, MINUTE)),
    # Slower, never shut: a colleague is let in again within the minute, whoever else tries.
    "code": Limit(recipient=(10, 5 * MINUTE)),
    "reset": Limit(address=(10, 10 * MINUTE), recipient=(5, HOUR)),
    "sign-in": Limit(address=(20, MINUTE), recipient=(10, MINUTE)),
}


def limited(name, methods=("POST",)):
    """Count each request of a view against the named limit."""

    def decorate(view):
        @functools.wraps(view)
        def counted(request, *args, **kwargs):
            if request.method in methods:
                spend(name, request)
            return view(request, *args, **kwargs)

        return counted

    return decorate


def spend(name, request=None, *, recipient=None):
    """Count one use; TooMany if that was one too many. Give a request, a recipient or both."""
    if not settings.RATE_LIMITS:
        return
    limit = LIMITS[name]
    scopes = []
    if request is not None:
        scopes += [("address", network(request)), ("overall", "")]
    if recipient is not None:
        scopes.append(("recipient", recipient.strip().casefold()))
    for scope, who in scopes:
        if figures := getattr(limit, scope):
            _spend(f"{name}:{scope}:{_hash(who)}", *figures)


def network(request):
    """The address that counts as one visitor; in IPv6 a household has a whole /64."""
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:  # a Unix socket has no address
        return ""
    if address.version == 6 and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _hash(who):
    return hashlib.blake2b(f"{settings.SECRET_KEY}{who}".encode(), digest_size=12).hexdigest()


def is_first(key, seconds):
    """True for the first who asks with this key in so many seconds; for codes that work once."""
    return _count(f"once:{_hash(key)}", seconds) == 1


def _spend(key, allowed, seconds):
    window, passed = divmod(int(time.time()), seconds)
    if _count(f"{key}:{window}", seconds) > allowed:
        raise TooMany(seconds - passed)


def _count(key, seconds):
    """One more for this key, and how many that makes."""
    if settings.CACHE_IS_SHARED:
        try:
            cache.add(key, 0, seconds)
            return cache.incr(key)
        except Exception as error:  # every kind of "the cache is away"
            logger.warning(
                "The shared cache is away (%s); limits count on this machine.", type(error).__name__
            )
    try:
        return _count_here(key, int(time.time()) + seconds)
    except sqlite3.Error:
        logger.exception("Limits could not be counted; the request goes through.")
        return 1


def _count_here(key, ends):
    """Counted in a small file that all processes of this machine share; losing it does no harm."""
    ((count,),) = (
        _counters()
        .execute(
            "INSERT INTO counters VALUES (?, 1, ?) "
            "ON CONFLICT (key) DO UPDATE SET count = count + 1 RETURNING count",
            (key, ends),
        )
        .fetchall()
    )
    return count


def _counters():
    """This thread's connection to the file."""
    path = settings.DATA_DIR / "limits.sqlite3"
    if getattr(_here, "path", None) != path:
        _here.path, _here.counters = path, _open(path)
    return _here.counters


def _open(path):
    counters = sqlite3.connect(path, isolation_level=None, timeout=5)
    with contextlib.suppress(sqlite3.OperationalError):  # another thread is doing it now
        counters.execute("PRAGMA journal_mode=WAL")
    counters.execute("PRAGMA synchronous=OFF")
    counters.execute(
        "CREATE TABLE IF NOT EXISTS counters (key TEXT PRIMARY KEY, count INT, ends INT)"
    )
    return counters


def forget_old():
    """Throw away the counters of windows that are over; the worker does it."""
    _counters().execute("DELETE FROM counters WHERE ends < ?", (int(time.time()),))
