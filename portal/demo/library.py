"""The demo company's answers, put on their shelves as if written over the last year."""

import random
from datetime import timedelta

from django.utils import timezone

from kb import importing
from kb.models import Article, Category
from portal.demo.shop import HERE


def write_the_articles(publisher):
    """Each Markdown file below articles/ becomes an article, by the very way of an import."""
    outcome = importing.run(importing.read(HERE / "articles"), by=publisher)
    if wrong := outcome.problems + outcome.left_out:
        raise ValueError(wrong)
    for governance in Article.Governance.values:
        shelves = Category.objects.filter(default_governance=governance)
        Article.objects.filter(category__in=shelves).update(governance=governance)
    _spread_over_the_year(publisher)


def _spread_over_the_year(publisher):
    """Written and checked on different days, so that badges and reviews look like life."""
    dice = random.Random(7)
    now = timezone.now()
    for article in Article.objects.order_by("pk"):
        written = now - timedelta(days=dice.randint(100, 390), minutes=dice.randint(0, 500))
        checked = now - timedelta(days=dice.randint(3, 95), minutes=dice.randint(0, 500))
        is_public = article.published_revision_id is not None
        published = written + timedelta(hours=3) if is_public else None
        Article.objects.filter(pk=article.pk).update(
            created_at=written,
            published_at=published,
            last_checked_at=checked,
            last_checked_by=publisher,
            review_by=(checked + timedelta(days=180)).date(),
        )
        article.revisions.update(created_at=written, published_at=published, change_note="")
