"""Upkeep and privacy: what public articles miss, and how the gate's findings were dealt with."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from feedback.models import Ticket
from feedback.workflow import move
from kb import content_standard, importing, publishing
from kb.models import Article, PublishRefused, RedactionReport, SearchQuery
from kb.privacy import gate
from portal.analytics import sections  # noqa: F401 (the measures under test)
from portal.analytics.facts import Facts
from portal.analytics.figures import MEASURES
from portal.analytics.window import Window
from portal.models import AuditEntry
from tests import factories

pytestmark = pytest.mark.django_db


def figure(number, window=None):
    return MEASURES[number](Facts(window or Window.latest()))


def part(number, name, window=None):
    return figure(number, window).rows(name)


# --- The content standard ------------------------------------------------------


@pytest.fixture
def shelves(publisher):
    """Public articles, of which several miss something; one of each is fine."""
    factories.article("How do I descale my kettle?", public=True)
    twin = factories.article("Where is my parcel?", public=True)
    Article.objects.filter(pk=twin.pk).update(title="how do i descale my kettle")
    twin.published_revision.title = "how do i descale my kettle"
    twin.published_revision.save()
    target = factories.article("Which filter fits?", public=True)
    linking = factories.article(
        "How do I change the filter?",
        public=True,
        resolution=f'<p><a href="{target.get_absolute_url()}">See</a> <img src="/a.png"></p>',
    )
    publishing.withdraw(target, by=publisher)
    factories.article("Long", public=True, resolution=f"<p>{'word ' * 401}</p>")
    Article.objects.filter(title="Long").update(category=None)
    RedactionReport.objects.filter(revision=linking.published_revision).update(is_passed=False)
    factories.article("Nobody reads this yet", resolution="")
    return linking


def test_each_item_of_the_content_standard_opens_the_articles_that_miss_it(shelves):
    missing = {
        beside.name.removeprefix("misses-"): sorted(page.title for page in beside.rows)
        for beside in figure("M43").beside
        if beside.name.startswith("misses-")
    }
    kettles = ["How do I descale my kettle?", "how do i descale my kettle"]
    assert missing == {
        "title": [],
        "resolution": [],
        "category": ["Long"],
        "images": [shelves.title],
        "length": ["Long"],
        "breath": [],
        "unique": kettles,
        "links": [shelves.title],
        "personal": [shelves.title],
    }


def test_all_articles_at_once_are_judged_as_each_alone(shelves):
    found = dict(content_standard.checklists())
    assert len(found) == Article.objects.public().count() == 4
    for article, items in found.items():
        alone = content_standard.checklist(article.published_revision)
        assert [item.key for item in items] == [item.key for item in alone]
        # What is personal is kept by the report, and looked for anew where one text is asked.
        assert [item.is_met for item in items if item.key != "personal"] == [
            item.is_met for item in alone if item.key != "personal"
        ]


def test_many_articles_are_judged_in_a_handful_of_queries(shelves, django_assert_max_num_queries):
    for n in range(30):
        href = f"/articles/where-{n}/"
        factories.article(f"Where {n}?", public=True)
        factories.article(f"How {n}?", public=True, resolution=f'<p><a href="{href}">See</a></p>')
    with django_assert_max_num_queries(3):
        judged = list(content_standard.checklists())
    assert len(judged) == 64


def test_health_is_of_today_and_compared_with_nothing(signed_in, sam, shelves):
    page = signed_in(sam).get(reverse("measures:section", args=["knowledge"]))
    tiles = [tile for _title, _note, tiles in page.context["blocks"] for tile in tiles]
    (health,) = (tile for tile in tiles if tile.measure.number == "M43")
    assert health.before is None
    assert "as of today, whatever the days" in page.content.decode()


# --- Empty searches in a gap -----------------------------------------------------


def test_the_empty_searches_of_the_gaps_are_those_of_the_searches():
    noon = timezone.make_aware(datetime(2026, 3, 4, 12))
    for key, minutes, words, results in [
        ("a", 0, "kettle", 0),
        ("a", 5, "kettle", 0),
        ("a", 50, "kettle", 0),  # another visit
        ("b", 0, "kettle", 4),
        ("b", 1, "kettle", 0),  # found when it was first asked
        ("", 0, "kettle", 0),
        ("", 1, "kettle", 0),
    ]:
        SearchQuery.objects.create(
            visit_key=key,
            text=words,
            normalised=words,
            results_count=results,
            at=noon + timedelta(minutes=minutes),
        )
    window = Window.of_days(date(2026, 3, 2), date(2026, 3, 8))
    facts = Facts(window, now=window.end)
    assert len(MEASURES["M2"](facts).counted) == MEASURES["M44b"](facts).n == 4


# --- The privacy gate --------------------------------------------------------------


@pytest.fixture
def overruled(contributor, publisher):
    """A text in which a publisher has said that a finding is not personal."""
    article = factories.article(by=contributor, resolution="<p>Ask for Wojciech Kowalski.</p>")
    publishing.submit(article.latest_revision, by=contributor)
    hit = article.latest_revision.redaction_report.hits.get()
    gate.settle(hit, by=publisher, reason="He founded the company.")
    return article


def test_who_overruled_the_gate_and_then_stood_alone_is_counted(overruled, publisher, sam):
    with pytest.raises(PublishRefused):
        overruled.publish(by=publisher)
    with pytest.raises(PublishRefused):
        publishing.schedule(
            overruled.latest_revision, by=publisher, at=timezone.now() + timedelta(days=1)
        )
    assert len(part("M47", "refused-alone")) == 2
    assert not part("M47", "refused-sent-back")
    entry = AuditEntry.objects.filter(action="publish").first()
    assert (entry.actor, entry.outcome) == (publisher, "refused")
    assert entry.target == f"kb.article {overruled.pk}"
    overruled.publish(by=sam)
    assert len(part("M47", "refused-alone")) == 2
    assert len(part("M47", "overridden")) == 1


def test_what_the_second_person_sends_back_is_counted(overruled, publisher, sam):
    revision = overruled.latest_revision
    publishing.send_back(revision, by=sam, comment="He did not agree to it.")
    assert len(part("M47", "refused-sent-back")) == 1
    assert not part("M47", "refused-alone")


def test_a_contributor_and_a_text_without_a_finding_ask_for_nobody(overruled, contributor):
    plain = factories.article(by=contributor)
    for article in (overruled, plain):
        with pytest.raises(PublishRefused):
            article.publish(by=contributor)
    assert not part("M47", "refused-alone")


def test_a_refusal_opens_its_rows(signed_in, overruled, publisher, sam):
    with pytest.raises(PublishRefused):
        overruled.publish(by=publisher)
    page = signed_in(sam).get(reverse("measures:rows", args=["M47"]), {"part": "refused-alone"})
    assert page.context["total"] == 1
    assert f"kb.article {overruled.pk}" in page.content.decode()


def test_what_must_be_replaced_in_public_is_found_however_old_its_report_is(publisher):
    words = {"title": "Ask Maria", "body": "Write to maria@example.org."}
    record = importing.check({"id": "1", "audience": "public", **words})
    importing.run([(1, record, 1)], by=publisher)
    gate.rescan()
    RedactionReport.objects.update(checked_at=timezone.now() - timedelta(days=300))
    assert not figure("M47").counted
    assert figure("M47b").value == 1
    publishing.archive(Article.objects.get(), by=publisher)
    assert figure("M47b").value == 0


# --- Tickets that were there before ------------------------------------------------


def answered_complaint(dana, at):
    ticket = factories.ticket(kind="complaint", received_at=at)
    why = {"complaint_cause": "money", "knowledge": "not-needed", "knowledge_reason": "known"}
    move(ticket, "answer_now", by=dana, now=at + timedelta(hours=1), body="So.", **why)
    return ticket


def test_a_reminder_does_not_bring_a_complaint_to_closing_again(dana):
    now = timezone.now()
    ticket = answered_complaint(dana, now - timedelta(days=20))
    Ticket.objects.filter(pk=ticket.pk).update(remind_at=now - timedelta(days=1))
    move(ticket, "remind", actor="clock", now=now)
    assert not figure("M33", Window.latest(7)).counted
    assert len(figure("M33", Window.latest(28)).counted) == 1


def test_the_load_of_today_does_not_depend_on_the_days_looked_at(dana):
    move(factories.ticket(), "claim", by=dana)
    long_ago = Window.of_days(date(2026, 1, 1), date(2026, 1, 31))
    assert figure("M49", long_ago).value == figure("M49").value == 1
