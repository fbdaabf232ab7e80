"""How a text becomes public, and how it stops being so.

A publisher publishes at once; risk asks for a second person: matters of price, law and safety,
and every text in which somebody overruled the privacy gate.
"""

from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kb import content_standard, signals
from kb.models import Article, EditConflict, PublishRefused, Revision
from kb.privacy import gate

REVIEW_AFTER = timedelta(days=365)
_MAY_BE_PUBLISHED = {Revision.State.DRAFT, Revision.State.SUBMITTED, Revision.State.SCHEDULED}


def obstacles(revision, *, by):
    """Each reason why this person may not publish this revision now."""
    reasons = list(content_standard.problems(revision))
    if not by.has_perm("kb.publish_article"):
        reasons.append(_("A publisher publishes it; ask for it with one press."))
    elif needs_second_person(revision) and by.pk in _first_persons(revision):
        reasons.append(_("A second person publishes this one; hand it on for review."))
    return reasons


def needs_second_person(revision):
    is_compliance = revision.article.governance == Article.Governance.COMPLIANCE
    return is_compliance or gate.is_overridden(revision)


def _first_persons(revision):
    """Who wrote the text, and who called a finding harmless."""
    decisions = [decision for _found, decision in gate.judged(revision) if decision]
    return {revision.author_id, *(decision.decided_by_id for decision in decisions)}


@contextmanager
def _all_or_nothing(revision, by):
    """One transaction; that somebody stood alone before the gate outlives its undoing."""
    try:
        with transaction.atomic():
            yield
    except PublishRefused:
        may_publish = by.has_perm("kb.publish_article")
        if may_publish and gate.is_overridden(revision) and by.pk in _first_persons(revision):
            _turned_back(revision, by, "alone")
        raise


def _turned_back(revision, by, why):
    signals.second_person_refused.send(Article, article=revision.article, by=by, why=why)


def publish(article, *, by, revision=None, is_new_answer=False, is_anonymous=False):
    """Let every visitor read this text from now on, or raise PublishRefused with the reasons.

    `is_new_answer` leaves the badge "new answer"; `is_anonymous` is the human's word that a
    stranger reading this could not tell who asked, needed where somebody had asked.
    """
    with _all_or_nothing(revision or article.latest_revision, by):
        article = Article.objects.select_for_update().get(pk=article.pk)
        revision = _chosen(article, revision)
        _refuse_if_anything_stands_in_the_way(revision, by, is_anonymous)
        report = gate.check(revision)
        if is_anonymous:
            report.is_anonymous_confirmed_by = by
            report.save()
        return _make_public(article, revision, by=by, is_new_answer=is_new_answer)


def _refuse_if_anything_stands_in_the_way(revision, by, is_anonymous):
    reasons = obstacles(revision, by=by)
    if needs_anonymous_word(revision.article) and not is_anonymous:
        reasons.append(_("Confirm that a stranger reading this could not tell who asked."))
    if reasons:
        raise PublishRefused(reasons)


def needs_anonymous_word(article):
    return article.sources.filter(kind="ticket").exists()


def _chosen(article, revision):
    revision = revision or article.latest_revision
    if revision is None or revision.article_id != article.pk:
        raise PublishRefused([_("There is no text to publish.")])
    if revision.state not in _MAY_BE_PUBLISHED:
        raise PublishRefused([_("This text is already public or was set aside.")])
    return Revision.objects.select_related("article").get(pk=revision.pk)


def _make_public(article, revision, *, by, is_new_answer):
    now = timezone.now()
    earlier = article.published_revision
    if earlier:
        earlier.state = Revision.State.SUPERSEDED
        earlier.save(update_fields=["state"])
    revision.state = Revision.State.PUBLISHED
    revision.published_at, revision.published_by = now, by
    revision.publish_at = None
    revision.save(update_fields=["state", "published_at", "published_by", "publish_at"])
    is_first = article.published_at is None
    article.published_revision = revision
    article.title = revision.title
    article.audience = Article.Audience.PUBLIC
    article.confidence = (
        Article.Confidence.NOT_VALIDATED if is_new_answer else Article.Confidence.VALIDATED
    )
    article.replaced_by = None
    article.published_at = article.published_at or now
    article.last_checked_at, article.last_checked_by = now, by
    if article.review_by is None or article.review_by <= now.date():
        article.review_by = now.date() + REVIEW_AFTER
    article.save()
    signals.article_published.send(
        Article, article=article, revision=revision, by=by, is_first=is_first
    )
    return revision


@transaction.atomic
def submit(revision, *, by):
    """Ask a publisher to look at this draft."""
    _move(revision, {Revision.State.DRAFT}, Revision.State.SUBMITTED)
    return gate.check(revision)


@transaction.atomic
def send_back(revision, *, by, comment):
    """Return a submitted draft to its author with a word on what is missing."""
    if not comment.strip():
        raise PublishRefused([_("Say what is missing, so that the author can mend it.")])
    revision.review_comment = comment.strip()
    revision.save(update_fields=["review_comment"])
    _move(revision, {Revision.State.SUBMITTED, Revision.State.SCHEDULED}, Revision.State.DRAFT)
    if by and gate.is_overridden(revision) and by.pk not in _first_persons(revision):
        _turned_back(revision, by, "sent-back")


def schedule(revision, *, by, at, is_anonymous=False):
    """Publish later; everything is checked now, and once more at that hour."""
    if at <= timezone.now():
        raise PublishRefused([_("Choose a time that is still to come.")])
    with _all_or_nothing(revision, by):
        _refuse_if_anything_stands_in_the_way(revision, by, is_anonymous)
        _move(revision, _MAY_BE_PUBLISHED, Revision.State.SCHEDULED)
        revision.publish_at, revision.published_by = at, by
        revision.save(update_fields=["publish_at", "published_by"])


def publish_due(now=None):
    """Publish what was scheduled for a time that has come; the worker calls it every minute."""
    due = Revision.objects.filter(
        state=Revision.State.SCHEDULED, publish_at__lte=now or timezone.now()
    ).select_related("article", "published_by")
    published = 0
    for revision in due:
        try:
            publish(
                revision.article, by=revision.published_by, revision=revision, is_anonymous=True
            )
            published += 1
        except PublishRefused as refused:
            send_back(revision, by=None, comment=str(refused))
    return published


@transaction.atomic
def withdraw(article, *, by):
    """Take an article from the public; its address stays, and colleagues still read it.

    Where nothing newer was written its text is a draft again, one press from coming back.
    """
    article = Article.objects.select_for_update().get(pk=article.pk)
    revision = article.published_revision
    if revision is not None:
        is_latest = revision.pk == article.latest_revision_id
        revision.state = Revision.State.DRAFT if is_latest else Revision.State.SUPERSEDED
        revision.save(update_fields=["state"])
    article.audience = Article.Audience.INTERNAL
    article.published_revision = None
    article.save()


@transaction.atomic
def archive(article, *, by, replaced_by=None):
    """Retire an article. Its address then says what replaced it, or honestly that it is gone."""
    if replaced_by is not None and (replaced_by.pk == article.pk or not replaced_by.is_public):
        raise PublishRefused([_("Choose another article that customers can read.")])
    article = Article.objects.select_for_update().get(pk=article.pk)
    article.confidence = Article.Confidence.ARCHIVED
    article.replaced_by = replaced_by
    article.save()


@transaction.atomic
def revive(article, *, by):
    """Bring a retired article back among the colleagues' ones; it needs a check before readers."""
    withdraw(article, by=by)
    article.refresh_from_db()
    article.confidence = Article.Confidence.NOT_VALIDATED
    article.replaced_by = None
    article.save()


@transaction.atomic
def restore(revision, *, by):
    """A new draft with the words of an older revision."""
    parts = {part: getattr(revision, part) for part in Revision.PARTS}
    note = _("Restored from revision %(number)d.") % {"number": revision.number}
    return revision.article.write(by=by, change_note=note, **parts)


def _move(revision, sources, target):
    """Change the state of a draft; the row is locked before it is read."""
    current = Revision.objects.select_for_update().get(pk=revision.pk)
    if current.state not in sources:
        raise EditConflict(current)
    current.state = revision.state = target
    current.save(update_fields=["state"])
