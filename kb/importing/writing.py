"""Records become articles, batch by batch."""

from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kb import markup, publishing
from kb.importing.records import BadRecord
from kb.importing.shelf import Shelf
from kb.models import (
    AlternateQuestion,
    Article,
    FormerSlug,
    IndexChange,
    RedactionReport,
    Revision,
)
from kb.privacy.gate import IMPORTED

BATCH = 500


@dataclass
class Outcome:
    """What became of an import."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: list = field(default_factory=list)  # (place, reason)
    left_out: list = field(default_factory=list)  # (place, what an article went in without)


def run(records, *, by=None, is_draft=False, progress=lambda done: None):
    """Put all good records in, batch by batch; each batch is in whole or not at all."""
    outcome = Outcome()
    shelf = Shelf()
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
