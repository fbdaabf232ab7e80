"""Files that are on the disk, through to the platter, before anybody is told that they are."""

import os
from pathlib import Path

from django.utils.crypto import get_random_string


def keep(folder, name, chunks):
    """Write a file below a folder of ours, whole or not at all: beside its place, then in it."""
    folder = Path(folder)
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(f"{target.name}.{get_random_string(8)}.part")
    try:
        with open(half, "xb") as out:
            for chunk in chunks:
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        os.replace(half, target)
    except OSError:
        half.unlink(missing_ok=True)
        raise
    # A first file makes folders: each is only there when the one above knows of it.
    above = target.parent
    while above != folder.parent:
        sync(above)
        above = above.parent
    sync(above)


def sync(path):
    """A file's words, or the names a folder holds, are on the disk when this returns."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
