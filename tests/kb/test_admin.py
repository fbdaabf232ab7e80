"""The writing desk, pressed button by button."""

import pytest
from django.urls import reverse

from feedback.signed_out import typed
from kb import publishing
from kb.models import AlternateQuestion, Article, ArticleFlag, Revision
from tests import factories

pytestmark = pytest.mark.django_db


def address(name, *args):
    return reverse(f"admin:kb_article_{name}", args=args)


def form(article=None, **words):
    """What the browser sends for this article."""
    latest = article.latest_revision if article else None
    fields = {part: getattr(latest, part) if latest else "" for part in Revision.PARTS}
    fields |= {
        "based_on": latest.pk if latest else "",
        "type": "faq",
        "slug": article.slug if article else "",
        "governance": "experience",
        "category": (article.category_id or "") if article else "",
        "alternate_questions-TOTAL_FORMS": 0,
        "alternate_questions-INITIAL_FORMS": 0,
    }
    return fields | words


@pytest.fixture
def article(publisher):
    return factories.article("How do I descale it?", by=publisher)


def test_a_new_article_is_written_with_its_first_revision(signed_in, contributor):
    category = factories.category()
    words = form(title="Where is the filter?", resolution="<p>Below.</p>", category=category.pk)
    signed_in(contributor).post(address("add"), words)
    article = Article.objects.get()
    assert (article.title, article.slug) == ("Where is the filter?", "where-is-the-filter")
    assert article.latest_revision.resolution == "<p>Below.</p>"
    assert (article.owner, article.is_public) == (contributor, False)


def test_an_article_saved_after_being_signed_out_is_shown_to_be_copied(visitor, article):
    words = form(article, resolution="<p>Fill it with vinegar.</p><p>Wait &amp; rinse.</p>")
    page = visitor.post(address("change", article.pk), words)
    assert page.status_code == 403
    assert "Fill it with vinegar.\nWait &amp; rinse." in page.content.decode()
    assert article.revisions.count() == 1


def test_a_password_is_never_shown_again(rf):
    request = rf.post("/", {"password": "a long pass phrase", "note": "kept words"})
    assert typed(request) == "kept words"


def test_scripts_in_what_is_typed_are_thrown_away(signed_in, publisher, article):
    hostile = '<p onclick="x()">Hi<script>alert(1)</script></p>'
    signed_in(publisher).post(address("change", article.pk), form(article, resolution=hostile))
    article.refresh_from_db()
    assert article.latest_revision.resolution == "<p>Hi</p>"


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        ('<img src="https://e.example/a.png" alt="x">', "An image lies on another site"),
        ('<img src="/static/portal/mark.svg">', "An image has no text for those who do not see"),
        ('<img src="/static/portal/mark.svg" alt=" ">', "An image has no text for those who do"),
    ],
)
def test_an_image_not_everybody_can_have_is_refused_with_the_reason(
    image, reason, signed_in, publisher, article
):
    words = form(article, resolution=f"<p>See</p>{image}")
    page = signed_in(publisher).post(address("change", article.pk), words).content.decode()
    assert reason in page
    assert article.revisions.count() == 1


def test_saving_without_new_words_makes_no_revision(signed_in, publisher, article):
    signed_in(publisher).post(address("change", article.pk), form(article, is_pinned="on"))
    article.refresh_from_db()
    assert (article.is_pinned, article.revisions.count()) == (True, 1)


def test_a_new_address_leaves_a_redirect(signed_in, publisher, article):
    old = article.slug
    signed_in(publisher).post(address("change", article.pk), form(article, slug="descaling"))
    article.refresh_from_db()
    assert (article.slug, article.former_slugs.get().slug) == ("descaling", old)


def test_save_and_publish_puts_it_before_readers(signed_in, publisher, article):
    signed_in(publisher).post(address("change", article.pk), form(article, _publish="1"))
    article.refresh_from_db()
    assert article.is_public


def test_what_stands_in_the_way_of_publishing_is_said(signed_in, publisher, article):
    words = form(article, resolution="", _publish="1")
    page = signed_in(publisher).post(address("change", article.pk), words, follow=True)
    assert "the resolution is empty" in page.content.decode()
    article.refresh_from_db()
    assert not article.is_public


def test_a_contributor_has_no_publish_button_and_no_publish_press(signed_in, contributor, article):
    browser = signed_in(contributor)
    page = browser.get(address("change", article.pk)).content.decode()
    assert "Save and ask to publish" in page
    assert 'name="_publish"' not in page
    browser.post(address("act", article.pk), {"act": "publish"})
    for act in ("withdraw", "archive", "schedule", "send-back", "revive"):
        assert browser.post(address("act", article.pk), {"act": act}).status_code == 403
    article.refresh_from_db()
    assert not article.is_public


def test_a_contributor_cannot_pin_an_article(signed_in, contributor, article):
    signed_in(contributor).post(address("change", article.pk), form(article, is_pinned="on"))
    article.refresh_from_db()
    assert not article.is_pinned


def test_the_slower_of_two_editors_sees_the_others_text_and_keeps_the_own(
    signed_in, publisher, contributor, article
):
    mine = form(article, resolution="<p>My words</p>")
    article.write(by=contributor, resolution="<p>Their words</p>")
    browser = signed_in(publisher)
    page = browser.post(address("change", article.pk), mine).content.decode()
    assert "Cleo has changed this article meanwhile" in page
    assert "Their words" in page
    assert "My words" in page
    assert article.revisions.count() == 2
    latest = article.revisions.first()
    browser.post(address("change", article.pk), mine | {"based_on": latest.pk})
    assert article.revisions.first().resolution == "<p>My words</p>"


def test_a_customers_words_are_added_and_hidden_but_never_edited(signed_in, publisher, article):
    question = article.add_question("it is full of chalk", source="ticket")
    rows = {
        "alternate_questions-TOTAL_FORMS": 2,
        "alternate_questions-INITIAL_FORMS": 1,
        "alternate_questions-0-id": question.pk,
        "alternate_questions-0-article": article.pk,
        "alternate_questions-0-text": "something else",
        "alternate_questions-0-hidden_reason": "Off topic",
        "alternate_questions-1-article": article.pk,
        "alternate_questions-1-text": "call me on +44 20 7946 0958 about chalk",
    }
    signed_in(publisher).post(address("change", article.pk), form(article, **rows))
    first, second = AlternateQuestion.objects.all()
    assert (first.text, first.hidden_reason) == ("it is full of chalk", "Off topic")
    assert second.text == "call me on … about chalk"


def test_the_report_stands_at_the_top_and_one_press_makes_the_text_neutral(signed_in, publisher):
    article = factories.article(
        "Where is it?", by=publisher, resolution="<p>Write to <b>maria</b>.lopez@mail.se</p>"
    )
    browser = signed_in(publisher)
    page = browser.get(address("change", article.pk)).content.decode()
    assert "One thing to replace" in page
    hit = article.latest_revision.redaction_report.hits.get()
    mark = f"{hit.field}:{hit.start}"
    browser.post(
        address("findings", article.pk),
        {"revision": article.latest_revision.pk, f"words:{mark}": "your e-mail address"},
    )
    article.refresh_from_db()
    assert "your e-mail address" in article.latest_revision.resolution
    assert "mail.se" not in article.latest_revision.resolution
    assert article.latest_revision.redaction_report.is_passed


def test_a_possible_name_may_stand_with_a_reason(signed_in, publisher, sam):
    article = factories.article(by=publisher, resolution="<p>Ask for Wojciech Kowalski.</p>")
    hit = article.latest_revision.redaction_report.hits.get()
    signed_in(publisher).post(
        address("findings", article.pk),
        {
            "revision": article.latest_revision.pk,
            f"words:{hit.field}:{hit.start}": "the customer",
            f"reason:{hit.field}:{hit.start}": "Our founder",
        },
    )
    article.refresh_from_db()
    assert "Kowalski" in article.latest_revision.resolution
    signed_in(sam).post(address("act", article.pk), {"act": "publish"})
    article.refresh_from_db()
    assert article.is_public


def test_a_submitted_draft_is_sent_back_with_a_word(signed_in, publisher, contributor):
    article = factories.article(by=contributor)
    signed_in(contributor).post(address("change", article.pk), form(article, _submit="1"))
    signed_in(publisher).post(
        address("act", article.pk), {"act": "send-back", "comment": "Which model?"}
    )
    page = signed_in(contributor).get(address("change", article.pk)).content.decode()
    assert "Which model?" in page


def test_two_revisions_stand_side_by_side(signed_in, publisher, article):
    article.write(by=publisher, resolution="<p>Turn it off and never on again.</p>")
    page = signed_in(publisher).get(address("difference", article.pk)).content.decode()
    assert "<del>on</del>" in page or "<ins>never " in page


def test_an_older_revision_is_restored_by_one_press(signed_in, publisher, article):
    article.write(by=publisher, resolution="<p>Worse.</p>")
    signed_in(publisher).post(address("act", article.pk), {"act": "restore", "number": 1})
    assert article.revisions.first().resolution == "<p>Turn it off and on again.</p>"


def test_what_links_here_is_told(signed_in, publisher, article):
    article.publish(by=publisher)
    link = f'<p><a href="{article.get_absolute_url()}">See</a></p>'
    factories.article("The one that links", by=publisher, resolution=link).publish(by=publisher)
    page = signed_in(publisher).get(address("change", article.pk)).content.decode()
    assert "The one that links" in page


def test_every_page_of_an_article_opens(signed_in, publisher, article):
    article.publish(by=publisher)
    browser = signed_in(publisher)
    for name in ("change", "revisions", "difference", "preview"):
        assert browser.get(address(name, article.pk)).status_code == 200
    assert browser.get(address("add")).status_code == 200
    assert browser.get(address("difference", article.pk) + "?before=x").status_code == 404


def test_the_lists_take_as_many_queries_for_thirty_as_for_three(
    signed_in, publisher, django_assert_max_num_queries
):
    for n in range(30):
        made = factories.article(by=publisher)
        made.publish(by=publisher)
        ArticleFlag.objects.create(article=made, reason="wrong", comment=str(n))
    browser = signed_in(publisher)
    for name in ("kb_article", "kb_articleflag", "kb_category"):
        with django_assert_max_num_queries(20):
            assert browser.get(reverse(f"admin:{name}_changelist")).status_code == 200


@pytest.mark.parametrize("todo", ["review", "mine", "flagged", "overdue", "held", "uncategorised"])
def test_the_list_can_be_asked_what_waits(signed_in, publisher, article, todo):
    page = signed_in(publisher).get(address("changelist"), {"todo": todo})
    assert page.status_code == 200


def test_the_list_finds_by_words_and_by_number(signed_in, publisher, article):
    browser = signed_in(publisher)
    assert b"descale" in browser.get(address("changelist"), {"q": article.number}).content
    assert b"descale" in browser.get(address("changelist"), {"q": "descale"}).content


def test_a_flag_is_taken_and_settled(signed_in, publisher, article):
    flag = ArticleFlag.objects.create(article=article, reason="unclear")
    browser = signed_in(publisher)
    url = reverse("admin:kb_articleflag_changelist")
    for action in ("take_on", "is_fixed"):
        browser.post(url, {"action": action, "_selected_action": [flag.pk]})
    flag.refresh_from_db()
    assert (flag.assignee, flag.state) == (publisher, ArticleFlag.State.FIXED)


def test_a_colleague_flags_what_they_read(signed_in, contributor, article):
    signed_in(contributor).post(
        address("act", article.pk), {"act": "flag", "reason": "outdated", "said": "New price"}
    )
    flag = ArticleFlag.objects.get()
    assert (flag.reason, flag.comment, flag.raised_by) == ("outdated", "New price", contributor)


def test_a_scheduled_article_is_marked_in_the_list(signed_in, publisher, article):
    browser = signed_in(publisher)
    browser.post(address("act", article.pk), {"act": "schedule", "at": "2126-01-01T10:00"})
    assert b"scheduled" in browser.get(address("changelist")).content
    assert publishing.publish_due() == 0
    page = browser.get(address("change", article.pk)).content.decode()
    assert "Customers read it from" in page
    assert "Keep it back" in page


def test_the_page_of_an_archived_article_says_where_its_address_leads(
    signed_in, publisher, article
):
    successor = factories.article("How do I clean it?", by=publisher, public=True)
    publishing.archive(article, by=publisher, replaced_by=successor)
    page = signed_in(publisher).get(address("change", article.pk)).content.decode()
    assert "Its address leads readers to" in page
    assert address("change", successor.pk) in page


def test_what_others_rest_on_says_kindly_that_it_stays(admin_client, article):
    address = reverse("admin:kb_category_delete", args=[article.category_id])
    page = admin_client.get(address).content.decode()
    assert "This stays as long as something rests on it" in page
    assert article.title in page
    assert "Cannot" not in page


def test_what_nobody_has_changed_by_hand_says_so(admin_client, article):
    address = reverse("admin:kb_category_history", args=[article.category_id])
    assert "Nobody has changed this by hand so far." in admin_client.get(address).content.decode()
