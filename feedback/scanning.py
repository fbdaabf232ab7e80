"""Asks a ClamAV daemon about the files people send, where the operator has one (SCANNER)."""

import logging
import socket
import struct

from django.conf import settings

logger = logging.getLogger(__name__)

PIECE = 64 * 1024
PATIENCE = 15  # seconds; a file is scanned while somebody waits


class ScannerAway(Exception):
    """Nobody answers who could say whether a file is harmless."""


def is_harmless(upload):
    """What the scanner says of this file; ScannerAway if it says nothing. True without one."""
    if not settings.SCANNER:
        return True
    try:
        said = _ask(upload)
    except OSError as error:
        logger.error("The malware scanner does not answer: %s", type(error).__name__)
        raise ScannerAway from error
    finally:
        upload.seek(0)
    if said.endswith(b" OK"):
        return True
    if said.endswith(b" FOUND"):
        logger.warning("The malware scanner refused a file.")
        return False
    logger.error("The malware scanner could not read a file.")
    raise ScannerAway


def _ask(upload):
    """The daemon's own words: the file in pieces, each after its length, nought at the end."""
    upload.seek(0)
    family, address = _place(settings.SCANNER)
    with socket.socket(family) as daemon:
        daemon.settimeout(PATIENCE)
        daemon.connect(address)
        daemon.sendall(b"zINSTREAM\0")
        for piece in upload.chunks(PIECE):
            daemon.sendall(struct.pack("!I", len(piece)) + piece)
        daemon.sendall(struct.pack("!I", 0))
        return b"".join(iter(lambda: daemon.recv(1024), b"")).rstrip(b"\0\n")


def _place(where):
    """A socket in the file system, or a host and its port."""
    if where.startswith("/"):
        return socket.AF_UNIX, where
    host, _colon, port = where.rpartition(":")
    return socket.AF_INET, (host, int(port))
