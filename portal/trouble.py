"""Troubles that pass, told apart from faults of ours."""

import errno

from django.db import DatabaseError, DataError, OperationalError, connection

RETRY_AFTER = 30
# Trouble of the place where things are kept, as the operating system and the databases name it:
# full, broken, closed to us, or more and larger files than a process may have.
DISK = {
    errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM,
    errno.EFBIG, errno.EMFILE, errno.ENFILE,
}  # fmt: skip


def is_storage_trouble(error):
    """Could the same thing succeed in a minute? Locked, full or away, but not a fault of ours."""
    if isinstance(error, OSError):
        return error.errno in DISK
    return isinstance(error, OperationalError) or (
        isinstance(error, DatabaseError) and "disk" in str(error)
    )


def is_nonsense(error):
    """A value no row can have, such as a number of forty digits; no form of ours sends it."""
    if isinstance(error, DataError):
        return True
    words = {
        OverflowError: ("too large to convert",),
        ValueError: ("expected a number but got", "is out of range"),  # the second: of years
    }
    return any(part in str(error) for part in words.get(type(error), ()))


def open_anew_after(error):
    """Close a database that would stay in trouble: locked, by a lock of our own perhaps, or
    opened while nothing could be written.

    On a full disk a closed database might not be opened again, and readers need it.
    """
    words = str(error)
    if ("locked" in words or "readonly" in words) and not connection.in_atomic_block:
        connection.close()
