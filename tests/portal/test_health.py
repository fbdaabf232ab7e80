"""What a load balancer and an operator see."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from feedback.models import OutboundEmail
from portal import chores, health
from portal.models import Chore


def test_healthz_answers_without_a_database(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_readyz_names_each_part(client):
    facts = client.get("/readyz").json()
    assert {"status", "database", "index", "migrations", "worker", "mail"} == set(facts)
    assert facts["migrations"] == {"ok": True, "waiting": 0}


@pytest.mark.django_db
def test_readyz_hears_the_workers_pulse(client):
    assert client.get("/readyz").json()["worker"]["ok"] is False
    Chore.objects.take(Chore.PULSE, every=chores.PULSE_EVERY).done()
    assert client.get("/readyz").json()["worker"]["ok"] is True


@pytest.mark.django_db
def test_readyz_tells_of_mail_that_waits(client):
    OutboundEmail.objects.create(
        to="a@example.org",
        kind="news",
        header_id="<1@x>",
        created_at=timezone.now() - timedelta(hours=1),
    )
    mail = client.get("/readyz").json()["mail"]
    assert mail["ok"] is False
    assert mail["oldest_unsent_seconds"] >= 3600


@pytest.mark.django_db
def test_readyz_says_unavailable_when_the_database_is_away(client, monkeypatch):
    def away():
        raise DatabaseError

    monkeypatch.setattr(health, "migrations", away)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == {"ok": False}


@pytest.mark.django_db
def test_a_clock_that_was_set_back_makes_no_negative_ages(client, time_machine):
    OutboundEmail.objects.create(to="a@example.org", kind="news", header_id="<1@x>")
    Chore.objects.take(Chore.PULSE, every=chores.PULSE_EVERY).done()
    time_machine.move_to(timezone.now() - timedelta(hours=3))
    facts = client.get("/readyz").json()
    assert facts["mail"]["oldest_unsent_seconds"] == 0
    assert facts["worker"]["seconds_since_last_round"] == 0
