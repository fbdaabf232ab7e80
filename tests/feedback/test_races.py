"""Several people at the very same moment, each on a connection of their own."""

from threading import Barrier, Thread

import pytest
from django.db import connection

from feedback import clockwork
from feedback.intake import Contact, submit
from feedback.models import OutboundEmail, Ticket
from feedback.workflow import MoveRefused, move
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def at_once(*acts):
    """Run all acts from the same starting line; what each returned or raised."""
    line, results = Barrier(len(acts)), [None] * len(acts)

    def run(n, act):
        try:
            line.wait()
            results[n] = act()
        except Exception as error:
            results[n] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def brought(**fields):
    return submit(Contact(**{"email": "maria@example.org", "body": "It leaks."} | fields))


def test_five_press_claim_and_one_has_it():
    ticket = brought()
    colleagues = [factories.staff(f"csr{n}", "CSR") for n in range(5)]
    results = at_once(
        *(lambda by=by: move(Ticket.objects.get(pk=ticket.pk), "claim", by=by) for by in colleagues)
    )
    refused = [r for r in results if isinstance(r, MoveRefused)]
    (won,) = [r for r in results if not isinstance(r, Exception)]
    assert len(refused) == 4
    ticket.refresh_from_db()
    assert ticket.owner == won.actor
    assert ticket.events.filter(type="claim").count() == 1


@pytest.mark.parametrize("key", ["the-form", ""])
def test_one_form_sent_five_times_at_once_is_one_ticket(key):
    contact = Contact(email="maria@example.org", body="It leaks.")
    results = at_once(*[lambda: submit(contact, key=key)] * 5)
    assert len({ticket.pk for ticket in results}) == 1
    assert Ticket.objects.count() == OutboundEmail.objects.count() == 1


def test_two_clocks_strike_once():
    dana = factories.staff("dana", "CSR")
    tickets = [brought(body=f"Kettle {n}") for n in range(4)]
    for ticket in tickets:
        move(ticket, "answer_now", by=dana, body="-", knowledge="not-needed", knowledge_reason="-")
    later = tickets[0].remind_at
    Ticket.objects.update(remind_at=later)
    assert sum(at_once(*[lambda: clockwork.run(later)] * 3)) == 4
    for ticket in tickets:
        assert ticket.messages.filter(type="reminder").count() == 1


def test_confirming_twice_at_once_closes_once():
    dana = factories.staff("dana", "CSR")
    ticket = brought()
    move(ticket, "answer_now", by=dana, body="-", knowledge="not-needed", knowledge_reason="-")
    at_once(*[lambda: move(Ticket.objects.get(pk=ticket.pk), "confirm")] * 3)
    assert ticket.messages.filter(type="thank-you").count() == 1
