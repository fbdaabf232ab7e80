""" "Did this answer your question?" and what we learn from the reply."""

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string

from kb import demand, privacy
from kb.models import ArticleFlag, HelpfulVote


@transaction.atomic
def cast(article, *, visit_key, value, reason="", comment=""):
    """Count this visit's vote on the text it read; voting again changes the vote.

    "Not yet" with words lands on the curators' list of flags. The words are masked first:
    no row here names anybody.
    """
    vote, _is_new = HelpfulVote.objects.update_or_create(
        revision=article.published_revision,
        # Without a key (see kb.visits) each vote stands for itself.
        visit_key=visit_key or get_random_string(32),
        defaults={
            "article": article,
            "value": value,
            "reason": reason[:30],
            "comment": privacy.mask(comment.strip())[:2000],
            "at": timezone.now(),
        },
    )
    if value == HelpfulVote.Value.NO and (vote.reason or vote.comment):
        flag(article, reason=reason, comment=vote.comment)
    demand.refresh(article)
    return vote


def flag(article, *, reason, comment="", by=None):
    """Put the article on the curators' list; the same words twice are one flag."""
    flags = ArticleFlag.Reason
    return ArticleFlag.objects.get_or_create(
        article=article,
        state=ArticleFlag.State.OPEN,
        raised_by=by,
        reason=reason if reason in flags.values else flags.OTHER,
        comment=comment,
    )[0]


@transaction.atomic
def settle_flag(flag, *, by, state):
    """A curator has mended the article, or found nothing to mend."""
    flag.state = state
    flag.assignee = flag.assignee or by
    flag.settled_at = timezone.now()
    flag.save(update_fields=["state", "assignee", "settled_at"])


@transaction.atomic
def take_flag(flag, *, by):
    """A curator takes the flag on; what is said to be wrong no longer counts as checked."""
    flag.assignee = by
    flag.save(update_fields=["assignee"])
    article = flag.article
    doubts = {flag.Reason.WRONG, flag.Reason.OUTDATED}
    if flag.reason in doubts and article.confidence == article.Confidence.VALIDATED:
        article.confidence = article.Confidence.NOT_VALIDATED
        article.save(update_fields=["confidence", "changed_at"])
