"""Put a made-up site of a given size into the database that DATA_DIR names, and index it."""

from itertools import islice

from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from benchmarks.search_corpus import Site

BATCH = 2_000


def fill(size):
    """Bring the database to `size` public articles."""
    from kb.models import Article, Revision

    site, have = Site(), Article.objects.count()
    texts = (site.article() for _ in range(size))
    texts = islice(enumerate(texts), have, None)
    while batch := list(islice(texts, BATCH)):
        with transaction.atomic():
            articles = Article.objects.bulk_create(_article(n, title) for n, (title, _) in batch)
            revisions = Revision.objects.bulk_create(
                Revision(article=article, number=1, title=title, resolution=f"<p>{body}</p>")
                for article, (_, (title, body)) in zip(articles, batch, strict=True)
            )
            for article, revision in zip(articles, revisions, strict=True):
                article.published_revision = article.latest_revision = revision
            Article.objects.bulk_update(articles, ["published_revision", "latest_revision"])


def _article(number, title):
    from kb.models import Article

    return Article(
        slug=f"a{number}",
        external_id=f"a{number}",
        title=title,
        audience=Article.Audience.PUBLIC,
        confidence=Article.Confidence.VALIDATED,
        published_at=timezone.now(),
        changed_at=timezone.now(),
    )


def prepare():
    call_command("migrate", verbosity=0)
