"""The example of the measures' definition: four tickets, counted by hand and by us."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from feedback.models import Holiday, OpeningHours, Ticket, TicketArticleLink
from feedback.workflow import move
from feedback.workflow.opening import open_ticket
from portal.analytics import flow
from portal.analytics.facts import Facts
from portal.analytics.figures import MEASURES
from portal.analytics.window import Window
from tests import factories

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
DUE = {"A": (0, "12:00"), "B": (1, "10:00"), "C": (1, "10:30"), "D": (1, "13:00")}


def at(day, clock):
    hours, minutes = map(int, clock.split(":"))
    return MONDAY + timedelta(days=day, hours=hours, minutes=minutes)


def received(letter, kind, day, clock):
    with transaction.atomic():
        ticket = open_ticket(
            factories.customer(), body=f"Ticket {letter}", kind=kind, now=at(day, clock)
        )
    Ticket.objects.filter(pk=ticket.pk).update(first_reply_due=at(*DUE[letter]))
    ticket.refresh_from_db()
    return ticket


def link(ticket, relation, when, **fields):
    article = factories.article(public=True)
    return TicketArticleLink.objects.create(
        ticket=ticket, article=article, relation=relation, at=when, **fields
    )


@pytest.fixture
def tickets(dana, sam):
    OpeningHours.objects.all().delete()
    Holiday.objects.all().delete()
    for weekday in range(5):
        OpeningHours.objects.create(weekday=weekday, opens="09:00", closes="17:00")
    answered = {"body": "Here is how.", "knowledge": "not-needed", "knowledge_reason": "known"}

    a = received("A", "question", 0, "10:00")
    link(a, "solved-by", at(0, "10:30"))
    move(a, "answer_now", by=dana, now=at(0, "10:30"), **answered)
    move(a, "confirm", now=at(0, "15:00"))

    b = received("B", "complaint", 0, "16:00")
    why = {"complaint_cause": "inconvenience"}
    move(b, "answer_now", by=dana, now=at(1, "9:30"), **answered, **why)
    move(b, "not_yet", now=at(1, "15:00"))
    move(b, "answer_now", by=sam, now=at(2, "11:00"), **answered, **why)
    move(b, "confirm", now=at(2, "14:00"))
    link(b, "created-from", at(3, "9:00"), article_existed_before=False)

    c = received("C", "question", 0, "16:30")
    move(c, "answer_now", by=dana, now=at(1, "11:00"), **answered)
    move(c, "remind", actor="clock", now=at(4, "11:00"))
    Ticket.objects.filter(pk=c.pk).update(remind_at=at(9, "11:00"))
    move(c, "close_unanswered", actor="clock", now=at(9, "11:00"))

    d = received("D", "question", 1, "9:00")
    return {"A": a, "B": b, "C": c, "D": d}


@pytest.fixture
def facts(tickets):
    window = Window.of_days(date(2026, 3, 2), date(2026, 3, 15))
    return Facts(window, now=at(10, "17:00"))


def pks(rows):
    return sorted(row.pk for row in rows)


def of(tickets, letters):
    return sorted(tickets[letter].pk for letter in letters)


def test_first_replies_took_30_90_and_150_minutes_and_one_is_missing(facts, tickets):
    figure = MEASURES["M14"](facts)
    minutes = [facts.work.minutes(case.received_at, case.first_reply_at) for case in figure.counted]
    assert sorted(minutes) == [30, 90, 150]
    assert figure.value == 90
    p90, unanswered = figure.beside
    assert p90.value == 150
    assert pks(unanswered.rows) == of(tickets, "D")


def test_two_of_four_first_replies_came_when_promised(facts, tickets):
    figure = MEASURES["M15"](facts)
    assert figure.value == 0.5
    assert pks(figure.counted) == of(tickets, "AB")
    assert pks(figure.of) == of(tickets, "ABCD")


def test_resolutions_took_30_660_and_150_minutes(facts):
    figure = MEASURES["M17"](facts)
    assert figure.value == 150
    assert figure.beside[0].value == 660


def test_our_time_leaves_out_the_hours_we_waited_for_the_customer(facts, tickets):
    """B waited for Maria from Tuesday 9:30 to 15:00: 660 - 330 minutes were ours."""
    case = next(case for case in facts.cases.all if case.pk == tickets["B"].pk)
    assert flow.waiting_minutes(facts, case, at(2, "11:00")) == 330


def test_both_who_answered_were_satisfied(facts, tickets):
    figure = MEASURES["M27"](facts)
    assert (figure.value, pks(figure.of)) == (1.0, of(tickets, "AB"))


def test_one_of_three_closed_without_an_answer(facts, tickets):
    figure = MEASURES["M28"](facts)
    assert (pks(figure.counted), pks(figure.of)) == (of(tickets, "C"), of(tickets, "ABC"))


def test_two_of_three_closed_with_an_article(facts, tickets):
    figure = MEASURES["M37"](facts)
    assert (pks(figure.counted), figure.n) == (of(tickets, "AB"), 3)


def test_one_was_known_one_was_new_and_one_is_unrecorded(facts, tickets):
    figure = MEASURES["M39"](facts)
    new, unrecorded = figure.beside
    assert pks(figure.counted) == of(tickets, "A")
    assert pks(new.rows) == of(tickets, "B")
    assert pks(unrecorded.rows) == of(tickets, "C")


def test_only_the_forgotten_one_had_no_reply_after_a_day(facts, tickets):
    assert pks(MEASURES["M21"](facts).counted) == of(tickets, "D")


def test_the_forgotten_one_does_not_count_before_its_day_is_over(tickets):
    window = Window.of_days(date(2026, 3, 2), date(2026, 3, 15))
    assert MEASURES["M21"](Facts(window, now=at(2, "8:59"))).value == 0


def test_two_of_three_were_settled_at_first_contact(facts, tickets):
    figure = flow.first_contact_resolution.make(facts, facts.window, shifted=False)
    assert (pks(figure.counted), pks(figure.of)) == (of(tickets, "AC"), of(tickets, "ABC"))


def test_the_one_saved_after_a_not_yet_is_counted_as_saved(facts, tickets):
    figure = MEASURES["M32"](facts)
    assert (pks(figure.counted), pks(figure.of)) == (of(tickets, "B"), of(tickets, "B"))
