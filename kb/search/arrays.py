"""Arrays in one file that is written once, taken into memory, and checked before it is read."""

import json
import mmap
import os
import weakref
import zlib
from pathlib import Path

import numpy as np

MAGIC = b"askwell1"
_ALIGN = 64
# A larger file is mapped, so that processes share its pages. Whoever cuts it in the middle of a
# search ends the process (SIGBUS); what has been read is nobody else's to cut.
MAPPED_FROM = 32 * 1024 * 1024


class Damaged(Exception):
    """Something of the index is missing, cut, or not what was written."""


def write(path, about, arrays):
    """Lay the arrays down in one file, which appears under its name when it is whole."""
    parts, places, offset, crc = [], {}, 0, 0
    for name, array in arrays.items():
        places[name] = (str(array.dtype), offset, len(array))
        for part in (np.ascontiguousarray(array).view(np.uint8), bytes(-array.nbytes % _ALIGN)):
            parts.append(part)
            crc = zlib.crc32(part, crc)
            offset += len(part)
    header = json.dumps({**about, "arrays": places, "crc": crc}).encode()
    lead = MAGIC + len(header).to_bytes(4, "big") + header
    path = Path(path)
    unfinished = path.with_suffix(".new")
    with open(unfinished, "wb") as file:
        file.writelines([lead, b"\0" * (-len(lead) % _ALIGN), *parts])
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)


class File:
    """Arrays as `write` has laid them down: `about` describes them, `array` gives one.

    A file whose size and time are the ones its writer has noted is believed; any other is read
    whole and compared with its checksum.
    """

    def __init__(self, path, seal=None):
        self.path = Path(path)
        try:
            self._descriptor = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise Damaged(f"{self.path.name}: {error}") from error
        weakref.finalize(self, os.close, self._descriptor)
        self._seal = self._stat()
        self.about, self._body = self._read()
        if seal is None:
            self.verify()
        elif tuple(seal) != self._seal:
            raise Damaged(f"{self.path.name} was changed.")

    def _read(self):
        """What the file says about itself, and the bytes of its arrays."""
        try:
            content = np.frombuffer(self._content(), np.uint8)
            size = int.from_bytes(bytes(content[8:12]), "big")
            about = json.loads(bytes(content[12 : 12 + size]))
        except (OSError, ValueError) as error:
            raise Damaged(f"{self.path.name}: {error}") from error
        if bytes(content[:8]) != MAGIC:
            raise Damaged(f"{self.path.name} is not ours.")
        return about, content[12 + size + -(12 + size) % _ALIGN :]

    def _content(self):
        size, _time = self._seal
        if size >= MAPPED_FROM:
            return mmap.mmap(self._descriptor, 0, access=mmap.ACCESS_READ)
        with open(self._descriptor, "rb", closefd=False) as file:
            file.seek(0)
            return file.read()

    def verify(self):
        """Read all that is on the disk now and compare it with its checksum."""
        _about, body = self._read()
        if zlib.crc32(body) != self.about.get("crc"):
            raise Damaged(f"{self.path.name} is not what was written.")

    def array(self, name):
        dtype, start, size = self.about["arrays"][name]
        return self._body[start : start + size * np.dtype(dtype).itemsize].view(dtype)

    def names(self):
        return self.about["arrays"].keys()

    def _stat(self):
        stat = os.fstat(self._descriptor)
        return stat.st_size, stat.st_mtime_ns

    def is_unchanged(self):
        return self._stat() == self._seal

    def check(self):
        """What somebody has changed is believed no more; cut while mapped, it is not even read."""
        if not self.is_unchanged():
            raise Damaged(f"{self.path.name} was changed.")
