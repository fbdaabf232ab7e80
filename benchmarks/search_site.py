"""Put a made-up site of a given size into the database that DATA_DIR names."""

from itertools import islice

from django.core.management import call_command
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from benchmarks.search_corpus import Site

BATCH = 2_000


def fill(size):
    """Bring the database to `size` public articles."""
    from kb.models import Article, Revision

    call_command("migrate", verbosity=0)
    texts = islice(enumerate(articles(size)), Article.objects.count(), None)
    while batch := list(islice(texts, BATCH)):
        with transaction.atomic():
            made = Article.objects.bulk_create(_article(n, title) for n, (title, _) in batch)
            Revision.objects.bulk_create(
                Revision(article=article, number=1, title=title, resolution=f"<p>{body}</p>")
                for article, (_, (title, body)) in zip(made, batch, strict=True)
            )
            written = Subquery(Revision.objects.filter(article=OuterRef("pk")).values("pk")[:1])
            Article.objects.filter(published_revision=None).update(
                published_revision=written, latest_revision=written
            )


def articles(size):
    """The titles and bodies of a site of this size."""
    site = Site()
    return (site.article() for _ in range(size))


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


def publish(article, word):
    """A new revision of the article, with this word in its title."""
    from kb.models import Revision

    number = article.latest_revision.number + 1
    article.published_revision = article.latest_revision = Revision.objects.create(
        article=article,
        number=number,
        title=f"{word} {article.title}"[:200],
        resolution=article.latest_revision.resolution,
    )
    article.changed_at = timezone.now()
    article.save()
