"""The manager's dashboard over a year of a busy portal: queries, database time, whole time.

    python -m benchmarks.measures [--tickets 100000] [--searches 1000000] [--days 395]

The rows are spread evenly over the days (395 is how long searches are kept). The pages are
timed twice: before any day of visits was kept, and after the worker has kept the past ones.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import timedelta
from unittest.mock import patch

PAGES = ("overview", "self-service", "flow", "promises", "satisfaction", "knowledge", "demand")


# A fifth of the full size, so that `make bench` does not fill for minutes; rows are as dense
# in the days looked at.
SHORT = ["--tickets", "20000", "--searches", "200000", "--days", "79"]


def run():
    """In a process of its own: it brings its own database."""
    command = [sys.executable, "-m", "benchmarks.measures", *SHORT]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tickets", type=int, default=100_000)
    options.add_argument("--searches", type=int, default=1_000_000)
    options.add_argument("--days", type=int, default=395)
    options.add_argument("--keep", help="a folder to keep the filled database in")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["DATA_DIR"] = chosen.keep or scratch
        os.environ.setdefault("SECRET_KEY", "only for the benchmark")
        os.environ.setdefault("STAFF_MFA", "optional")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
        import django

        django.setup()
        fill(chosen)
        report(chosen)


def fill(chosen):
    from django.core.management import call_command

    from feedback.models import Ticket

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    if Ticket.objects.exists():
        return
    began = time.perf_counter()
    people = _people()
    articles = _articles(people[0])
    _fill_tickets(chosen, people, articles)
    _fill_searches(chosen, articles)
    print(f"filled in {time.perf_counter() - began:.0f} s")


def _people():
    from portal.models import User

    return [
        User.objects.create_user(f"colleague{n}", is_staff=True, is_superuser=n == 0)
        for n in range(20)
    ]


def _articles(author):
    from django.utils import timezone

    from kb.models import Article, Category

    areas = ["product", "price", "placement", "promotion"]
    shelves = [
        Category.objects.create(name=f"Shelf {n}", slug=f"shelf-{n}", business_area=areas[n % 4])
        for n in range(12)
    ]
    made = []
    for n in range(300):
        article = Article.start(
            by=author, title=f"Answer {n}", category=random.choice(shelves), resolution="<p>So.</p>"
        )
        article.audience, article.published_revision = "public", article.latest_revision
        article.published_at = timezone.now() - timedelta(days=random.random() * 390)
        article.save()
        made.append(article)
    return made


def _fill_tickets(chosen, people, articles):
    from django.utils import timezone

    from feedback.models import (
        Customer,
        Message,
        OutboundEmail,
        Promise,
        SurveyResponse,
        Ticket,
        TicketArticleLink,
        TicketEvent,
    )

    now = timezone.now()
    Customer.objects.bulk_create(
        [Customer(name=f"Customer {n}", email=f"c{n}@example.org") for n in range(20_000)]
    )
    customers = list(Customer.objects.values_list("pk", flat=True))
    kinds = ["question"] * 6 + ["complaint"] * 2 + ["request", "compliment"]
    for start in range(0, chosen.tickets, 2000):
        tickets, plan = [], []
        for _n in range(start, min(start + 2000, chosen.tickets)):
            received = now - timedelta(days=random.random() * chosen.days)
            reply = received + timedelta(hours=random.expovariate(1 / 6))
            end = reply + timedelta(hours=random.expovariate(1 / 40))
            is_closed = end < now
            owner = random.choice(people)
            tickets.append(
                Ticket(
                    customer_id=random.choice(customers),
                    kind=random.choice(kinds),
                    subject="A kettle that leaks",
                    original_words="The kettle I bought last week leaks at the bottom. " * 6,
                    category=random.choice(articles).category,
                    received_at=received,
                    first_reply_due=received + timedelta(hours=8),
                    stage="closed" if is_closed else "delivering",
                    outcome=random.choice(["satisfied", "satisfied", "unanswered"])
                    if is_closed
                    else "",
                    closed_at=end if is_closed else None,
                    owner=owner,
                    next_due_at=None if is_closed else now,
                    visit_key=f"v{random.randrange(chosen.searches)}",
                )
            )
            plan.append((received, reply, end, is_closed, owner))
        tickets = Ticket.objects.bulk_create(tickets)
        events, messages, promises, links, surveys, mails = [], [], [], [], [], []
        for ticket, (received, reply, end, is_closed, owner) in zip(tickets, plan, strict=True):
            walk = [
                ("received", "", "greeting", received),
                ("claim", "greeting", "understanding", reply),
            ]
            walk += [
                ("state_need", "understanding", "agreeing", reply),
                ("send_plan", "agreeing", "delivering", reply),
            ]
            if is_closed:
                walk.append(("resolve", "delivering", "closing", reply + (end - reply) / 2))
                name = "confirm" if ticket.outcome == "satisfied" else "close_unanswered"
                walk.append((name, "closing", "closed", end))
            for name, source, target, at in walk:
                events.append(
                    TicketEvent(
                        ticket=ticket,
                        type=name,
                        from_stage=source,
                        to_stage=target,
                        at=at,
                        actor_kind="staff",
                        data={"owner": owner.pk} if name == "claim" else {},
                    )
                )
            for at in (reply, end) if random.random() < 0.4 else (reply,):
                messages.append(
                    Message(
                        ticket=ticket,
                        direction="out",
                        author_kind="csr",
                        type="reply",
                        body="Thank you for telling us. " * 12,
                        at=at,
                    )
                )
            kept = reply < received + timedelta(hours=8)
            promises.append(
                Promise(
                    ticket=ticket,
                    what="first reply",
                    due_at=received + timedelta(hours=8),
                    state="kept" if kept else "kept-late",
                    done_at=reply,
                )
            )
            mails.append(
                OutboundEmail(
                    ticket=ticket,
                    kind="acknowledgement",
                    to="c@example.org",
                    subject="We have it",
                    text="Thank you",
                    header_id=f"<{ticket.pk}@x>",
                    state="sent",
                    created_at=received,
                    sent_at=received + timedelta(seconds=20),
                )
            )
            if is_closed and random.random() < 0.65:
                links.append(
                    TicketArticleLink(
                        ticket=ticket,
                        article=random.choice(articles),
                        relation="solved-by",
                        at=reply,
                    )
                )
            if is_closed and random.random() < 0.2:
                surveys.append(SurveyResponse(ticket=ticket, score=random.randint(2, 5), at=end))
        for model, rows in (
            (TicketEvent, events),
            (Message, messages),
            (Promise, promises),
            (OutboundEmail, mails),
            (TicketArticleLink, links),
            (SurveyResponse, surveys),
        ):
            model.objects.bulk_create(rows)


def _fill_searches(chosen, articles):
    from django.utils import timezone

    from kb.models import ArticleView, HelpfulVote, SearchQuery

    now = timezone.now()
    for start in range(0, chosen.searches, 10_000):
        searches, views, votes = [], [], []
        for n in range(start, min(start + 10_000, chosen.searches)):
            at = now - timedelta(days=random.random() * chosen.days)
            words, article = f"words {random.randrange(30_000)}", random.choice(articles)
            results = random.choice([0, 3, 5, 8, 10])
            clicked = results and random.random() < 0.6
            searches.append(
                SearchQuery(
                    text=words,
                    normalised=words,
                    results_count=results,
                    visit_key=f"v{n // 2}",
                    at=at,
                    clicked_article=article if clicked else None,
                    clicked_position=random.randint(1, 5) if clicked else None,
                    clicked_at=at if clicked else None,
                )
            )
            if clicked:
                views.append(ArticleView(article=article, visit_key=f"v{n // 2}", at=at))
                if n % 20 == 0:
                    votes.append(
                        HelpfulVote(
                            article=article,
                            revision=article.published_revision,
                            visit_key=f"v{n // 2}",
                            value=random.choice(["yes", "yes", "no"]),
                            at=at,
                        )
                    )
        SearchQuery.objects.bulk_create(searches)
        ArticleView.objects.bulk_create(views)
        HelpfulVote.objects.bulk_create(votes, ignore_conflicts=True)


class Stopwatch:
    """Counts queries and the time the database takes for them, and for fetching their rows.

    SQLite does most of its work while rows are fetched, so both are timed. It works in our own
    thread: the processor's time tells of the database alone, whatever else the machine does.
    """

    def __init__(self):
        self.queries, self.seconds, self.cpu = 0, 0.0, 0.0

    def __call__(self, execute, sql, params, many, context):
        self.queries += 1
        return self.timed(execute, sql, params, many, context)

    def timed(self, work, *args):
        began, cpu = time.perf_counter(), time.thread_time()
        try:
            return work(*args)
        finally:
            self.seconds += time.perf_counter() - began
            self.cpu += time.thread_time() - cpu

    def over(self, connection):
        """Time this connection's queries; also its fetching where Django shows it to us."""
        from django.db.backends.utils import CursorWrapper

        watch = self

        def fetchmany(cursor, size):
            return watch.timed(cursor.cursor.fetchmany, size)

        stack = ExitStack()
        stack.enter_context(connection.execute_wrapper(self))
        stack.enter_context(patch.object(CursorWrapper, "fetchmany", fetchmany, create=True))
        return stack


def report(chosen):
    from django.db import connection
    from django.test import Client

    from portal.models import User

    browser = Client(SERVER_NAME="localhost")
    browser.force_login(User.objects.get(username="colleague0"))
    from portal.analytics import days
    from portal.analytics.models import VisitDay

    print(f"{chosen.tickets:,} tickets, {chosen.searches:,} searches over {chosen.days} days")
    kept = VisitDay.objects.count()
    if not kept:
        table(browser, connection, "no day of visits kept")
        began = time.perf_counter()
        while some := days.keep():
            kept += some
        print(f"the worker kept {kept} days in {time.perf_counter() - began:.0f} s")
    table(browser, connection, f"{kept} days of visits kept")


def table(browser, connection, title):
    print(f"{title}\n{'page':<14}{'queries':>8}{'database s':>12}{'its cpu s':>11}{'whole s':>9}")
    for name in PAGES:
        browser.get("/healthz")
        watch, began = Stopwatch(), time.perf_counter()
        with watch.over(connection):
            response = browser.get(f"/admin/measures/{name}/")
        whole = time.perf_counter() - began
        assert response.status_code == 200, response.status_code
        print(f"{name:<14}{watch.queries:>8}{watch.seconds:>12.2f}{watch.cpu:>11.2f}{whole:>9.2f}")


if __name__ == "__main__":
    main()
