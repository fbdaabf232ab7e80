"""Figures for Prometheus, for those who bring the word that opens them."""

import json
import subprocess

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.test import Client

from feedback.models import OutboundEmail
from kb.models import IndexChange
from portal import metrics
from tests import factories

pytestmark = pytest.mark.django_db
TOKEN = "only-for-prometheus"


@pytest.fixture
def counted(settings, tmp_path):
    """A web process that counts, on a machine of its own."""
    settings.DATA_DIR, settings.METRICS_TOKEN = tmp_path, TOKEN
    return Client()


def figures(client, **headers):
    headers = headers or {"Authorization": f"Bearer {TOKEN}"}
    return client.get("/metrics", headers=headers)


def figure(client, name):
    lines = figures(client).content.decode().splitlines()
    (value,) = [line.rpartition(" ")[2] for line in lines if line.rpartition(" ")[0] == name]
    return float(value)


def ended_process():
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_nothing_is_counted_where_nobody_asked_for_figures(client):
    with pytest.raises(MiddlewareNotUsed):
        metrics.watched(lambda request: None)
    assert figures(client).status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer wrong", TOKEN])
def test_without_the_word_there_is_no_such_page(counted, given):
    assert figures(counted, Authorization=given).status_code == 404


def test_requests_are_counted_by_page_and_status_and_time(counted, monkeypatch):
    own = []
    monkeypatch.setattr(metrics, "Own", lambda made=metrics.Own: own.append(made()) or own[-1])
    for address in ("/contact/", "/contact/", "/articles/nobody-knows/?q=secret"):
        counted.get(address)
    own[0].write()
    assert figure(counted, 'askwell_request_seconds_count{page="contact",status="200"}') == 2
    assert figure(counted, 'askwell_request_seconds_count{page="article",status="404"}') == 1
    bucket = 'askwell_request_seconds_bucket{page="contact",status="200",le="+Inf"}'
    assert figure(counted, bucket) == 2
    assert "secret" not in figures(counted).content.decode()
    assert "nobody-knows" not in figures(counted).content.decode()


def test_buckets_hold_all_that_was_as_quick_or_quicker():
    counts = metrics.Counts()
    for seconds in (0.004, 0.04, 60):
        counts.add("home", 200, seconds)
    lines = list(counts.lines())
    assert 'askwell_request_seconds_bucket{page="home",status="200",le="0.01"} 1' in lines
    assert 'askwell_request_seconds_bucket{page="home",status="200",le="0.05"} 2' in lines
    assert 'askwell_request_seconds_bucket{page="home",status="200",le="10.0"} 2' in lines
    assert 'askwell_request_seconds_bucket{page="home",status="200",le="+Inf"} 3' in lines


def test_several_processes_are_one_sum_and_one_that_ended_is_not_forgotten(counted):
    metrics.folder().mkdir(parents=True)
    for name in ("1-1", f"{ended_process()}-1"):  # process 1 always lives
        counts = metrics.Counts()
        counts.add("home", 200, 0.1)
        metrics.write(metrics.folder() / f"{name}.json", counts)
    home = 'askwell_request_seconds_count{page="home",status="200"}'
    assert figure(counted, home) == 2
    assert figure(counted, home) == 2, "and being asked changes nothing"
    assert [path.name for path in metrics.folder().glob("*.json")] == ["1-1.json"]


def test_a_file_cut_short_costs_its_counts_and_nothing_else(counted):
    metrics.folder().mkdir(parents=True)
    (metrics.folder() / "1-1.json").write_text(json.dumps({"home 200": [1]})[:-3])
    assert figures(counted).status_code == 200


def test_what_waits_is_told_with_its_age(counted):
    factories.ticket()
    OutboundEmail.objects.create(to="a@example.org", kind="news", header_id="<1@x>")
    IndexChange.objects.create(article_id=1)
    assert figure(counted, "askwell_mails_waiting") == 1
    assert figure(counted, "askwell_tickets_unanswered") == 1
    assert figure(counted, "askwell_index_changes_waiting") == 1
    assert figure(counted, "askwell_oldest_mail_seconds") >= 0
