"""What a record may say, and how the database wants it."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_unicode_slug
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from kb import markdown, markup, pictures
from kb.models import Article, Revision

MAX_LINE = 64_000_000  # an article with some forty pictures
MAX_TITLE = Revision._meta.get_field("title").max_length
_TIMES = {
    "review_by": parse_date,
    "published_at": parse_datetime,
    "last_checked_at": parse_datetime,
}
_CHOICES = {
    "audience": Article.Audience,
    "type": Article.Type,
    "confidence": Article.Confidence,
    "governance": Article.Governance,
}


class BadRecord(ValueError):
    """What is wrong with one record, in words for whoever made the file."""


def check(record, *, is_markdown=False):
    """The record with its parts as clean HTML and its values as the database wants them."""
    title, body = _text(record, "title", MAX_TITLE), _text(record, "body", markup.MAX_LENGTH)
    if not title:
        raise BadRecord(_("it has no title"))
    parts = markdown.to_parts(body) if is_markdown else {"resolution": body}
    for part in ("issue", "environment", "cause"):
        if given := _text(record, part, markup.MAX_LENGTH):
            parts[part] = markdown.to_html(given) if is_markdown else given
    left_out = list(_bring_pictures(record))
    for part in Revision.RICH_PARTS:
        given = parts.get(part, "")
        parts[part], faults = pictures.without_faults(markup.clean(given))
        left_out += pictures.outside(given) + faults
    has_answer = markup.has_content(parts["resolution"])
    is_begun = record.get("confidence") == Article.Confidence.WIP
    if not has_answer and not is_begun and not markup.has_content(parts["issue"]):
        raise BadRecord(_("it has no body"))
    return {
        "id": _text(record, "id", 120) or None,
        "title": title,
        "parts": parts,
        "keywords": _keywords(record)[:300],
        "category": _text(record, "category", 200),
        "questions": [text[:300] for text in _texts(record, "alternate_questions")],
        "slug": _address(_text(record, "slug", 120)),
        "former_slugs": [_address(slug) for slug in _texts(record, "former_slugs", 120)],
        "replaced_by": _text(record, "replaced_by", 120),
        "fields": _fields(record, has_answer),
        "left_out": left_out,
    }


def _fields(record, has_answer):
    fields = {}
    for name, choices in _CHOICES.items():
        if value := _text(record, name, 20).lower():
            if value not in choices.values:
                raise BadRecord(
                    _("%(name)s is one of %(choices)s")
                    % {"name": name, "choices": ", ".join(choices.values)}
                )
            fields[name] = value
    if language := _text(record, "language", 10):
        fields["language"] = language
    for name, parse in _TIMES.items():
        if value := _text(record, name, 40):
            fields[name] = _parsed(name, value, parse)
    if "is_pinned" in record:
        fields["is_pinned"] = record["is_pinned"] in (True, "true", "yes")
    if not has_answer or fields.get("confidence") == Article.Confidence.WIP:
        fields["audience"] = Article.Audience.INTERNAL  # whatever it says: readers want an answer
    return fields


def _parsed(name, text, parse):
    try:
        value = parse(text)
    except ValueError:  # the thirtieth of February
        value = None
    if value is None:
        raise BadRecord(_("%(name)s is not a date like 2030-12-31") % {"name": name})
    return timezone.make_aware(value) if getattr(value, "tzinfo", True) is None else value


def _address(slug):
    """A part of an address that a page can have."""
    try:
        if slug:
            validate_unicode_slug(slug)
    except ValidationError:
        raise BadRecord(
            _("“%s” is no address: letters, digits, hyphens and underscores make one") % slug
        ) from None
    return slug


def _bring_pictures(record):
    """Pictures come before the article that shows them; what is wrong with one, in a sentence."""
    given = record.get("pictures") or []
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise BadRecord(_("pictures is no list of pictures"))
    for one in given:
        try:
            pictures.bring_in(
                _text(one, "name", 60),
                _text(one, "alternative_text", 300),
                _text(one, "data", MAX_LINE),
            )
        except ValidationError as problem:
            yield from problem.messages


def _text(record, name, most):
    value = record.get(name)
    if value is None:
        return ""
    if not isinstance(value, str | int | float):
        raise BadRecord(_("%(name)s is not a text") % {"name": name})
    value = str(value).strip()
    if len(value) > most:
        raise BadRecord(
            _("%(name)s is longer than %(most)d characters") % {"name": name, "most": most}
        )
    if "\x00" in value:
        raise BadRecord(_("%(name)s holds a NUL character") % {"name": name})
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise BadRecord(_("%(name)s holds half a character") % {"name": name})
    return value


def _keywords(record):
    """One text stays as it was typed; a list becomes one."""
    if isinstance(record.get("keywords"), list):
        return ", ".join(_texts(record, "keywords"))
    return _text(record, "keywords", 1000)


def _texts(record, name, most=1000):
    """A list, or one text with its items after commas."""
    value = record.get(name) or []
    items = value if isinstance(value, list) else str(value).split(",")
    return list(dict.fromkeys(filter(None, (_text({name: x}, name, most) for x in items))))
