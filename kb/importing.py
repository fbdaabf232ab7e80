"""Articles from a file into the knowledge base, many at once.

A record that cannot go in is named with its place and the reason; all others go in. `id` is
kept as the external id, so that a second import brings the articles up to date.
"""

import json
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from urllib.parse import unquote

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.validators import validate_unicode_slug
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.text import slugify
from django.utils.translation import gettext as _

from kb import markdown, markup, pictures, publishing
from kb.models import (
    AlternateQuestion,
    Article,
    Category,
    FormerSlug,
    IndexChange,
    RedactionReport,
    Revision,
)
from kb.privacy.gate import IMPORTED

BATCH = 500
MAX_LINE = 64_000_000  # an article with some forty pictures
MAX_TITLE = Revision._meta.get_field("title").max_length


class BadRecord(ValueError):
    """What is wrong with one record, in words for whoever made the file."""


@dataclass
class Outcome:
    """What became of an import."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: list = field(default_factory=list)  # (place, reason)
    left_out: list = field(default_factory=list)  # (place, what an article went in without)


# --- Reading ------------------------------------------------------------------


def read(path, *, is_markdown=False):
    """Each record of a file or folder as (place, record or BadRecord, bytes read so far)."""
    path = Path(path)
    return _read_folder(path) if path.is_dir() else _read_lines(path, is_markdown)


def size(path):
    path = Path(path)
    files = _markdown_files(path) if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files)


def _markdown_files(folder):
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() == ".md" and p.is_file())


def _read_lines(path, is_markdown):
    done = 0
    with open(path, "rb") as lines:
        for number, line in enumerate(lines, start=1):
            done += len(line)
            if line.strip():
                yield _("line %d") % number, _attempt(_parse_line, line, is_markdown), done


def _read_folder(folder):
    done = 0
    for path in _markdown_files(folder):
        done += path.stat().st_size
        yield str(path.relative_to(folder)), _attempt(_parse_file, path, folder), done


def _attempt(parse, *args):
    try:
        return parse(*args)
    except BadRecord as problem:
        return problem
    except UnicodeDecodeError:
        return BadRecord(_("it is not written in UTF-8"))
    except json.JSONDecodeError as problem:
        return BadRecord(
            _("it is not JSON from character %(place)d on: %(what)s")
            % {"place": problem.pos + 1, "what": problem.msg}
        )
    except RecursionError:
        return BadRecord(_("it nests too deep"))
    except (ValueError, OSError) as problem:
        return BadRecord(str(problem))


def _parse_line(line, is_markdown):
    if len(line) > MAX_LINE:
        raise BadRecord(_("it is longer than %d bytes") % MAX_LINE)
    record = json.loads(line)
    if not isinstance(record, dict):
        raise BadRecord(_("it is not an object"))
    return check(record, is_markdown=is_markdown)


def _parse_file(path, folder):
    if not path.resolve().is_relative_to(folder.resolve()):
        raise BadRecord(_("it is a link that leads out of the folder"))
    name = path.relative_to(folder).with_suffix("").as_posix()
    fields, body = markdown.front_matter(path.read_text(encoding="utf-8-sig"))
    heading, rest = markdown.own_title(body)
    if heading and fields.get("title") in (None, heading):
        fields["title"], body = heading, rest
    given = {"id": name, "title": path.stem.replace("-", " ").replace("_", " ")}
    body = markdown.with_images(body, partial(_picture_beside, path, folder))
    return check(given | fields | {"body": body}, is_markdown=True)


def _picture_beside(path, folder, address, words):
    """The address of a picture that lies in the folder too; any other stays what it is."""
    file = (path.parent / unquote(address)).resolve()
    if not (words and file.is_relative_to(folder.resolve()) and file.is_file()):
        return address
    try:
        drawn = pictures.draw(ContentFile(file.read_bytes()), file.name)
    except ValidationError as problem:
        raise BadRecord(" ".join(problem.messages)) from None
    return pictures.add(drawn, alternative_text=words[:300]).address


# --- Checking -----------------------------------------------------------------

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


# --- Writing ------------------------------------------------------------------


def run(records, *, by=None, is_draft=False, progress=lambda done: None):
    """Put all good records in, batch by batch; each batch is in whole or not at all."""
    outcome = Outcome()
    shelf = _Shelf()
    batch, replaced = {}, []
    for place, record, done in records:
        progress(done)
        if isinstance(record, BadRecord):
            outcome.problems.append((place, str(record)))
            continue
        outcome.left_out += [(place, said) for said in record.pop("left_out")]
        key = record["id"] or place
        if key in batch or len(batch) == BATCH:
            _write(batch, shelf, by, is_draft, outcome)
            batch = {}
        batch[key] = record
        if record["id"] and record["replaced_by"]:
            replaced.append((place, record["id"], record["replaced_by"]))
    _write(batch, shelf, by, is_draft, outcome)
    outcome.problems += _lead_on(replaced)
    return outcome


def _lead_on(replaced):
    """Let each retired article name what took its place, now that all of them are in."""
    for place, old, new in replaced:
        successor = Article.objects.filter(external_id=new).first()
        if successor is None:
            yield place, _("replaced_by names no article here: %s") % new
        else:
            Article.objects.filter(external_id=old).update(replaced_by=successor)


@transaction.atomic
def _write(batch, shelf, by, is_draft, outcome):
    records = list(batch.values())
    known = {
        article.external_id: article
        for article in Article.objects.filter(external_id__in=[r["id"] for r in records if r["id"]])
        .select_related("latest_revision", "published_revision", "category")
        .prefetch_related("alternate_questions")
    }
    new = [record for record in records if record["id"] not in known]
    touched = _create(new, shelf, by, is_draft)
    outcome.created += len(new)
    for record in records:
        if article := known.get(record["id"]):
            if _update(article, record, shelf, by, is_draft):
                touched.append(article.pk)
                outcome.updated += 1
            else:
                outcome.unchanged += 1
    # Rows made in bulk send no signal, so the index is told here, in the same transaction.
    IndexChange.objects.bulk_create(IndexChange(article_id=pk) for pk in touched)


def _create(records, shelf, by, is_draft):
    slugs = shelf.free_slugs(records)
    articles = [
        Article(
            slug=slug,
            external_id=record["id"],
            title=record["title"],
            category=shelf.category(record["category"]),
            owner=by,
            **_standing(record, is_draft),
        )
        for record, slug in zip(records, slugs, strict=True)
    ]
    shelf.place(articles)
    Article.objects.bulk_create(articles)
    revisions = _write_revisions(articles, records, [1] * len(records), by)
    for article, revision in zip(articles, revisions, strict=True):
        article.latest_revision = revision
        article.published_revision = (
            revision if article.audience == Article.Audience.PUBLIC else None
        )
    Article.objects.bulk_update(articles, ["latest_revision", "published_revision"])
    _write_questions(articles, records, by)
    FormerSlug.objects.bulk_create(
        (
            FormerSlug(article=article, slug=slug)
            for article, record in zip(articles, records, strict=True)
            for slug in record["former_slugs"]
        ),
        ignore_conflicts=True,
    )
    return [article.pk for article in articles]


def _standing(record, is_draft):
    """Where an imported article stands: public at once unless it says otherwise."""
    fields = {"audience": Article.Audience.PUBLIC, **record["fields"]}
    has_answer = markup.has_content(record["parts"]["resolution"])
    if is_draft:
        fields["audience"] = Article.Audience.INTERNAL
    usual = Article.Confidence.VALIDATED if has_answer else Article.Confidence.WIP
    if is_draft and has_answer:
        usual = Article.Confidence.NOT_VALIDATED
    fields.setdefault("confidence", usual)
    if fields["audience"] == Article.Audience.PUBLIC:
        fields.setdefault("published_at", timezone.now())
        fields.setdefault("last_checked_at", fields["published_at"])
    return fields


def _write_revisions(articles, records, numbers, by):
    now = timezone.now()
    public = [article.audience == Article.Audience.PUBLIC for article in articles]
    revisions = Revision.objects.bulk_create(
        Revision(
            article=article,
            number=number,
            title=record["title"],
            keywords=record["keywords"],
            author=by,
            change_note=_("Imported"),
            state=Revision.State.PUBLISHED if is_public else Revision.State.DRAFT,
            published_at=now if is_public else None,
            **record["parts"],
        )
        for article, record, number, is_public in zip(
            articles, records, numbers, public, strict=True
        )
    )
    RedactionReport.objects.bulk_create(
        RedactionReport(revision=revision, pattern_version=IMPORTED, is_passed=True)
        for revision in revisions
    )
    return revisions


def _write_questions(articles, records, by):
    AlternateQuestion.objects.bulk_create(
        (
            AlternateQuestion(
                article=article, text=text, added_by=by, source=AlternateQuestion.Source.IMPORT
            )
            for article, record in zip(articles, records, strict=True)
            for text in record["questions"]
        ),
        ignore_conflicts=True,
    )


def _update(article, record, shelf, by, is_draft):
    """Bring one article up to date; False when it says the same already."""
    fields = dict(record["fields"])
    if is_draft:
        fields.pop("audience", None)
        fields.pop("confidence", None)
    if record["category"]:
        fields["category"] = shelf.category(record["category"])
    changed = {name: value for name, value in fields.items() if getattr(article, name) != value}
    known = {question.text for question in article.alternate_questions.all()}
    questions = set(record["questions"]) - known
    has_new_words = not _says(article.latest_revision, record)
    if not (changed or questions or has_new_words):
        return False
    if has_new_words and is_draft and article.is_public:
        # The public text stays; the new words wait for somebody to publish them.
        words = {"title": record["title"], "keywords": record["keywords"], **record["parts"]}
        article.write(by=by, change_note=_("Imported"), **words)
        has_new_words = False
    if article.published_revision and changed.get("audience") == Article.Audience.INTERNAL:
        publishing.withdraw(article, by=by)
        article.refresh_from_db()
    for name, value in changed.items():
        setattr(article, name, value)
    if article.audience == Article.Audience.PUBLIC and article.confidence == Article.Confidence.WIP:
        article.confidence = Article.Confidence.VALIDATED  # it has its answer now
    shelf.place([article])
    is_to_appear = article.audience == Article.Audience.PUBLIC and not article.published_revision_id
    if has_new_words or is_to_appear:
        _revise(article, record, by)
    article.save()
    _write_questions([article], [record], by)
    return True


def _says(revision, record):
    parts = {"title": record["title"], "keywords": record["keywords"], **record["parts"]}
    return all(getattr(revision, part) == text for part, text in parts.items())


def _revise(article, record, by):
    """A new revision that takes the place of the public one, or of the draft."""
    earlier = article.published_revision
    number = article.latest_revision.number + 1
    article.revisions.exclude(pk=getattr(earlier, "pk", None)).filter(
        state__in=[Revision.State.DRAFT, Revision.State.SUBMITTED]
    ).update(state=Revision.State.SUPERSEDED)
    revision = _write_revisions([article], [record], [number], by)[0]
    article.latest_revision = revision
    if article.audience == Article.Audience.PUBLIC:
        if earlier:
            earlier.state = Revision.State.SUPERSEDED
            earlier.save(update_fields=["state"])
        article.published_revision = revision
        article.published_at = article.published_at or timezone.now()
    article.title = article.shown_revision.title


class _Shelf:
    """Categories and addresses, remembered over the whole import."""

    def __init__(self):
        self._categories = {}
        for category in Category.objects.select_related("parent"):
            for name in (category.slug, category.name, category.path):
                self._categories.setdefault(name.casefold(), category)
        self._suffixes = {}

    def category(self, name):
        """The category of this address, name or "Above / Below" path; made when it is new."""
        if not name:
            return None
        above, below = ["", *name.split(" / ")][-2:]  # two levels are all there are
        above, below = above.strip()[:80], below.strip()[:80]
        key = f"{above} / {below}".casefold() if above else below.casefold()
        if key not in self._categories:
            self._categories[key] = Category.objects.create(
                name=below,
                slug=self._free_category_slug(below),
                parent=self.category(above),
            )
        return self._categories[key]

    def place(self, articles):
        """What the public reads stands in a category, and be it the general one."""
        for article in articles:
            if article.audience == Article.Audience.PUBLIC and article.category is None:
                article.category = self.category(_("General"))

    def _free_category_slug(self, name):
        base = slugify(name, allow_unicode=True)[:60] or "category"
        taken = set(Category.objects.filter(slug__startswith=base).values_list("slug", flat=True))
        return next(s for n in count(1) if (s := base if n == 1 else f"{base}-{n}") not in taken)

    def free_slugs(self, records):
        """An address for each new record that no article has or had; two queries a batch."""
        bases = [
            r["slug"] or slugify(r["title"], allow_unicode=True)[:100].strip("-") or "answer"
            for r in records
        ]
        taken = set()
        for model in (Article, FormerSlug):
            taken.update(model.objects.filter(slug__in=bases).values_list("slug", flat=True))
        return [self._free_slug(base, taken) for base in bases]

    def _free_slug(self, base, taken):
        while True:
            n = self._suffixes[base] = self._suffixes.get(base, 0) + 1
            slug = base if n == 1 else f"{base}-{n}"
            if slug in taken:
                continue
            # Only a repeated title can meet an address that the batch's query did not ask for.
            if n == 1 or not (
                Article.objects.filter(slug=slug).exists()
                or FormerSlug.objects.filter(slug=slug).exists()
            ):
                taken.add(slug)
                return slug
