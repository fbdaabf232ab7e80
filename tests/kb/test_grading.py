"""The search grades itself on questions whose answer is known."""

from datetime import timedelta
from math import log2

import pytest
from django.urls import reverse
from django.utils import timezone

from feedback.models import TicketArticleLink
from kb import grading
from kb.models import GradedQuery, Remedy, SearchGrade, SearchQuery
from tests import factories

NOW = timezone.now()


@pytest.fixture
def kettle(db):
    return factories.article("How do I descale my kettle?", public=True)


@pytest.fixture
def parcel(db):
    return factories.article("Where is my parcel?", public=True)


def opened(words, article, visits="ab"):
    for visit in visits:
        SearchQuery.objects.create(
            text=words,
            normalised=words,
            results_count=3,
            visit_key=visit,
            clicked_article=article,
            clicked_position=1,
            at=NOW - timedelta(days=1),
        )


def test_a_question_found_first_has_full_marks(kettle, parcel):
    opened("descale kettle", kettle)
    grading.grade_all()
    query = GradedQuery.objects.get()
    assert (query.recall, query.ndcg, query.rank) == (1.0, 1.0, 1)
    assert SearchGrade.objects.get().ndcg == 1.0


def test_an_answer_further_down_is_worth_less(kettle, monkeypatch):
    other = factories.article("How do I descale my iron?", public=True)
    opened("descale", other)
    hits = grading.search("descale kettle", None)
    hits.hits.sort(key=lambda hit: hit.article.pk)  # kettle, iron
    monkeypatch.setattr(grading, "search", lambda *args, **kwargs: hits)
    grading.grade_all()
    query = GradedQuery.objects.get()
    assert query.rank == 2
    assert query.ndcg == pytest.approx(1 / log2(3))


def test_words_that_do_not_find_their_answer_stand_first_among_the_worst(kettle, parcel):
    opened("descale kettle", kettle, visits="abcdef")
    opened("limescale remover", kettle, visits="ab")
    grading.grade_all()
    worst = GradedQuery.objects.worst_first().first()
    assert (worst.text, worst.rank, worst.ndcg) == ("limescale remover", None, 0)
    assert SearchGrade.objects.get().recall == 0.5


def test_one_click_of_one_visit_is_no_label(kettle):
    opened("descale kettle", kettle, visits="a")
    assert grading.grade_all() == 0


def test_a_solved_request_is_a_label_without_the_customers_data(kettle):
    ticket = factories.ticket(
        subject="Limescale, write to tom@example.org", stage="closed", outcome="satisfied"
    )
    TicketArticleLink.objects.create(ticket=ticket, article=kettle, relation="solved-by")
    grading.grade_all()
    query = GradedQuery.objects.get()
    assert query.answers == {str(kettle.pk): 1}
    assert "tom@example.org" not in query.text


def test_a_question_whose_answer_is_no_longer_public_is_not_graded(kettle):
    opened("descale kettle", kettle)
    kettle.audience = "internal"
    kettle.save()
    assert grading.grade_all() == 0
    assert not SearchGrade.objects.exists()


def test_grading_twice_on_a_day_keeps_one_grade(kettle):
    opened("descale kettle", kettle)
    grading.grade_all()
    grading.grade_all()
    assert SearchGrade.objects.count() == GradedQuery.objects.count() == 1


def test_an_alternate_question_mends_it_and_the_effect_is_shown(kettle, publisher):
    opened("limescale remover", kettle)
    grading.grade_all()
    query = GradedQuery.objects.get()
    grading.add_question(query, kettle, by=publisher)
    with pytest.raises(grading.RemedyRefused):
        grading.add_question(query, kettle, by=publisher)
    grading.grade(query)
    remedy = Remedy.objects.get()
    assert (remedy.ndcg_before, remedy.ndcg_after, remedy.rank_after) == (0, 1.0, 1)


def test_a_synonym_needs_two_words(kettle, publisher):
    opened("limescale remover", kettle)
    grading.grade_all()
    with pytest.raises(grading.RemedyRefused):
        grading.add_synonym(GradedQuery.objects.get(), "descale", by=publisher)


def test_the_page_of_a_question_offers_remedies_to_those_who_may(
    kettle, signed_in, publisher, dana
):
    opened("limescale remover", kettle)
    grading.grade_all()
    query = GradedQuery.objects.get()
    browser = signed_in(publisher)
    page = browser.get(reverse("admin:kb_gradedquery_change", args=[query.pk]))
    assert "Add as a question" in page.content.decode()
    act = reverse("admin:kb_gradedquery_act", args=[query.pk])
    browser.post(act, {"act": "pin", "article": kettle.pk})
    assert kettle.pins.get().words == "limescale remover"
    assert Remedy.objects.get().kind == "pin"
    assert browser.post(act, {"act": "dance"}).status_code == 404
    assert signed_in(dana).post(act, {"act": "pin", "article": kettle.pk}).status_code == 403


def test_the_list_shows_the_worst_first(kettle, parcel, signed_in, publisher):
    opened("descale kettle", kettle)
    opened("limescale remover", kettle)
    grading.grade_all()
    page = signed_in(publisher).get(reverse("admin:kb_gradedquery_changelist")).content.decode()
    assert page.index("limescale remover") < page.index("descale kettle")
    assert "2 questions, recall 0.50" in page
