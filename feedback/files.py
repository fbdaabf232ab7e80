"""Files people send: checked before they are trusted, on the disk before they are promised."""

import hashlib
import os
import re
import zipfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from feedback import scanning
from feedback.models import Attachment
from kb import disk, images

MAX_FILES = 10
MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS_TOGETHER = 3 * images.MAX_PIXELS
# The list of contents of an archive is read whole.
MAX_CONTENTS = 512 * 1024
LAST_LINES = re.compile(b"PK\5\6")
GRACE = timedelta(hours=24)

IMAGES = {
    ".png": ("image/png", "PNG"),
    ".jpg": ("image/jpeg", "JPEG"),
    ".jpeg": ("image/jpeg", "JPEG"),
    ".gif": ("image/gif", "GIF"),
    ".webp": ("image/webp", "WEBP"),
}
DOCUMENTS = {
    ".docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "word/"),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xl/"),
    ".odt": ("application/vnd.oasis.opendocument.text", "content.xml"),
    ".ods": ("application/vnd.oasis.opendocument.spreadsheet", "content.xml"),
}
TEXTS = {".txt": "text/plain", ".csv": "text/csv"}
PDF = "application/pdf"
EXTENSIONS = sorted([*IMAGES, *DOCUMENTS, *TEXTS, ".pdf"])


@dataclass(frozen=True)
class StoredFile:
    """A file already safe on the disk, waiting for the row that says whose it is."""

    path: str
    name: str
    content_type: str
    size: int
    checksum: str


def describe_limits():
    """The limits in words, said beforehand beside the field."""
    return _("Up to %(count)s files of %(size)s each: %(types)s.") % {
        "count": MAX_FILES,
        "size": _megabytes(MAX_BYTES),
        "types": ", ".join(extension[1:] for extension in EXTENSIONS),
    }


def _megabytes(size):
    return _("%d MB") % (size // 2**20)


def check_all(uploads):
    """Raise one ValidationError that names every file in the way."""
    problems = []
    if len(uploads) > MAX_FILES:
        problems.append(_("Choose at most %(count)s files.") % {"count": MAX_FILES})
    if sum(map(_pixels, uploads[:MAX_FILES])) > MAX_PIXELS_TOGETHER:
        raise ValidationError(
            _("The pictures are very large together. Send them smaller, or in several messages.")
        )
    for upload in uploads[:MAX_FILES]:
        try:
            check(upload)
        except ValidationError as error:
            problems.extend(error.messages)
    if problems:
        raise ValidationError(problems)


def check(upload) -> str:
    """The content type of this upload; ValidationError when it is not what it says it is."""
    if not hasattr(upload, "checked_type"):
        upload.checked_type = _checked_type(upload)
    return upload.checked_type


def _checked_type(upload):
    name = clean_name(upload.name)
    extension = PurePath(name).suffix.lower()
    if upload.size > MAX_BYTES:
        size = _megabytes(MAX_BYTES)
        raise ValidationError(_("“%s” is too large: up to %s is welcome.") % (name, size))
    if not upload.size:
        raise ValidationError(_("“%s” is empty.") % name)
    if extension not in EXTENSIONS:
        kinds = ", ".join(e[1:] for e in EXTENSIONS)
        raise ValidationError(_("“%s” has a type we do not open. Welcome are: %s.") % (name, kinds))
    if _pixels(upload) > images.MAX_PIXELS:
        raise ValidationError(
            _("“%s” is a very large picture: up to %d million points are welcome.")
            % (name, images.MAX_PIXELS // 1_000_000)
        )
    upload.seek(0)
    content_type = _content_type(upload, extension)
    upload.seek(0)
    if content_type is None:
        raise ValidationError(
            _("“%s” does not look like a %s file inside. Save it again and add it once more.")
            % (name, extension[1:])
        )
    _scan(upload, name)
    return content_type


def _scan(upload, name):
    """Whoever has a scanner takes no file without its word."""
    try:
        is_harmless = scanning.is_harmless(upload)
    except scanning.ScannerAway:
        raise ValidationError(
            _("Files can be taken a little later. Send your words now, and add “%s” then.") % name
        ) from None
    if not is_harmless:
        raise ValidationError(
            _("“%s” holds something our scanner takes for harmful. Send your words without it.")
            % name
        )


def store(uploads) -> list[StoredFile]:
    """Write checked uploads to the disk, through to the platter, under names nobody can guess."""
    return [_store_one(upload) for upload in uploads]


def attach(message, stored):
    """The rows that say which message these files belong to."""
    return Attachment.objects.bulk_create(
        Attachment(
            message=message,
            file=one.path,
            name=one.name,
            content_type=one.content_type,
            size=one.size,
            checksum=one.checksum,
        )
        for one in stored
    )


def discard(stored):
    """Take back files whose message did not come to be."""
    for one in stored:
        default_storage.delete(one.path)


def delete(attachments):
    """Delete rows, and each file no other row speaks of."""
    for attachment in attachments:
        attachment.delete()
        discard_paths([attachment.file.name])


def discard_paths(paths):
    """Delete files, unless a row of another message still speaks of them."""
    for path in paths:
        if not Attachment.objects.filter(file=path).exists():
            default_storage.delete(path)


def sweep(now=None):
    """Remove files no row speaks of: what a kill between disk and database leaves behind."""
    now = now or timezone.now()
    removed = 0
    for path in _all_stored():
        is_old = default_storage.get_modified_time(path) < now - GRACE
        if is_old and not Attachment.objects.filter(file=path).exists():
            default_storage.delete(path)
            removed += 1
    return removed


def clean_name(name):
    """A name safe to show: its last part, without control characters, not too long."""
    name = "".join(c for c in PurePath(str(name).replace("\\", "/")).name if c.isprintable())
    stem, suffix = PurePath(name).stem, PurePath(name).suffix
    return f"{stem[:150]}{suffix[:20]}" or "file"


def _content_type(upload, extension):
    if extension in IMAGES:
        content_type, kind = IMAGES[extension]
        return content_type if _is_image(upload, kind) else None
    if extension in DOCUMENTS:
        content_type, part = DOCUMENTS[extension]
        return content_type if _is_document(upload, part) else None
    if extension == ".pdf":
        return PDF if upload.read(5) == b"%PDF-" else None
    return TEXTS[extension] if _is_text(upload) else None


def _pixels(upload):
    """How many points a picture says it has; 0 for what is none."""
    _content_type, kind = IMAGES.get(PurePath(clean_name(upload.name)).suffix.lower(), (None, None))
    return images.pixels(upload, kind) if kind else 0


def _is_image(upload, kind):
    try:
        with images.opened(upload, kind) as image:
            image.draft("L", (1, 1))  # as small as its kind allows: nobody looks at it
            image.load()
    except Exception:  # Pillow raises whatever its decoders come upon
        return False
    return True


def _is_document(upload, part):
    if _length_of_contents(upload) > MAX_CONTENTS:
        return False
    try:
        with zipfile.ZipFile(upload) as archive:
            return any(name.startswith(part) for name in archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False


def _length_of_contents(upload):
    """What an archive's last lines say of it; one too large to be a letter has other lines."""
    upload.seek(max(0, upload.size - 66_000))
    end = upload.read()
    if b"PK\6\7" in end:
        return MAX_CONTENTS + 1
    said = [end[found.start() + 12 : found.start() + 16] for found in LAST_LINES.finditer(end)]
    return max((int.from_bytes(length, "little") for length in said), default=0)


def _is_text(upload):
    return not any(b"\x00" in chunk for chunk in upload.chunks())


def _store_one(upload):
    content_type = check(upload)
    name = clean_name(upload.name)
    random = get_random_string(32, "abcdefghijklmnopqrstuvwxyz0123456789")
    path = f"{timezone.now():%Y/%m}/{random}{PurePath(name).suffix.lower()}"
    digest = hashlib.sha256()
    disk.keep(default_storage.location, path, _noting(digest, upload.chunks()))
    return StoredFile(path, name, content_type, upload.size, digest.hexdigest())


def _noting(digest, chunks):
    for chunk in chunks:
        digest.update(chunk)
        yield chunk


def _all_stored(folder=""):
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        yield os.path.join(folder, name)
    for inner in folders:
        yield from _all_stored(os.path.join(folder, inner))
