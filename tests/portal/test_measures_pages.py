"""The dashboard: who sees it, what it costs, and that each figure opens its rows."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from feedback.models import Escalation, FactorAnswer, Promise, SurveyFactor, SurveyResponse
from feedback.workflow import move
from kb.models import ArticleFlag, ArticleView, HelpfulVote, SearchQuery
from portal.analytics.export import safe_cell
from portal.analytics.facts import Facts
from portal.analytics.figures import MEASURES
from portal.analytics.sections import SECTIONS
from portal.analytics.window import Window
from portal.analytics.wording import tile
from portal.models import AuditEntry
from tests import factories

NOW = timezone.now()
NUMBER = re.compile(r'<a href="(/admin/measures/rows/[^"]+)">(\d+)(?: rows?)?</a>')


@pytest.fixture
def busy(dana, sam):
    """Something of everything in the last days."""
    article = factories.article("How do I return a parcel?", public=True)
    for n in range(6):
        ago = timedelta(hours=30 + n)
        SearchQuery.objects.create(
            text="=cmd|return",
            normalised=f"return {n % 3}",
            results_count=n % 2,
            visit_key=f"v{n}",
            at=NOW - ago,
            clicked_article=article if n % 2 else None,
            clicked_position=1 if n % 2 else None,
        )
        ArticleView.objects.create(article=article, visit_key=f"v{n}", at=NOW - ago)
        HelpfulVote.objects.create(
            article=article,
            revision=article.published_revision,
            visit_key=f"v{n}",
            value="yes" if n else "no",
            at=NOW - ago,
        )
        add_a_ticket(n, dana, sam, article)
    ArticleFlag.objects.create(article=article, reason="unclear")
    return article


def add_a_ticket(n, dana, sam, article):
    begun = NOW - timedelta(hours=40 - n)
    ticket = factories.ticket(
        kind="complaint" if n % 2 else "question",
        subject="=HYPERLINK(1)",
        received_at=begun,
        visit_key=f"v{n}",
        first_reply_due=begun + timedelta(hours=2),
    )
    Promise.objects.create(
        ticket=ticket, kind="first-reply", what="x", due_at=begun + timedelta(hours=2)
    )
    body = {"body": "Here is how.", "knowledge": "linked", "articles": [article]}
    move(
        ticket,
        "answer_now",
        by=dana,
        now=begun + timedelta(hours=1),
        complaint_cause="money",
        **body,
    )
    if n == 5:
        move(ticket, "not_yet", now=begun + timedelta(hours=3))
        Escalation.objects.update(acknowledged_at=begun + timedelta(hours=4))
        return
    move(ticket, "confirm", now=begun + timedelta(hours=3))
    answer = SurveyResponse.objects.create(ticket=ticket, score=n + 1, at=NOW - timedelta(hours=1))
    FactorAnswer.objects.create(response=answer, factor=SurveyFactor.objects.first(), sign=1)


@pytest.fixture
def manager(signed_in, sam):
    return signed_in(sam)


@pytest.mark.parametrize("name", [section.name for section in SECTIONS])
def test_each_page_shows_its_figures(name, manager, busy):
    response = manager.get(reverse("measures:section", args=[name]))
    assert response.status_code == 200
    assert "<rect" in response.content.decode()


@pytest.mark.parametrize("name", [section.name for section in SECTIONS])
def test_an_empty_portal_has_dashes_and_no_trouble(name, manager):
    response = manager.get(reverse("measures:section", args=[name]))
    assert response.status_code == 200
    assert not re.search(r"\b(None|nan)\b", response.content.decode())


def listed_rows(response):
    page = response.content.decode()
    return page[page.index('class="measures-page"') :].count('<th scope="row">')


@pytest.mark.parametrize("number", sorted(MEASURES))
def test_every_figure_opens_a_list_as_long_as_the_figure(number, manager, busy):
    figure = MEASURES[number](Facts(Window.latest(), now=timezone.now()))
    parts = ["counted", *(["of"] if figure.of is not None else [])]
    parts += [part.name for part in figure.beside]
    for part in parts:
        response = manager.get(reverse("measures:rows", args=[number]), {"part": part})
        assert response.status_code == 200
        assert response.context["total"] == len(figure.rows(part))
        assert listed_rows(response) == len(figure.rows(part))


def test_the_numbers_on_the_page_lead_to_lists_of_that_length(manager, busy):
    """As a reader does it, on every page: press the number, count the rows."""
    pages = [manager.get(reverse("measures:section", args=[one.name])) for one in SECTIONS]
    links = {link for page in pages for link in NUMBER.findall(page.content.decode())}
    assert len(links) > 100
    for address, number in links:
        assert listed_rows(manager.get(address.replace("&amp;", "&"))) == int(number), address


@pytest.mark.parametrize("name", [section.name for section in SECTIONS])
def test_a_page_costs_at_most_twenty_queries_whatever_it_counts(
    name, manager, busy, django_assert_max_num_queries
):
    with django_assert_max_num_queries(20):
        manager.get(reverse("measures:section", args=[name]))


def test_a_list_costs_the_same_for_one_row_and_for_many(
    manager, busy, django_assert_num_queries, django_assert_max_num_queries
):
    with django_assert_max_num_queries(16):
        manager.get(reverse("measures:rows", args=["M48"]))


def test_a_csr_and_a_visitor_do_not_see_the_measures(signed_in, dana, visitor):
    for name in ("measures:overview", "measures:rows", "measures:export"):
        args = [] if name == "measures:overview" else ["M1"]
        assert signed_in(dana).get(reverse(name, args=args)).status_code == 403
        assert visitor.get(reverse(name, args=args)).status_code == 302


def test_unknown_figures_parts_and_pages_are_404(manager):
    assert manager.get(reverse("measures:rows", args=["M99"])).status_code == 404
    assert manager.get(reverse("measures:rows", args=["M1"]), {"part": "of"}).status_code == 404
    assert manager.get(reverse("measures:section", args=["nothing"])).status_code == 404


@pytest.mark.parametrize(
    "days",
    [
        {"from": "x"},
        {"from": "2026-13-01", "to": "2026-01-01"},
        {"from": "0001-01-01", "to": "9999-12-31"},
    ],
)
def test_nonsense_days_are_no_trouble(manager, days):
    assert manager.get(reverse("measures:overview"), days).status_code == 200


def test_a_file_for_spreadsheets_runs_nothing_and_leaves_a_trace(manager, sam, busy):
    response = manager.get(reverse("measures:export", args=["M48"]))
    text = response.content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 1 + 6
    assert {row[2] for row in rows[1:]} == {"'=HYPERLINK(1)"}
    assert '"' + rows[0][0] + '"' in text
    entry = AuditEntry.objects.get(action="export")
    assert (entry.actor, entry.details["rows"]) == (sam, 6)


def test_a_file_needs_its_own_permission(signed_in, busy):
    colleague = factories.staff("looker")
    colleague.user_permissions.add(Permission.objects.get(codename="view_measures"))
    browser = signed_in(colleague)
    assert browser.get(reverse("measures:rows", args=["M48"])).status_code == 200
    assert browser.get(reverse("measures:export", args=["M48"])).status_code == 403


@pytest.mark.parametrize(
    "start", ["=1+1", "+1", "-1", "@SUM", "\t=1", "\r=1", "\n=1", " =1", "\uff1d1"]
)
def test_a_cell_that_a_spreadsheet_would_run_is_made_text(start):
    assert safe_cell(start) == "'" + start


@pytest.mark.parametrize("plain", ["Lost parcel", "100%", "", "1 = 1"])
def test_other_cells_stay_as_they_are(plain):
    assert safe_cell(plain) == plain


def test_a_ticket_under_a_safety_concern_is_counted_and_stays_closed(signed_in, busy):
    factories.ticket(subject="Somebody is threatened", is_safety_concern=True)
    colleague = factories.staff("looker")
    colleague.user_permissions.add(Permission.objects.get(codename="view_measures"))
    page = signed_in(colleague).get(reverse("measures:rows", args=["M48"]))
    assert page.context["total"] == 7
    assert "Somebody is threatened" not in page.content.decode()


def test_a_percentage_about_fewer_than_five_people_is_not_shown(busy):
    facts = Facts(Window.latest())
    rated = tile(MEASURES["M29"], facts)
    assert rated.figure.n == 5
    assert rated.value.endswith("%")
    SurveyResponse.objects.first().delete()
    few = tile(MEASURES["M29"], Facts(Window.latest()))
    assert few.value == "4 so far"


def test_what_is_too_few_to_show_is_too_few_to_compare_with(busy):
    today = Facts(Window.latest(1))
    answers = SurveyResponse.objects.order_by("pk")
    SurveyResponse.objects.filter(pk=answers[0].pk).update(at=NOW - timedelta(days=1))
    ticket = factories.ticket()
    SurveyResponse.objects.create(ticket=ticket, score=5, at=today.window.start)
    rated = tile(MEASURES["M29"], today)
    assert (rated.before.n, rated.before_text) == (1, "\N{EN DASH}")
    assert rated.change_text == "nothing to compare with"


def test_only_what_has_rows_stands_beside_a_figure(manager, busy):
    page = manager.get(reverse("measures:section", args=["knowledge"]))
    tiles = [tile for _title, _note, tiles in page.context["blocks"] for tile in tiles]
    (health,) = (tile for tile in tiles if tile.measure.number == "M43")
    labels = {str(label): number for label, _text, number, _url in health.beside}
    assert labels["open flags"] == 1
    assert all(labels.values())
    assert not health.is_long


def test_speed_is_shown_beside_satisfaction():
    for section in SECTIONS:
        numbers = {number for block in section.blocks for number in block.numbers}
        if numbers & {"M14", "M15", "M16", "M17"}:
            assert numbers & {"M27", "M29"}, section.name


def test_the_lists_hold_no_inline_style_or_script(manager, busy):
    page = manager.get(reverse("measures:overview")).content.decode()
    main = page[page.index('class="measures-page"') :]
    assert not re.search(r"\sstyle=|\son\w+=|<script|<style", main)
