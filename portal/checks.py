"""What `manage.py check` tells an operator before the portal opens."""

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.db import DatabaseError, connection

from feedback.models import ContactChannel

WAL_RESET_FIXED = (3, 51, 3)


@register(Tags.database)
def sqlite_without_the_wal_reset_bug(app_configs, **kwargs):
    if connection.vendor != "sqlite":
        return []
    version = connection.Database.sqlite_version_info
    if version >= WAL_RESET_FIXED:
        return []
    return [
        Warning(
            f"SQLite {'.'.join(map(str, version))} can damage a database under load "
            "(the WAL-reset bug, present before 3.51.3).",
            hint="Install the `pysqlite3` wheel of requirements/base.txt, or use PostgreSQL.",
            id="askwell.W001",
        )
    ]


@register()
def hosts_are_named(app_configs, **kwargs):
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    return [
        Error(
            "ALLOWED_HOSTS contains '*', so anybody can choose the host name in our links.",
            hint="Name the hosts, separated by commas.",
            id="askwell.E001",
        )
    ]


@register(deploy=True)
def limits_are_shared(app_configs, **kwargs):
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3") or settings.CACHE_IS_SHARED:
        return []
    return [
        Warning(
            "Rate limits are counted by each machine for itself.",
            hint="With more than one web machine set CACHE_URL to a Redis.",
            id="askwell.W002",
        )
    ]


@register(deploy=True)
def single_sign_on_is_locked(app_configs, **kwargs):
    if not settings.OIDC_SERVER.startswith("http://"):
        return []
    return [
        Warning(
            "OIDC_SERVER is asked in the clear: whoever is on the way could answer in its place.",
            hint="Give the provider's address with https.",
            id="askwell.W004",
        )
    ]


@register(Tags.database)
def a_person_can_be_reached(app_configs, databases=None, **kwargs):
    """Asked by `check --database default` and by every migrate, when the tables can be read."""
    if not databases:
        return []
    try:
        if ContactChannel.objects.active().exists():
            return []
    except DatabaseError:  # not migrated yet
        return []
    return [
        Warning(
            "No active contact channel: customers see no way to a person.",
            hint="Add one in the admin under Contact channels.",
            id="askwell.W003",
        )
    ]
