"""Believable articles in any number, made from the demo's."""

import itertools
import random


def fill(count):
    """Put so many public articles into an empty database, quickly and always the same ones."""
    from django.utils import timezone

    from kb.models import Article, Category, Revision
    from portal.models import User

    chance = random.Random(7)
    author = User.objects.get(username="admin")
    shelves = [
        Category.objects.get_or_create(slug=f"shelf-{n}", defaults={"name": f"Shelf {n}"})[0]
        for n in range(20)
    ]
    words = _words()
    now = timezone.now()
    for batch in _batches(count):
        articles = Article.objects.bulk_create(
            Article(
                slug=f"bench-{n}",
                title=_sentence(chance, words, 7),
                category=chance.choice(shelves),
                audience="public",
                confidence="validated",
                owner=author,
                demand=chance.random() * 50,
                published_at=now,
            )
            for n in batch
        )
        revisions = Revision.objects.bulk_create(
            Revision(
                article=article,
                number=1,
                title=article.title,
                issue=f"<p>{_sentence(chance, words, 15)}</p>",
                resolution="".join(f"<p>{_sentence(chance, words, 40)}</p>" for _ in range(4)),
                author=author,
                state="published",
                published_at=now,
            )
            for article in articles
        )
        for article, revision in zip(articles, revisions, strict=True):
            article.published_revision = article.latest_revision = revision
        Article.objects.bulk_update(articles, ["published_revision", "latest_revision"])


def _batches(count):
    return (range(start, min(start + 500, count)) for start in range(0, count, 500))


def _words():
    """Words as frequent as words are: the first thousand by Zipf's rule."""
    syllables = ["ka", "lo", "mi", "ren", "tu", "sal", "vo", "pe", "dor", "fin", "gra", "hel"]
    rare = ["".join(pair) for pair in itertools.product(syllables, repeat=3)]
    common = [
        "the",
        "parcel",
        "refund",
        "order",
        "my",
        "card",
        "return",
        "kettle",
        "invoice",
        "account",
        "password",
        "delivery",
    ]
    return common + rare


def _sentence(chance, words, length):
    most = len(words)
    picked = (words[int(most ** chance.random()) - 1] for _ in range(length))
    return " ".join(picked).capitalize()
