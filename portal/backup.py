"""A consistent copy of database, attachments and pictures, made while serving; and the way back.

The database is copied first: a file is on the disk before its row is
written, so every row of the copy finds its file. The search index is not
copied; it is made again from the database.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from kb import disk

DATABASE = {"sqlite": "db.sqlite3", "postgresql": "db.dump"}
MANIFEST = "manifest.json"
FOLDERS = {"attachments": "ATTACHMENT_DIR", "pictures": "PICTURE_DIR"}


class BackupTrouble(Exception):
    """The backup is not whole, or the place to restore to is not empty."""


def back_up(folder, connection):
    """Write a backup into a new folder, which appears only when it is whole."""
    folder = Path(folder).resolve()
    if folder.exists() and any(folder.iterdir()):
        raise BackupTrouble(f"{folder} is not empty; give each backup a folder of its own.")
    growing = folder.with_name(folder.name + ".unfinished")
    shutil.rmtree(growing, ignore_errors=True)
    growing.mkdir(mode=0o700, parents=True)
    name = DATABASE[connection.vendor]
    (_copy_sqlite if connection.vendor == "sqlite" else _dump_postgres)(connection, growing / name)
    for kept, setting in FOLDERS.items():
        _copy_files(getattr(settings, setting), growing / kept)
    manifest = {
        "at": timezone.now().isoformat(),
        "database": name,
        "files": {str(p.relative_to(growing)): _sum(p) for p in _files(growing)},
    }
    (growing / MANIFEST).write_text(json.dumps(manifest, indent=1))
    for path in _files(growing):
        disk.sync(path)
    if folder.exists():
        folder.rmdir()
    growing.rename(folder)
    disk.sync(folder.parent)
    return manifest


def restore(folder, connection):
    """Put a backup where nothing is yet; nobody's data is ever written over.

    The database comes last: one that is there has all its files, and a restore that was cut off
    is simply begun again.
    """
    folder = Path(folder).resolve()
    manifest = check(folder)
    if manifest["database"] != DATABASE[connection.vendor]:
        raise BackupTrouble(f"The backup holds {manifest['database']}, not a {connection.vendor}.")
    if connection.introspection.table_names():
        raise BackupTrouble("The database is not empty. Move it away first; DATA_DIR names it.")
    connection.close()
    shutil.rmtree(settings.INDEX_DIR, ignore_errors=True)
    for kept, setting in FOLDERS.items():
        _copy_files(folder / kept, getattr(settings, setting))
        for path in _files(getattr(settings, setting)):
            disk.sync(path)
    if connection.vendor == "sqlite":
        _put_sqlite(folder / manifest["database"], Path(connection.settings_dict["NAME"]))
    else:
        _load_postgres(connection, folder / manifest["database"])
    return manifest


def check(folder):
    """The manifest, if each file of the backup is as it was written."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        expected_files = manifest["files"].items()
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise BackupTrouble(f"{folder} holds no finished backup.") from None
    for name, expected in expected_files:
        if not (folder / name).is_file() or _sum(folder / name) != expected:
            raise BackupTrouble(f"{name} is missing or damaged in this backup.")
    return manifest


def _copy_sqlite(connection, target):
    connection.ensure_connection()
    copy = sqlite3.connect(target)
    # SQLite's own online copy: a true state of one moment, however much is written meanwhile.
    connection.connection.backup(copy)
    copy.close()


def _put_sqlite(source, target):
    for leftover in (target, Path(f"{target}-wal"), Path(f"{target}-shm")):
        leftover.unlink(missing_ok=True)
    growing = target.with_suffix(".unfinished")
    shutil.copyfile(source, growing)
    growing.chmod(0o600)
    disk.sync(growing)
    growing.rename(target)
    disk.sync(target.parent)


def _dump_postgres(connection, target):
    _postgres(connection, "pg_dump", "--format=custom", "--no-owner", f"--file={target}")


def _load_postgres(connection, source):
    name = connection.settings_dict["NAME"]
    _postgres(
        connection, "pg_restore", "--no-owner", "--single-transaction", "-d", name, str(source)
    )


def _postgres(connection, program, *arguments):
    facts = connection.settings_dict
    environment = {
        "PGHOST": facts["HOST"],
        "PGPORT": str(facts["PORT"]),
        "PGUSER": facts["USER"],
        "PGPASSWORD": facts["PASSWORD"],
        "PGDATABASE": facts["NAME"],
    }
    environment = os.environ | {name: value for name, value in environment.items() if value}
    subprocess.run([program, *arguments], env=environment, check=True)


def _copy_files(source, target):
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    if source.is_dir():
        unfinished = shutil.ignore_patterns("*.part")
        shutil.copytree(
            source, target, ignore=unfinished, copy_function=_copy_file, dirs_exist_ok=True
        )


def _copy_file(source, target):
    with suppress(FileNotFoundError):  # it was deleted meanwhile, as it would be in the copy
        shutil.copy2(source, target)


def _files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _sum(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
