"""What must always hold for articles, proved on live data by `manage.py audit`."""

from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Length
from django.utils import timezone

from kb import markup
from kb.invariants import holds
from kb.models import (
    Article,
    ArticleFlag,
    FormerSlug,
    HelpfulVote,
    IndexChange,
    Revision,
    SearchQuery,
)
from kb.privacy import gate, mask
from kb.search import keeping

NEWEST = 500  # searches read again; the rest went the same way
FEW = 100  # characters, of which none may be a word


_asked_about = ArticleFlag.objects.filter(
    article=OuterRef("pk"), reason=ArticleFlag.Reason.PERSONAL, state=ArticleFlag.State.OPEN
)


@holds("I15", "A public article has a published text, a category, an answer, and passed the gate")
def public_articles_may_be_public():
    # The worker reads what an import brought, a slice every minute.
    read_long_ago = gate.unread().exclude(
        pattern_version=gate.IMPORTED, checked_at__gt=timezone.now() - timedelta(days=1)
    )
    claimed = Article.objects.filter(audience=Article.Audience.PUBLIC).exclude(
        confidence=Article.Confidence.ARCHIVED
    )
    for problem, wrong in {
        "is public without a published revision": Q(published_revision=None),
        "is public as work in progress": Q(confidence=Article.Confidence.WIP),
        "shows a revision that is not published": Q(published_revision__isnull=False)
        & ~Q(published_revision__state=Revision.State.PUBLISHED),
        "shows another article's revision": Q(published_revision__isnull=False)
        & ~Q(published_revision__article=F("pk")),
        "carries another title than its text": Q(published_revision__isnull=False)
        & ~Q(published_revision__title=F("title")),
        "was never seen by the privacy gate": Q(published_revision__isnull=False)
        & Q(published_revision__redaction_report=None),
        "was last read by the privacy gate under older patterns": Q(
            published_revision__redaction_report__in=read_long_ago
        ),
        "is public without a category": Q(category=None),
        # What a later reading found stays public until a person decides: that one must be asked.
        "holds what the privacy gate found, and nobody is asked": Q(
            published_revision__redaction_report__is_passed=False
        )
        & ~Exists(_asked_about),
    }.items():
        for article in claimed.filter(wrong):
            yield f"{article.number} {problem}"
    shortest = claimed.annotate(size=Length("published_revision__resolution")).filter(size__lt=FEW)
    for article in shortest.select_related("published_revision"):
        if not markup.has_content(article.published_revision.resolution):
            yield f"{article.number} is public without an answer"


@holds("I16", "The public index holds exactly the public articles' published texts")
def the_public_index_is_true():
    for backend in keeping.backends():
        if backend.index.trouble():
            yield f"the index {backend.connection_alias} cannot be read"
        elif IndexChange.objects.filter(pk__gt=backend.index.mark).exists():
            continue  # the worker is about to write it
        else:
            state = keeping.database_state(backend).items() ^ keeping.index_state(backend).items()
            for pk in sorted({pk for pk, _stamp in state}):
                yield f"the index {backend.connection_alias} differs for KB-{pk:04d}"


@holds("I17", "Addresses of public articles never die silently")
def former_addresses_lead_on():
    taken = Article.objects.values("slug")
    for former in FormerSlug.objects.filter(slug__in=taken):
        yield f"the former address {former.slug} is also an article's own"


@holds("I30", "No row names a visitor in search logs and votes")
def nobody_is_named_in_logs():
    searches = SearchQuery.objects.order_by("-pk").values_list("pk", "text")[:NEWEST]
    votes = HelpfulVote.objects.exclude(comment="").order_by("-pk")
    for pk, text in searches:
        if mask(text) != text:
            yield f"search {pk} was stored unmasked"
    for pk, text in votes.values_list("pk", "comment")[:NEWEST]:
        if mask(text) != text:
            yield f"vote {pk} was stored unmasked"
