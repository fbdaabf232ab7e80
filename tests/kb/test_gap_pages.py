"""The curator's page of a gap: from what people typed to the proof that they find it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from kb import gaps
from kb.models import Article, ContentGap, SearchQuery
from tests import factories


@pytest.fixture
def gap(db):
    for visit in "abc":
        SearchQuery.objects.create(
            text="gift wrapping",
            normalised="gift wrapping",
            results_count=0,
            visit_key=visit,
            at=timezone.now() - timedelta(days=1),
        )
    gaps.gather()
    return ContentGap.objects.get()


def press(browser, gap, act, **fields):
    url = reverse("admin:kb_contentgap_act", args=[gap.pk])
    response = browser.post(url, {"act": act} | fields, follow=True)
    gap.refresh_from_db()
    return response


def test_the_list_shows_what_waits_with_counts_and_trend(signed_in, contributor, gap):
    page = signed_in(contributor).get(reverse("admin:kb_contentgap_changelist"))
    text = page.content.decode()
    assert "gift wrapping" in text
    assert "3 (rising, was 0)" in text


def test_a_declined_gap_leaves_the_list_and_keeps_its_reason(signed_in, contributor, gap):
    browser = signed_in(contributor)
    press(browser, gap, "decline", reason="we never will")
    assert gap.state == "declined"
    page = browser.get(reverse("admin:kb_contentgap_changelist")).content.decode()
    assert "gift wrapping" not in page


def test_starting_a_draft_leads_to_the_article_with_the_words(signed_in, publisher, gap):
    response = press(signed_in(publisher), gap, "draft")
    article = Article.objects.get()
    assert response.redirect_chain[-1][0] == reverse("admin:kb_article_change", args=[article.pk])
    assert gap.state == "drafted"


def test_pressing_twice_is_answered_kindly(signed_in, publisher, gap):
    browser = signed_in(publisher)
    press(browser, gap, "draft")
    response = press(browser, gap, "draft")
    assert "This gap is already being written." in response.content.decode()
    assert Article.objects.count() == 1


def test_an_article_that_answers_it_already_gets_the_words_and_the_proof(signed_in, publisher, gap):
    article = factories.article("Do you offer gift wrapping?", public=True)
    browser = signed_in(publisher)
    press(browser, gap, "answer", article=article.pk)
    assert gap.state == "published"
    response = press(browser, gap, "check")
    assert "1 of 1 now find it in the first three." in response.content.decode()
    assert gap.state == "verified"


def test_looking_at_a_gap_changes_nothing_and_needs_the_right(signed_in, contributor, gap, visitor):
    url = reverse("admin:kb_contentgap_change", args=[gap.pk])
    assert signed_in(contributor).get(url).status_code == 200
    assert signed_in(factories.staff("nobody")).get(url).status_code == 403
    assert visitor.get(url).status_code == 302
    act = reverse("admin:kb_contentgap_act", args=[gap.pk])
    assert signed_in(contributor).get(act).status_code == 405
    assert signed_in(factories.staff("noone")).post(act, {"act": "take"}).status_code == 403


def test_the_list_costs_the_same_for_one_gap_and_for_many(
    signed_in, contributor, gap, django_assert_max_num_queries
):
    now = timezone.now()
    ContentGap.objects.bulk_create(
        [ContentGap(label=f"Gap {n}", first_seen=now, last_seen=now) for n in range(40)]
    )
    browser = signed_in(contributor)
    with django_assert_max_num_queries(12):
        browser.get(reverse("admin:kb_contentgap_changelist"))


def test_counting_again_is_one_press(signed_in, contributor, gap):
    ContentGap.objects.all().delete()
    signed_in(contributor).post(reverse("admin:kb_contentgap_count"))
    assert ContentGap.objects.get().counted_at is not None
