"""The worker's rounds."""

import logging
import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from feedback.models import OutboundEmail
from kb import gaps, publishing
from kb.models import Article, ContentGap, Revision
from kb.search import search
from portal import chores
from portal.models import Chore
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("lane", chores.LANES)
def test_each_lane_is_walked_twice_in_a_row_in_an_empty_house(lane, caplog):
    lane()
    Chore.objects.all().delete()
    lane()
    assert [r.getMessage() for r in caplog.records if r.levelno > logging.WARNING] == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL counts by itself")
def test_sqlite_fetches_a_page_by_its_articles_once_their_rows_are_counted():
    for number in range(50):
        factories.article(f"Parcel {number}", public=True)
    chores.count_rows()
    page = Article.objects.visible_to(None).filter(pk__in=range(1, 11))
    assert "PRIMARY KEY" in page.explain().splitlines()[0]


def test_a_chore_is_taken_by_one_worker_only():
    day = timedelta(days=1)
    assert Chore.objects.take("sweep", every=day)
    assert Chore.objects.take("sweep", every=day) is None


def test_a_chore_that_is_done_comes_back_after_its_time():
    hour = timedelta(hours=1)
    Chore.objects.take("sweep", every=hour).done()
    assert Chore.objects.take("sweep", every=hour) is None
    Chore.objects.update(last_done_at=timezone.now() - hour)
    assert Chore.objects.take("sweep", every=hour)


def test_a_dead_workers_chore_is_free_when_its_lease_has_run_out():
    hour = timedelta(hours=1)
    Chore.objects.take("sweep", every=hour)
    Chore.objects.update(leased_until=timezone.now())
    assert Chore.objects.take("sweep", every=hour)


def test_trouble_in_one_chore_leaves_the_others_alone(monkeypatch):
    done = []
    monkeypatch.setattr(
        chores, "TIMED", {"portal.nothing": chores.DAY, "portal.chores.fine": chores.DAY}
    )
    monkeypatch.setattr(chores, "fine", lambda: done.append(1), raising=False)
    call_command("worker", once=True)
    assert done == [1]
    assert Chore.objects.get(name="portal.chores.fine").last_done_at
    assert not Chore.objects.get(name="portal.nothing").last_done_at, "it is tried again"


def test_a_silent_mail_server_keeps_no_article_from_being_found(monkeypatch):
    answered, stopping = threading.Event(), threading.Event()
    monkeypatch.setattr(chores, "LANES", (lambda: answered.wait(60), stopping.set))
    chores_done = threading.Thread(target=chores.go_on, args=(stopping, 0))
    chores_done.start()
    assert stopping.wait(60), "the second lane goes on while the first one waits"
    answered.set()
    chores_done.join()


def test_a_gap_is_proven_as_soon_as_the_index_knows_its_answer(publisher, search_index):
    now = timezone.now()
    gap = ContentGap.objects.create(label="gift wrapping", first_seen=now, last_seen=now)
    gap.phrases.create(text="gift wrapping", normalised="gift wrapping", times=2, last_seen=now)
    article = gaps.start_draft(gap, by=publisher)
    article.write(by=publisher, resolution="<p>Yes, in paper of your choice.</p>")
    article.category = factories.category()
    article.save()
    article.publish(by=publisher)
    chores.apply_changes()
    gap.refresh_from_db()
    assert gap.state == ContentGap.State.VERIFIED


def test_one_round_also_does_what_its_own_clock_has_brought_about(publisher, sam, search_index):
    now = timezone.now()
    article = factories.article(by=publisher)
    publishing.schedule(article.latest_revision, by=publisher, at=now + timedelta(minutes=1))
    Revision.objects.update(publish_at=now - timedelta(minutes=1))
    ticket = factories.ticket(received_at=now - timedelta(days=9))
    ticket.escalations.create(reason="authority", to=sam, due_at=now - timedelta(days=8))
    call_command("worker", "--once")
    assert [hit.article for hit in search(article.title)] == [article]
    assert set(OutboundEmail.objects.values_list("state", flat=True)) == {"sent"}
