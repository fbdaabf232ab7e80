"""The demo company's answers, put on their shelves as if written over the last year."""

import random
from datetime import timedelta

from django.utils import timezone
from markdown_it import MarkdownIt

from kb.models import AlternateQuestion, Article, Category, Revision
from portal.demo.shop import HERE

HEADINGS = {"When this applies": "environment", "Why it happens": "cause"}


def write_the_articles(publisher):
    """Each Markdown file below articles/ becomes an article."""
    shelves = {category.slug: category for category in Category.objects.all()}
    for path in sorted((HERE / "articles").glob("*/*.md")):
        facts, body = _parts(path.read_text(encoding="utf-8"))
        article = Article.start(
            by=publisher,
            title=facts["title"],
            external_id=facts["id"],
            type=facts["type"],
            category=shelves[facts["category"]],
            governance=shelves[facts["category"]].default_governance,
            audience=facts["audience"],
            keywords=", ".join(facts["keywords"]),
            **_sections(body),
        )
        AlternateQuestion.objects.bulk_create(
            AlternateQuestion(article=article, text=text, source="import")
            for text in facts["alternate_questions"]
        )
        _publish(article, publisher)
    _spread_over_the_year()


def _parts(text):
    _, front, body = text.split("---\n", 2)
    facts, current = {}, None
    for line in front.splitlines():
        if line.startswith("- "):
            facts[current].append(line[2:])
        else:
            current, _, value = line.partition(":")
            facts[current] = value.strip() or []
    return facts, body


def _sections(body):
    sections = {"resolution": []}
    current = "resolution"
    for line in body.splitlines():
        if line.startswith("## "):
            current = HEADINGS.get(line[3:].strip(), "resolution")
            if current != "resolution":
                sections[current] = []
                continue
        sections[current].append(line)
    render = MarkdownIt("commonmark").enable("table").render
    return {part: render("\n".join(lines)) for part, lines in sections.items()}


def _publish(article, publisher):
    revision = article.latest_revision
    revision.state = Revision.State.PUBLISHED
    revision.published_at = timezone.now()
    revision.published_by = publisher
    revision.save()
    article.published_revision = revision
    article.confidence = Article.Confidence.VALIDATED
    article.published_at = article.last_checked_at = revision.published_at
    article.last_checked_by = publisher
    article.review_by = timezone.localdate() + timedelta(days=365)
    article.save()


def _spread_over_the_year():
    """Written and checked on different days, so that badges and reviews look like life."""
    dice = random.Random(7)
    now = timezone.now()
    for article in Article.objects.order_by("pk"):
        written = now - timedelta(days=dice.randint(100, 390), minutes=dice.randint(0, 500))
        checked = now - timedelta(days=dice.randint(3, 95), minutes=dice.randint(0, 500))
        Article.objects.filter(pk=article.pk).update(
            created_at=written,
            published_at=written + timedelta(hours=3),
            last_checked_at=checked,
            review_by=(checked + timedelta(days=180)).date(),
        )
        article.revisions.update(created_at=written, published_at=written + timedelta(hours=3))
