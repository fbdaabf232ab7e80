"""Is it alive, and is it ready: what a load balancer and an operator ask."""

from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min
from django.http import JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from feedback.models import OutboundEmail, Ticket
from kb.models import IndexChange
from kb.search import keeping
from kb.search.arrays import Damaged
from portal.models import Chore

WORKER_SILENT = timedelta(minutes=2)
MAIL_LATE = timedelta(minutes=10)


@never_cache
def healthz(request):
    """The process answers; nothing else is looked at."""
    return JsonResponse({"status": "ok"})


@never_cache
def readyz(request):
    """Each part by name. Only what keeps pages from being served makes it 503."""
    try:
        parts = {
            "database": {"ok": True, "vendor": connection.vendor},
            "migrations": migrations(),
            "index": index(),
            "worker": worker(),
            "mail": mail(),
        }
    except DatabaseError:
        parts = {"database": {"ok": False}}
    is_ready = all(parts.get(name, {}).get("ok") for name in ("database", "migrations"))
    is_whole = all(part["ok"] for part in parts.values())
    status = "ok" if is_whole else "degraded" if is_ready else "unavailable"
    return JsonResponse({"status": status, **parts}, status=200 if is_ready else 503)


def migrations():
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return {"ok": not waiting, "waiting": len(waiting)}


def index():
    """Search falls back to the database without it, so it never stops the pages."""
    if settings.SEARCH_URL:
        return {"ok": True, "kind": "server"}
    return {"ok": settings.INDEX_DIR.is_dir() and any(settings.INDEX_DIR.iterdir())}


def worker():
    pulse = Chore.objects.filter(name=Chore.PULSE).first()
    seconds = _seconds_since(pulse.last_done_at) if pulse and pulse.last_done_at else None
    return {
        "ok": seconds is not None and seconds < WORKER_SILENT.total_seconds(),
        "seconds_since_last_round": seconds,
    }


def mail():
    queued = OutboundEmail.objects.filter(state=OutboundEmail.State.QUEUED)
    age = _age(queued, "created_at")
    return {
        "ok": age < MAIL_LATE.total_seconds(),
        "oldest_unsent_seconds": age,
        "given_up": OutboundEmail.objects.filter(state=OutboundEmail.State.FAILED).count(),
    }


def waiting():
    """What has not been done yet and how old the oldest of it is, as plain numbers."""
    mails = OutboundEmail.objects.filter(state=OutboundEmail.State.QUEUED)
    unanswered = Ticket.objects.open().filter(first_replied_at=None)
    changes = IndexChange.objects.filter(pk__gt=_index_mark())
    return {
        "mails_waiting": mails.count(),
        "mails_given_up": OutboundEmail.objects.filter(state=OutboundEmail.State.FAILED).count(),
        "oldest_mail_seconds": _age(mails, "created_at"),
        "tickets_unanswered": unanswered.count(),
        "oldest_unanswered_seconds": _age(unanswered, "received_at"),
        "index_changes_waiting": changes.count(),
        "oldest_index_change_seconds": _age(changes, "at"),
        "worker_silent_seconds": worker()["seconds_since_last_round"],
    }


def _age(rows, field):
    oldest = rows.order_by().aggregate(oldest=Min(field))["oldest"]
    return _seconds_since(oldest) if oldest else 0


def _seconds_since(moment):
    """A clock that was set back makes no negative ages."""
    return max(0, round((timezone.now() - moment).total_seconds()))


def _index_mark():
    """How far the index that is furthest behind has come; one nobody can read has not begun."""
    try:
        return min(backend.index.mark for backend in keeping.followers())
    except (ValueError, Damaged, ConnectionError):
        return 0
