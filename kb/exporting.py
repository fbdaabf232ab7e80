"""Articles out of the knowledge base, in the form kb.importing takes back."""

from kb import pictures
from kb.models import Article

BATCH = 500


def records():
    """Every article as a record that kb.importing understands; the text is the one readers get."""
    articles = (
        Article.objects.order_by("pk")
        .select_related("category__parent", "published_revision", "latest_revision", "replaced_by")
        .prefetch_related("alternate_questions", "former_slugs")
    )
    for article in articles.iterator(chunk_size=BATCH):
        if revision := article.shown_revision:
            yield _record(article, revision)


def _record(article, revision):
    record = {
        "id": _name(article),
        "title": revision.title,
        "body": revision.resolution,
        "issue": revision.issue,
        "environment": revision.environment,
        "cause": revision.cause,
        "keywords": revision.keywords,
        "category": article.category.path if article.category else "",
        "alternate_questions": [
            question.text
            for question in article.alternate_questions.all()
            if not question.hidden_reason
        ],
        "slug": article.slug,
        "former_slugs": [former.slug for former in article.former_slugs.all()],
        "audience": article.audience,
        "type": article.type,
        "confidence": article.confidence,
        "governance": article.governance,
        "language": article.language,
        "is_pinned": article.is_pinned,
        "review_by": _said(article.review_by),
        "published_at": _said(article.published_at),
        "last_checked_at": _said(article.last_checked_at),
        "replaced_by": _name(article.replaced_by) if article.replaced_by else "",
        "pictures": list(pictures.records(revision)),
    }
    return {name: value for name, value in record.items() if value not in ("", [])}


def _name(article):
    return article.external_id or article.slug


def _said(time):
    return time.isoformat() if time else ""
