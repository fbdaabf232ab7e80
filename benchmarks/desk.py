"""The CSR's pages with few tickets and with very many: time and queries of each.

    python -m benchmarks.desk 100000      one size alone, as JSON

Of whatever number there is, 300 are open on one CSR's desk and 60 are unclaimed.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import timedelta

from benchmarks import Table

SIZES = (1_000, 100_000)
OPEN, UNCLAIMED, BATCH, TURNS = 300, 60, 2_000, 15
QUEUE = "/admin/feedback/ticket/"


def run():
    """Each size in a process and a database of its own."""
    few, many = (_measured(size) for size in SIZES)
    rows = [
        (
            name,
            f"{few[name][0]:.0f} ms",
            f"{many[name][0]:.0f} ms",
            f"{many[name][0] / few[name][0]:.2f}",
            many[name][1],
        )
        for name in few
    ]
    return Table(
        "The desk, by the number of tickets",
        ("page", f"{SIZES[0]:,}", f"{SIZES[1]:,}", "times", "queries"),
        rows,
        f"The best of {TURNS} turns; {OPEN} tickets open for the CSR. The desk may take twice as "
        "long with many; words are looked for in all of them and may take longer.\n",
    )


def _measured(size):
    with tempfile.TemporaryDirectory(prefix="askwell-bench-") as folder:
        env = {
            **os.environ,
            "DATA_DIR": folder,
            "SECRET_KEY": "only for the benchmark",
            "DEMO": "1",
        }
        command = [sys.executable, "-m", "benchmarks.desk", str(size)]
        done = subprocess.run(command, env=env, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def _main(size):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    dana = _fill(size)
    print(json.dumps(_timed(dana)))


def _fill(size):
    from django.contrib.auth.models import Group
    from django.db import connection

    from feedback.models import Customer
    from portal.models import User

    dana = User.objects.create_user("dana", is_staff=True)
    dana.groups.add(Group.objects.get(name="CSR"))
    customers = Customer.objects.bulk_create(
        Customer(name=f"Person {n}", email=f"person{n}@example.org") for n in range(size // 5)
    )
    for start in range(0, size, BATCH):
        _fill_batch(range(start, min(start + BATCH, size)), dana, customers)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return dana


def _fill_batch(numbers, dana, customers):
    from django.utils import timezone

    from feedback.models import Message, Promise, Ticket, TicketEvent

    now = timezone.now()
    tickets = Ticket.objects.bulk_create(
        Ticket(
            customer=customers[n % len(customers)],
            subject=f"The kettle of order {n} leaks",
            original_words=f"I bought kettle {n} in May and it leaks at the bottom. " * 4,
            kind=("question", "complaint", "request")[n % 3],
            stage="greeting"
            if n < UNCLAIMED
            else "delivering"
            if n < UNCLAIMED + OPEN
            else "closed",
            outcome="" if n < UNCLAIMED + OPEN else "satisfied",
            owner=None if n < UNCLAIMED else dana,
            received_at=now - timedelta(minutes=10 * n),
            next_due_at=now + timedelta(minutes=n) if n < UNCLAIMED + OPEN else None,
        )
        for n in numbers
    )
    Message.objects.bulk_create(
        Message(
            ticket=ticket,
            direction="in" if n % 2 else "out",
            author_kind="customer",
            type="addition",
            body="Some words of it. " * 12,
        )
        for ticket in tickets
        for n in range(3)
    )
    TicketEvent.objects.bulk_create(
        TicketEvent(ticket=ticket, type=kind, to_stage=ticket.stage, actor_kind="customer")
        for ticket in tickets
        for kind in ("confirm_need", "accept_plan")
    )
    Promise.objects.bulk_create(
        Promise(
            ticket=ticket,
            what="Send another",
            due_at=now,
            state="kept" if ticket.stage == "closed" else "open",
        )
        for ticket in tickets
    )


class _Counted:
    """Stands between Django and the database, and counts."""

    number = 0

    def __call__(self, execute, *query):
        self.number += 1
        return execute(*query)


def _timed(dana):
    from django.db import connection
    from django.test import Client

    from feedback.models import Ticket

    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(dana)
    ticket = Ticket.objects.filter(owner=dana).open().first()
    pages = {
        "home": "/admin/",
        "queue": QUEUE,
        "queue, mine": f"{QUEUE}?list=mine",
        "queue, late": f"{QUEUE}?list=late",
        "one ticket": f"{QUEUE}{ticket.pk}/change/",
        "by reference": f"{QUEUE}?q={ticket.reference}",
        "by address": f"{QUEUE}?q={ticket.customer.email}",
        "by words": f"{QUEUE}?q=order+777",
    }
    found = {}
    for name, path in pages.items():
        assert client.get(path).status_code == 200, path
        asked, times = _Counted(), []
        with connection.execute_wrapper(asked):
            client.get(path)
        for _turn in range(TURNS):
            began = time.perf_counter()
            client.get(path)
            times.append((time.perf_counter() - began) * 1000)
        found[name] = (min(times), asked.number)
    return found


if __name__ == "__main__":
    _main(int(sys.argv[1]))
