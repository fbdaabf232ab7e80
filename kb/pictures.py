"""Pictures for articles: drawn anew from what was sent, kept durably, swept up when unused.

What a camera or a program wrote beside the picture (the place, the day, the owner) stays outside,
for nothing but the picture itself is drawn. Its name is 128 bits that only our key can make of it,
so that a picture of an internal article is found by nobody, and the same picture is kept once.
"""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import PurePath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from kb import disk, images, markup, voting
from kb.models import Article, ArticleFlag, Picture, Revision

MAX_BYTES = 10 * 1024 * 1024  # of what is sent
MAX_SIZE = (1600, 3200)  # twice a page's column, for fine screens; tall ones are telephones'
MAX_DRAWN = 1_000_000  # bytes of what readers load
GRACE = timedelta(hours=24)
UNUSED = timedelta(days=90)

KINDS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".gif": "GIF"}
DRAWN_AS = {  # the suffix, and how the picture is written; a GIF is drawn as PNG, without moving
    "JPEG": (".jpg", {"format": "JPEG", "quality": 85, "progressive": True}),
    "WEBP": (".webp", {"format": "WEBP", "quality": 85}),
    "PNG": (".png", {"format": "PNG", "optimize": True}),
    "GIF": (".png", {"format": "PNG", "optimize": True}),
}


@dataclass(frozen=True)
class Drawn:
    """A picture as readers will load it."""

    content: bytes
    look: str  # the end of its name: how wide, how high, of which kind


# --- Drawing ------------------------------------------------------------------


def draw(file, name) -> Drawn:
    """The picture drawn anew, or a ValidationError that says what is welcome."""
    kind = KINDS.get(PurePath(name).suffix.lower())
    if kind is None:
        raise ValidationError(
            _("“%s” is of another kind. Welcome are: png, jpg, webp, gif.") % name
        )
    if file.size > MAX_BYTES:
        size = MAX_BYTES // 2**20
        raise ValidationError(_("“%s” is too large: up to %d MB is welcome.") % (name, size))
    if (drawn := _drawn(file, kind)) is None:
        raise ValidationError(
            _("“%s” does not look like a picture inside. Save it again and add it once more.")
            % name
        )
    if len(drawn.content) > MAX_DRAWN:
        raise ValidationError(
            _("“%s” is too heavy for a page. Save it as jpg, or cut it to what matters.") % name
        )
    return drawn


def _drawn(file, kind):
    """The picture as a page needs it; None if the file holds none, or one made to do harm."""
    suffix, options = DRAWN_AS[kind]
    try:
        with images.opened(file, kind) as image:
            image.draft(None, MAX_SIZE)  # a photograph is read no larger than it will be
            colours = image.info.get("icc_profile") if image.mode in ("RGB", "RGBA") else None
            image.load()
            ImageOps.exif_transpose(image, in_place=True)
            image = image.convert("RGBA" if image.has_transparency_data else "RGB")
            image.thumbnail(MAX_SIZE)
    except Exception:  # Pillow raises whatever its decoders come upon
        return None
    if image.mode == "RGBA":  # what shines through would be black on black in the dark
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    if suffix == ".png" and image.getcolors(256):  # a drawing of few colours weighs half
        image = image.quantize(256)
    image.info = {}
    out = BytesIO()
    image.save(out, icc_profile=colours, **options)
    return Drawn(out.getvalue(), f"{image.width}x{image.height}{suffix}")


# --- Keeping ------------------------------------------------------------------


def add(drawn, *, alternative_text, by=None):
    """Keep a picture for articles to show. The same one again is the one that is there."""
    name = f"{_key(drawn.content)}-{drawn.look}"
    disk.keep(settings.PICTURE_DIR, name, [drawn.content])
    return Picture.objects.update_or_create(
        name=name,
        defaults={
            "alternative_text": alternative_text,
            "uploaded_by": by,
            "uploaded_at": timezone.now(),
        },
    )[0]


def _key(content):
    return salted_hmac("kb.pictures", content, algorithm="sha256").hexdigest()[:32]


def articles_showing(picture):
    """The articles whose public or newest text shows it."""
    revisions = Revision.objects.filter(_with(picture.address))
    return Article.objects.filter(
        Q(published_revision__in=revisions) | Q(latest_revision__in=revisions)
    )


@transaction.atomic
def take_away(picture, *, by):
    """Delete a picture at once, because of what it shows; its articles go on the curators' list."""
    said = _("A picture was deleted: %s") % picture.alternative_text
    for article in articles_showing(picture):
        voting.flag(article, reason=ArticleFlag.Reason.OUTDATED, comment=said, by=by)
    picture.delete()


def sweep(now=None):
    """Remove pictures no text has ever shown, and files no row speaks of; a chore of the worker."""
    now = now or timezone.now()
    unused = list(Picture.objects.filter(uploaded_at__lt=now - UNUSED))
    shown = _all_shown() if unused else set()
    unused = [picture for picture in unused if picture.name not in shown]
    for picture in unused:
        picture.delete()
    return len(unused) + _sweep_files(now)


def _all_shown():
    """The name of each picture that any text shows or once showed, for it may be brought back."""
    texts = Revision.objects.filter(_with(markup.PICTURES)).values_list(*Revision.RICH_PARTS)
    return {name for parts in texts for text in parts for name in _names(text)}


def _names(cleaned):
    return [picture[1] for picture in markup.PICTURE.finditer(cleaned)]


def _with(address):
    wanted = Q()
    for part in Revision.RICH_PARTS:
        wanted |= Q(**{f"{part}__contains": address})
    return wanted


def _sweep_files(now):
    if not settings.PICTURE_DIR.is_dir():
        return 0
    removed, known = 0, set(Picture.objects.values_list("name", flat=True))
    for path in settings.PICTURE_DIR.iterdir():
        if path.name not in known and _written_at(path) < now - GRACE:
            path.unlink()
            removed += 1
    return removed


def _written_at(path):
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


# --- In articles --------------------------------------------------------------


def kept(names=None):
    """What each picture shows, in words, by its name; of all of them unless some are named."""
    found = Picture.objects.all() if names is None else Picture.objects.filter(name__in=names)
    return dict(found.values_list("name", "alternative_text"))


def problems(html, here=None):
    """A sentence for each image that may not stand in an article, naming it.

    Who reads many texts has asked before which pictures are here.
    """
    return [*outside(html), *_faults(html, here).values()]


def outside(html):
    """A sentence for each image that is not ours."""
    return [
        _(
            "An image lies on another site, which would learn of every reader. "
            "Add it to the pictures: %s"
        )
        % (image.address or image.words)[:80]
        for image in markup.images(html)
        if not markup.is_ours(image.address)
    ]


def without_faults(cleaned):
    """The text without images that show or say nothing, and a sentence for each of these."""
    faults = _faults(cleaned)
    return markup.without_images(cleaned, faults), list(faults.values())


def _faults(html, here=None):
    """What is wrong with images of ours, in a sentence for each."""
    ours = [image for image in markup.images(html) if markup.is_ours(image.address)]
    if here is None:
        here = kept({name for image in ours if (name := markup.picture_name(image.address))})
    faults = {}
    for image in ours:
        name = markup.picture_name(image.address)
        if not image.words.strip():
            called = f"{image.address[:80]} ({here[name]})" if name in here else image.address[:80]
            faults[image] = _("An image has no text for those who do not see it: %s") % called
        elif name and name not in here:
            faults[image] = _("This picture is not here any more: %s") % image.words[:80]
    return faults


# --- In and out with articles ---------------------------------------------------


def records(revision):
    """The pictures a text shows, as an export carries them."""
    names = {name for part in revision.RICH_PARTS for name in _names(getattr(revision, part))}
    for picture in Picture.objects.filter(name__in=names).order_by("name"):
        if picture.path.exists():
            yield {
                "name": picture.name,
                "alternative_text": picture.alternative_text,
                "data": base64.b64encode(picture.path.read_bytes()).decode(),
            }


def bring_in(name, alternative_text, data, *, by=None):
    """Take a picture from an export, under its own name; one that is here stays as it is."""
    if not markup.picture_name(f"{markup.PICTURES}{name}"):
        raise ValidationError(_("“%s” is no name of a picture.") % name)
    picture = Picture.objects.filter(name=name).first()
    if picture and picture.path.exists():
        return
    try:
        content = base64.b64decode(data, validate=True)
    except ValueError:
        raise ValidationError(_("“%s” is damaged.") % name) from None
    drawn = draw(ContentFile(content), name)
    key, _dash, look = name.partition("-")
    if drawn.look != look:
        raise ValidationError(_("“%s” is not of the size its name says.") % name)
    # What our own key has named was drawn here; drawn once more it would only lose.
    disk.keep(settings.PICTURE_DIR, name, [content if key == _key(content) else drawn.content])
    Picture.objects.get_or_create(
        name=name, defaults={"alternative_text": alternative_text, "uploaded_by": by}
    )
