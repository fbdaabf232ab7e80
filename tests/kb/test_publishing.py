from datetime import timedelta

import pytest
from django.utils import timezone

from kb import publishing, signals
from kb.models import Article, EditConflict, PublishRefused, Revision
from kb.privacy import gate
from tests import factories

pytestmark = pytest.mark.django_db


def refusal(act, *args, **kwargs):
    with pytest.raises(PublishRefused) as refused:
        act(*args, **kwargs)
    return str(refused.value)


def test_a_publisher_puts_a_text_before_everyone(publisher):
    article = factories.article("How do I descale my kettle?", by=publisher)
    article.publish(by=publisher)
    assert list(Article.objects.visible_to(None)) == [article]
    assert article.published_revision.published_by == publisher
    assert article.confidence == Article.Confidence.VALIDATED
    assert article.review_by > timezone.localdate()


def test_a_new_answer_keeps_its_badge_until_it_is_validated(publisher):
    article = factories.article(by=publisher)
    article.publish(by=publisher, is_new_answer=True)
    assert article.confidence == Article.Confidence.NOT_VALIDATED
    assert article.is_public


def test_a_contributor_asks_a_publisher(contributor, publisher):
    article = factories.article(by=contributor)
    assert "publisher" in refusal(article.publish, by=contributor)
    publishing.submit(article.latest_revision, by=contributor)
    assert article.revisions.get().state == Revision.State.SUBMITTED
    article.publish(by=publisher)
    assert article.is_public


def test_what_is_sent_back_says_what_is_missing(contributor, publisher):
    article = factories.article(by=contributor)
    publishing.submit(article.latest_revision, by=contributor)
    revision = article.revisions.get()
    assert "Say what is missing" in refusal(
        publishing.send_back, revision, by=publisher, comment=" "
    )
    publishing.send_back(revision, by=publisher, comment="Which kettle?")
    revision.refresh_from_db()
    assert (revision.state, revision.review_comment) == (Revision.State.DRAFT, "Which kettle?")


def test_prices_and_guarantees_need_a_second_person(publisher, sam):
    article = factories.article(by=publisher, governance=Article.Governance.COMPLIANCE)
    assert "second person" in refusal(article.publish, by=publisher)
    article.publish(by=sam)
    assert article.is_public


def test_whoever_overrules_the_gate_does_not_publish(contributor, publisher, sam):
    article = factories.article(by=contributor, resolution="<p>Ask for Wojciech Kowalski.</p>")
    hit = article.latest_revision.redaction_report.hits.get()
    gate.settle(hit, by=publisher, reason="He founded the company.")
    assert "second person" in refusal(article.publish, by=publisher)
    article.publish(by=sam)
    assert article.is_public


def test_every_missing_thing_is_named_at_once(publisher):
    article = Article.start(
        by=publisher,
        title="Where is the filter?",
        issue='<p><a href="/articles/nowhere/">here</a></p>',
    )
    reasons = refusal(article.publish, by=publisher)
    for word in ("resolution is empty", "category", "/articles/nowhere/"):
        assert word in reasons
    assert not article.is_public


def test_an_image_needs_words_for_those_who_do_not_see_it(publisher):
    article = factories.article(by=publisher, resolution='<p>See.</p><img src="/static/a.png">')
    assert "image" in refusal(article.publish, by=publisher)


def test_two_public_articles_never_share_a_title(publisher):
    factories.article("How do I pay?", by=publisher).publish(by=publisher)
    twin = factories.article("How do I pay?", by=publisher)
    assert "same title" in refusal(twin.publish, by=publisher)


def test_personal_data_is_refused_even_to_a_manager(sam):
    article = factories.article(by=sam, resolution="<p>Write to maria.lopez@mail.se</p>")
    assert "e-mail address" in refusal(article.publish, by=sam)


def test_editing_a_public_article_leaves_the_public_text_alone(publisher):
    article = factories.article("How do I pay?", by=publisher)
    first = article.publish(by=publisher)
    article.write(by=publisher, title="How can I pay?")
    article.refresh_from_db()
    assert (article.title, article.published_revision) == ("How do I pay?", first)
    article.publish(by=publisher)
    first.refresh_from_db()
    assert (article.title, first.state) == ("How can I pay?", Revision.State.SUPERSEDED)


def test_the_second_of_two_editors_is_told_and_loses_nothing(publisher, contributor):
    article = factories.article(by=publisher)
    start = article.latest_revision
    theirs = article.write(by=contributor, based_on=start, resolution="<p>Theirs</p>")
    with pytest.raises(EditConflict) as conflict:
        article.write(by=publisher, based_on=start, resolution="<p>Mine</p>")
    assert conflict.value.latest == theirs
    assert article.revisions.count() == 2


def test_publishing_is_announced_with_whether_it_is_the_first_time(publisher):
    heard = []

    def listen(**facts):
        heard.append(facts["is_first"])

    signals.article_published.connect(listen)
    try:
        article = factories.article(by=publisher)
        article.publish(by=publisher)
        article.write(by=publisher, resolution="<p>Better.</p>")
        article.publish(by=publisher)
    finally:
        signals.article_published.disconnect(listen)
    assert heard == [True, False]


def test_a_scheduled_text_goes_out_at_its_hour_and_not_before(publisher):
    article = factories.article(by=publisher)
    hour = timezone.now() + timedelta(hours=2)
    publishing.schedule(article.latest_revision, by=publisher, at=hour)
    assert publishing.publish_due() == 0
    assert publishing.publish_due(now=hour) == 1
    article.refresh_from_db()
    assert article.is_public


def test_another_hour_may_be_chosen_and_the_text_be_kept_back(publisher):
    revision = factories.article(by=publisher).latest_revision
    hour = timezone.now() + timedelta(hours=2)
    publishing.schedule(revision, by=publisher, at=hour)
    publishing.schedule(revision, by=publisher, at=hour + timedelta(days=1))
    assert publishing.publish_due(now=hour) == 0
    publishing.send_back(revision, by=publisher, comment="The price changes first.")
    assert publishing.publish_due(now=hour + timedelta(days=2)) == 0


def test_a_withdrawn_text_comes_back_with_one_press(publisher):
    article = factories.article(by=publisher)
    article.publish(by=publisher)
    publishing.withdraw(article, by=publisher)
    article.refresh_from_db()
    article.publish(by=publisher)
    article.refresh_from_db()
    assert article.is_public
    assert article.revisions.count() == 1


def test_a_withdrawn_article_is_for_colleagues_only(publisher):
    article = factories.article(by=publisher)
    article.publish(by=publisher)
    publishing.withdraw(article, by=publisher)
    assert not Article.objects.visible_to(None).exists()
    assert Article.objects.visible_to(publisher).exists()


def test_an_archived_article_leads_to_one_that_customers_can_read(publisher):
    old, new, draft = (factories.article(by=publisher) for _ in range(3))
    old.publish(by=publisher)
    new.publish(by=publisher)
    assert "customers can read" in refusal(publishing.archive, old, by=publisher, replaced_by=draft)
    publishing.archive(old, by=publisher, replaced_by=new)
    old.refresh_from_db()
    assert (old.is_public, old.replaced_by) == (False, new)


def test_a_revived_article_needs_a_check_before_readers_see_it(publisher):
    article = factories.article(by=publisher)
    article.publish(by=publisher)
    publishing.archive(article, by=publisher)
    publishing.revive(article, by=publisher)
    article.refresh_from_db()
    assert (article.confidence, article.is_public) == (Article.Confidence.NOT_VALIDATED, False)


def test_an_older_text_comes_back_as_a_new_draft(publisher):
    article = factories.article(by=publisher, resolution="<p>One</p>")
    first = article.latest_revision
    article.write(by=publisher, resolution="<p>Two</p>")
    restored = publishing.restore(first, by=publisher)
    assert (restored.resolution, restored.number) == ("<p>One</p>", 3)
