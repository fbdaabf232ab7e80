"""How often somebody may press a button."""

import threading

import pytest
import time_machine
from django.http import HttpResponse
from django.test import RequestFactory

from portal import limits
from portal.middleware import Trouble, client_address

NOON = "2026-03-02T12:00:00Z"


@pytest.fixture(autouse=True)
def counting(settings, tmp_path):
    settings.RATE_LIMITS = True
    settings.CACHE_IS_SHARED = False
    settings.DATA_DIR = tmp_path


@limits.limited("find")
def page(request):
    return HttpResponse("found")


def post(address="192.0.2.1", **meta):
    return RequestFactory().post("/", REMOTE_ADDR=address, **meta)


def press(times, address="192.0.2.1"):
    for _ in range(times):
        page(post(address))


@time_machine.travel(NOON, tick=False)
def test_the_one_too_many_is_told_when_to_come_back():
    press(10)
    with pytest.raises(limits.TooMany) as refused:
        press(1)
    assert refused.value.retry_after == 600


def test_the_next_window_starts_afresh():
    with time_machine.travel(NOON, tick=False) as clock:
        press(10)
        clock.shift(600)
        press(1)


@time_machine.travel(NOON, tick=False)
def test_another_address_is_not_held_up():
    press(10)
    press(1, "192.0.2.2")


@time_machine.travel(NOON, tick=False)
def test_a_household_of_ipv6_counts_as_one():
    for n in range(10):
        page(post(f"2001:db8::{n}"))
    with pytest.raises(limits.TooMany):
        page(post("2001:db8::ffff"))
    page(post("2001:db8:0:1::1"))


@time_machine.travel(NOON, tick=False)
def test_one_recipient_is_protected_whoever_asks():
    for n in range(3):
        limits.spend("find", post(f"192.0.2.{n}"), recipient="Maria@example.org")
    with pytest.raises(limits.TooMany):
        limits.spend("find", post("192.0.2.9"), recipient="maria@example.org ")


@time_machine.travel(NOON, tick=False)
def test_reading_costs_nothing():
    for _ in range(50):
        assert page(RequestFactory().get("/")).status_code == 200


@time_machine.travel(NOON, tick=False)
def test_threads_and_processes_share_one_count(tmp_path):
    def press_many():
        for _ in range(50):
            counts.append(limits._count_here("key", 2**40))

    counts = []
    threads = [threading.Thread(target=press_many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == list(range(1, 201))


def test_a_code_is_first_only_once():
    assert limits.is_first("code", 30)
    assert not limits.is_first("code", 30)


def test_counters_of_the_past_are_thrown_away(tmp_path):
    limits._count_here("old", 1)
    limits.forget_old()
    assert limits._count_here("old", 1) == 1


def test_no_address_stands_in_the_counters_file(tmp_path):
    press(1, "192.0.2.77")
    assert b"192.0.2" not in b"".join(p.read_bytes() for p in tmp_path.iterdir())


def test_without_a_shared_cache_that_answers_this_machine_counts(settings, monkeypatch):
    settings.CACHE_IS_SHARED = True
    monkeypatch.setattr(limits, "cache", None)
    with time_machine.travel(NOON, tick=False):
        press(10)
        with pytest.raises(limits.TooMany):
            press(1)


def test_a_full_disk_stops_no_reader(monkeypatch):
    def full(*args):
        raise limits.sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(limits, "_count_here", full)
    press(50)


def test_too_many_is_a_page_with_words_and_retry_after(db):
    answer = Trouble(None).process_exception(post(), limits.TooMany(42))
    assert (answer.status_code, answer["Retry-After"]) == (429, "42")
    assert "42" in answer.content.decode()


@pytest.mark.parametrize(
    ("proxies", "expected"), [(0, "10.0.0.1"), (1, "203.0.113.9"), (2, "198.51.100.7")]
)
def test_the_address_is_the_one_our_own_proxies_tell(settings, proxies, expected):
    settings.TRUSTED_PROXIES = proxies
    request = post("10.0.0.1", HTTP_X_FORWARDED_FOR="1.1.1.1, 198.51.100.7, 203.0.113.9")
    client_address(lambda request: None)(request)
    assert request.META["REMOTE_ADDR"] == expected


def test_a_forged_header_shorter_than_our_chain_is_not_believed(settings):
    settings.TRUSTED_PROXIES = 2
    request = post("10.0.0.1", HTTP_X_FORWARDED_FOR="1.1.1.1")
    client_address(lambda request: None)(request)
    assert request.META["REMOTE_ADDR"] == "10.0.0.1"
