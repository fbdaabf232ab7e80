"""Knowledge gaps: found in what people looked for, closed only when they find it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from kb import gaps
from kb.models import ContentGap, HelpfulVote, SearchQuery
from tests import factories

NOW = timezone.now()
State = ContentGap.State


def searched(text, *, visit, results=0, days_ago=1, clicked=None):
    return SearchQuery.objects.create(
        text=text,
        normalised=text.casefold(),
        results_count=results,
        visit_key=visit,
        at=NOW - timedelta(days=days_ago),
        clicked_article=clicked,
        clicked_position=1 if clicked else None,
        clicked_at=NOW if clicked else None,
    )


def the_gap():
    gaps.gather(NOW)
    return ContentGap.objects.get()


@pytest.mark.django_db
def test_two_visitors_who_find_nothing_make_a_gap():
    searched("gift wrapping", visit="a")
    searched("Gift wrapping", visit="b")
    gap = the_gap()
    assert (gap.label.casefold(), gap.evidence, gap.state) == ("gift wrapping", 2, State.NEW)


@pytest.mark.django_db
def test_one_visitor_who_tries_twice_makes_none():
    searched("gift wrapping", visit="a")
    searched("gift wrapping", visit="a")
    gaps.gather(NOW)
    assert not ContentGap.objects.exists()


@pytest.mark.django_db
def test_wordings_that_mean_the_same_are_one_gap():
    searched("do you wrap gifts", visit="a")
    searched("wrapping a gift", visit="b")
    searched("gift wrapping please", visit="c")
    searched("pay by invoice", visit="d")
    searched("paying with invoices", visit="e")
    gaps.gather(NOW)
    found = {gap.evidence: gap.phrases.count() for gap in ContentGap.objects.all()}
    assert found == {3: 3, 2: 2}


@pytest.mark.django_db
def test_a_slip_of_the_finger_does_not_make_a_gap_of_its_own():
    for visit in "abc":
        searched("voucher expired", visit=visit)
    searched("vouhcer expired", visit="d")
    assert the_gap().evidence == 4


@pytest.mark.django_db
def test_synonyms_of_the_curators_join_gaps():
    from kb.models import Synonym

    Synonym.objects.create(words="refund, reimbursement")
    searched("refund duration", visit="a")
    searched("reimbursement duration", visit="b")
    assert the_gap().evidence == 2


@pytest.mark.django_db
def test_a_search_whose_results_nobody_opens_is_evidence_and_an_opened_one_is_not():
    article = factories.article(public=True)
    for visit in "ab":
        searched("warranty abroad", visit=visit, results=3)
        searched("delivery time", visit=visit, results=3, clicked=article)
    assert the_gap().label == "warranty abroad"


@pytest.mark.django_db
def test_a_not_yet_vote_counts_under_the_words_that_led_to_it():
    article = factories.article("How do I return a parcel?", public=True)
    for visit in ("a", "b"):
        searched("return without a printer", visit=visit, results=1, clicked=article)
        HelpfulVote.objects.create(
            article=article,
            revision=article.published_revision,
            visit_key=visit,
            value="no",
            at=NOW - timedelta(hours=2),
        )
    assert the_gap().label == "return without a printer"


@pytest.mark.django_db
def test_requests_answered_without_an_article_are_evidence_with_their_names_masked():
    for n in range(2):
        factories.ticket(
            subject="Engraving on a kettle for quinn, write to tom@example.org",
            customer=factories.customer(name="Zoe Quinn"),
            stage="closed",
            outcome="satisfied",
            received_at=NOW - timedelta(days=n + 1),
        )
    gap = the_gap()
    assert gap.requests == 2
    assert "tom@example.org" not in gap.label
    assert "quinn" not in gap.label


@pytest.mark.django_db
def test_counts_and_trend_follow_the_last_weeks():
    for visit, days in (("a", 2), ("b", 3), ("c", 40)):
        searched("gift wrapping", visit=visit, days_ago=days)
    gap = the_gap()
    assert (gap.recent, gap.earlier, gap.trend) == (2, 1, 1)
    gaps.gather(NOW + timedelta(days=200))
    gap.refresh_from_db()
    assert (gap.recent, gap.evidence) == (0, 0)


@pytest.mark.django_db
def test_gathering_twice_changes_nothing():
    searched("gift wrapping", visit="a")
    searched("gift wrapping", visit="b")
    gaps.gather(NOW)
    assert gaps.gather(NOW) == 0
    gap = ContentGap.objects.get()
    assert (gap.evidence, gap.phrases.count()) == (2, 1)


def test_a_draft_begins_with_everybodys_words(publisher):
    searched("do you wrap gifts", visit="a")
    searched("gift wrapping", visit="b")
    gap = the_gap()
    article = gaps.start_draft(gap, by=publisher)
    gap.refresh_from_db()
    assert article.confidence == "wip"
    assert gap.state == State.DRAFTED
    words = {article.title.casefold()} | {q.text for q in article.alternate_questions.all()}
    assert words == {"do you wrap gifts", "gift wrapping"}


def test_a_gap_is_taken_up_once(publisher):
    searched("gift wrapping", visit="a")
    searched("gift wrapping", visit="b")
    gap = the_gap()
    gaps.start_draft(gap, by=publisher)
    with pytest.raises(gaps.GapRefused):
        gaps.start_draft(gap, by=publisher)


def test_declining_asks_for_a_reason(publisher):
    searched("weather tomorrow", visit="a")
    searched("weather tomorrow", visit="b")
    gap = the_gap()
    with pytest.raises(gaps.GapRefused):
        gaps.decline(gap, by=publisher, reason=" ")
    gaps.decline(gap, by=publisher, reason="not about us")
    gaps.gather(NOW)
    gap.refresh_from_db()
    assert (gap.state, gap.evidence) == (State.DECLINED, 2)


@pytest.fixture
def published_gap(publisher):
    searched("gift wrapping", visit="a")
    searched("gift wrapping", visit="b")
    gap = the_gap()
    article = factories.article("Do you offer gift wrapping?", public=True)
    gaps.answer_with(gap, article, by=publisher)
    gap.refresh_from_db()
    return gap


def test_a_gap_is_verified_when_its_words_find_the_article(published_gap):
    assert published_gap.state == State.PUBLISHED
    gaps.verify()
    published_gap.refresh_from_db()
    assert published_gap.state == State.VERIFIED
    assert [phrase.is_found for phrase in published_gap.phrases.all()] == [True]


def test_a_gap_whose_words_still_find_nothing_is_not_verified(published_gap):
    article = published_gap.article
    article.audience = "internal"
    article.save()
    assert gaps.check(published_gap) == (0, 1)
    assert published_gap.state == State.PUBLISHED


def test_a_verified_gap_that_fails_within_a_month_is_opened_again(published_gap):
    gaps.verify()
    searched("gift wrapping", visit="z", days_ago=-1)
    gaps.verify()
    published_gap.refresh_from_db()
    assert (published_gap.state, published_gap.reopened) == (State.ACCEPTED, 1)


def test_after_a_month_an_old_proof_is_left_alone(published_gap):
    gaps.verify()
    searched("gift wrapping", visit="z", days_ago=-1)
    gaps.verify(NOW + timedelta(days=31))
    published_gap.refresh_from_db()
    assert published_gap.state == State.VERIFIED
