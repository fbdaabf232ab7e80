"""Believable rows for tests; say only what the test is about."""

from io import BytesIO
from itertools import count

from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from feedback.models import Customer, Message, Ticket
from kb import pictures
from kb.models import Article, Category, Revision
from portal.models import User

_next = count(1)


def staff(username="colleague", *groups, **fields):
    user = User.objects.create_user(
        username,
        email=f"{username}@askwell.example",
        password=fields.pop("password", None),
        first_name=fields.pop("first_name", username.title()),
        is_staff=True,
        **fields,
    )
    user.groups.set([Group.objects.get(name=name) for name in groups])
    return user


def customer(**fields):
    n = next(_next)
    return Customer.objects.create(
        **{"name": f"Customer {n}", "email": f"customer{n}@example.org"} | fields
    )


def category(name=None, **fields):
    n = next(_next)
    name = name or f"Category {n}"
    return Category.objects.create(name=name, **{"slug": f"category-{n}"} | fields)


def article(title=None, *, by=None, public=False, **fields):
    """An article with its first revision; `public=True` puts it before readers as it is."""
    n = next(_next)
    by = by or User.objects.filter(is_staff=True).first() or staff(f"author{n}")
    fields = {"resolution": "<p>Turn it off and on again.</p>", "category": None} | fields
    fields["category"] = fields["category"] or category()
    made = Article.start(by=by, title=title or f"How do I do thing {n}?", **fields)
    if public:
        _make_public(made, by)
    return made


def _make_public(article, by):
    revision = article.latest_revision
    revision.state, revision.published_by = Revision.State.PUBLISHED, by
    revision.published_at = article.published_at = revision.created_at
    revision.save()
    article.published_revision = revision
    article.audience = Article.Audience.PUBLIC
    article.save()


def image(name="tank.png", *, size=(40, 30), colour="teal", mode="RGB", **options):
    """A file as somebody sends it."""
    out = BytesIO()
    kind = pictures.KINDS[name[name.rindex(".") :].lower()]
    Image.new(mode, size, colour).save(out, kind, **options)
    return SimpleUploadedFile(name, out.getvalue())


def picture(words="The tank without its lid", **look):
    sent = image(**look)
    return pictures.add(pictures.draw(sent, sent.name), alternative_text=words)


def ticket(**fields):
    fields.setdefault("customer", None)
    fields["customer"] = fields["customer"] or customer()
    fields.setdefault("subject", "The kettle leaks")
    fields.setdefault("original_words", "The kettle I bought last week leaks at the bottom.")
    made = Ticket.objects.create(**fields)
    Message.objects.create(
        ticket=made,
        direction=Message.Direction.IN,
        author_kind=Message.AuthorKind.CUSTOMER,
        type=Message.Type.ORIGINAL,
        body=made.original_words,
    )
    return made
