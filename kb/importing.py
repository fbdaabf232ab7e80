"""Articles from a file into the knowledge base, many at once.

A record that cannot go in is named with its place and the reason; all others go in. `id` is
kept as the external id, so that a second import brings the articles up to date.
"""

import json
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.text import slugify
from django.utils.translation import gettext as _

from kb import markdown, markup
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
MAX_LINE = 1_000_000
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


# --- Reading ------------------------------------------------------------------


def read(path, *, is_markdown=False):
    """Each record of a file or folder as (place, record or BadRecord, bytes read so far)."""
    path = Path(path)
    return _read_folder(path) if path.is_dir() else _read_lines(path, is_markdown)


def size(path):
    path = Path(path)
    return (
        sum(p.stat().st_size for p in path.rglob("*.md")) if path.is_dir() else path.stat().st_size
    )


def _read_lines(path, is_markdown):
    done = 0
    with open(path, "rb") as lines:
        for number, line in enumerate(lines, start=1):
            done += len(line)
            if line.strip():
                yield _("line %d") % number, _attempt(_parse_line, line, is_markdown), done


def _read_folder(folder):
    done = 0
    for path in sorted(folder.rglob("*.md")):
        done += path.stat().st_size
        place = path.relative_to(folder)
        yield str(place), _attempt(_parse_file, path, place.with_suffix("").as_posix()), done


def _attempt(parse, *args):
    try:
        return parse(*args)
    except BadRecord as problem:
        return problem
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


def _parse_file(path, name):
    fields, body = markdown.front_matter(path.read_text(encoding="utf-8-sig"))
    heading, rest = markdown.own_title(body)
    if heading and fields.get("title") in (None, heading):
        fields["title"], body = heading, rest
    given = {"id": name, "title": path.stem.replace("-", " ").replace("_", " ")}
    return check(given | fields | {"body": body}, is_markdown=True)


# --- Checking -----------------------------------------------------------------

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
    if not body and not record.get("issue"):
        raise BadRecord(_("it has no body"))
    parts = markdown.to_parts(body) if is_markdown else {"resolution": body}
    for part in ("issue", "environment", "cause"):
        if given := _text(record, part, markup.MAX_LENGTH):
            parts[part] = markdown.to_html(given) if is_markdown else given
    checked = {
        "id": _text(record, "id", 120) or None,
        "title": title,
        "parts": {part: markup.clean(parts.get(part, "")) for part in Revision.RICH_PARTS},
        "keywords": ", ".join(_texts(record, "keywords"))[:300],
        "category": _text(record, "category", 200),
        "questions": [text[:300] for text in _texts(record, "alternate_questions")],
        "slug": _text(record, "slug", 120),
        "former_slugs": _texts(record, "former_slugs"),
        "fields": _fields(record),
    }
    return checked


def _fields(record):
    fields = {}
    for name, choices in _CHOICES.items():
        if value := _text(record, name, 20):
            if value not in choices.values:
                raise BadRecord(
                    _("%(name)s is one of %(choices)s")
                    % {"name": name, "choices": ", ".join(choices.values)}
                )
            fields[name] = value
    if language := _text(record, "language", 10):
        fields["language"] = language
    if review_by := _text(record, "review_by", 10):
        fields["review_by"] = parse_date(review_by)
    if published_at := _text(record, "published_at", 40):
        fields["published_at"] = parse_datetime(published_at)
    if "is_pinned" in record:
        fields["is_pinned"] = record["is_pinned"] in (True, "true", "yes")
    return fields


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
    value.encode()  # half a character, a lone surrogate, is a ValueError here and not on saving
    return value


def _texts(record, name):
    """A list, or one text with its items after commas."""
    value = record.get(name) or []
    items = value if isinstance(value, list) else str(value).split(",")
    return list(dict.fromkeys(filter(None, (_text({name: x}, name, 1000) for x in items))))


# --- Writing ------------------------------------------------------------------


def run(records, *, by=None, is_draft=False, progress=lambda done: None):
    """Put all good records in, batch by batch; each batch is in whole or not at all."""
    outcome = Outcome()
    shelf = _Shelf()
    batch = {}
    for place, record, done in records:
        progress(done)
        if isinstance(record, BadRecord):
            outcome.problems.append((place, str(record)))
            continue
        key = record["id"] or place
        if key in batch or len(batch) == BATCH:
            _write(batch, shelf, by, is_draft, outcome)
            batch = {}
        batch[key] = record
    _write(batch, shelf, by, is_draft, outcome)
    return outcome


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
    has_answer = bool(record["parts"]["resolution"])
    if is_draft or not has_answer:
        fields["audience"] = Article.Audience.INTERNAL
    usual = Article.Confidence.VALIDATED if has_answer else Article.Confidence.WIP
    if is_draft and has_answer:
        usual = Article.Confidence.NOT_VALIDATED
    fields.setdefault("confidence", usual)
    if fields["audience"] == Article.Audience.PUBLIC:
        fields.setdefault("published_at", timezone.now())
        fields["last_checked_at"] = fields["published_at"]
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
    for name, value in changed.items():
        setattr(article, name, value)
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
        name = name[:80] if " / " not in name else name
        key = name.casefold()
        if key not in self._categories:
            above, _slash, below = name.rpartition(" / ")
            self._categories[key] = Category.objects.create(
                name=(below or name)[:80],
                slug=self._free_category_slug(below or name),
                parent=self.category(above.rpartition(" / ")[2]) if above else None,
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
