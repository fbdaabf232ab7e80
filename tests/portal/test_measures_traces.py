"""What pages write down so that it can be counted: forms, presses, probes, write-ups, edits."""

import json
from datetime import UTC, timedelta
from urllib.error import URLError

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from feedback import erasing, promotion, tone
from feedback.models import OutboundEmail, Ticket
from feedback.workflow import move
from kb import journal
from kb.models import AnswerOffer, ArticleView, SearchQuery
from portal import chores, probing
from portal.analytics import days, sections  # noqa: F401 (the measures under test)
from portal.analytics.facts import Facts
from portal.analytics.figures import MEASURES
from portal.analytics.models import VisitDay
from portal.analytics.window import Window
from portal.models import Probe
from tests import factories

pytestmark = pytest.mark.django_db
READER = {"user-agent": "Firefox"}


@pytest.fixture(autouse=True)
def spool(settings, tmp_path):
    settings.JOURNAL_DIR = tmp_path / "journal"
    return settings.JOURNAL_DIR


@pytest.fixture
def reader():
    return Client(headers=READER)


@pytest.fixture
def parcel(search_index):
    article = factories.article("How do I return a parcel?", public=True)
    search_index()
    return article


def figure(number):
    journal.ingest(everything=True)
    return MEASURES[number](Facts(Window.latest()))


# --- Answered before sending ------------------------------------------------


def test_that_answered_it_is_counted_over_the_forms_that_offered_answers(reader, parcel):
    page = reader.get(reverse("portal:ask"), {"q": "return a parcel"})
    assert "That answered it" in page.content.decode()
    other = Client(headers={"user-agent": "Chrome"})
    other.get(reverse("portal:suggest"), {"q": "return a parcel", "for": "ask"})
    reader.post(reverse("portal:answered"), {"answered_by": parcel.slug})
    answered = figure("M9")
    assert (len(answered.counted), len(answered.of)) == (1, 2)
    assert AnswerOffer.objects.get(taken_at__isnull=False).article == parcel


def test_a_form_is_begun_once_however_often_its_answers_change(reader, parcel):
    for words in ("return a", "return a parcel"):
        reader.get(reverse("portal:suggest"), {"q": words, "for": "ask"})
    assert figure("M9").n == 1


def test_a_form_without_answers_and_a_search_box_begin_nothing(reader, parcel):
    reader.get(reverse("portal:ask"))
    reader.get(reverse("portal:ask"), {"q": "zeppelin"})
    reader.get(reverse("portal:suggest"), {"q": "return a parcel"})
    assert figure("M9").value is None


def test_who_was_answered_and_asked_all_the_same_is_not_counted(reader, parcel):
    reader.get(reverse("portal:ask"), {"q": "return a parcel"})
    reader.post(reverse("portal:answered"), {"answered_by": parcel.slug})
    journal.ingest(everything=True)
    key = AnswerOffer.objects.get().visit_key
    factories.ticket(visit_key=key, received_at=timezone.now() + timedelta(minutes=1))
    assert figure("M9").value == 0


def test_machines_and_colleagues_leave_no_trace(signed_in, dana, parcel, spool):
    machine, colleague = Client(headers={"user-agent": "Googlebot"}), signed_in(dana)
    for browser in (machine, colleague):
        browser.defaults.setdefault("HTTP_USER_AGENT", "Firefox")
        browser.get(reverse("portal:ask"), {"q": "return a parcel"})
        browser.get(parcel.get_absolute_url())
        browser.post(reverse("portal:answered"), {"answered_by": parcel.slug})
    journal.ingest(everything=True)
    assert not AnswerOffer.objects.exists()
    assert not ArticleView.objects.exists()


@pytest.mark.parametrize(
    "agent", ["Lynx/2.9.0", "python-httpx/0.28", "Mozilla/5.0 HeadlessChrome/156"]
)
def test_whoever_does_not_call_itself_a_machine_is_a_reader(parcel, spool, agent):
    Client(headers={"user-agent": agent}).get(parcel.get_absolute_url())
    journal.ingest(everything=True)
    assert ArticleView.objects.count() == 1


def test_a_colleagues_vote_is_no_customers(signed_in, dana, parcel):
    browser = signed_in(dana)
    said = {"value": "no", "comment": "Which page?"}
    browser.post(reverse("portal:vote", args=[parcel.slug]), said)
    browser.post(reverse("portal:answered"), {"answered_by": parcel.slug})
    assert figure("M7").n == 0
    flag = parcel.flags.get()
    assert (flag.comment, flag.raised_by) == ("Which page?", dana)


# --- The journal and the kept days ---------------------------------------------


def write_line(spool, at, process, **facts):
    """As another process, or another day, would have written it."""
    spool.mkdir(exist_ok=True)
    line = json.dumps({"at": at.isoformat(), "visit": "v", **facts})
    with (spool / f"{at.astimezone(UTC):%Y%m%d%H%M}-{process}.jsonl").open("a") as file:
        file.write(line + "\n")


def test_a_click_is_known_although_another_process_took_the_search(spool, parcel):
    at = timezone.now().replace(second=10)
    write_line(spool, at, "900", kind="search", text="parcel", results=3)
    later = at + timedelta(seconds=5)
    click = {"article": parcel.pk, "text": "parcel", "position": 1}
    write_line(spool, later, "100", kind="view", **click)
    journal.ingest(everything=True)
    assert SearchQuery.objects.get().clicked_article == parcel


def test_a_late_line_counts_on_its_kept_day_at_once(spool):
    then = timezone.localtime().replace(hour=12) - timedelta(days=4)
    SearchQuery.objects.create(
        text="one", normalised="one", results_count=1, visit_key="v", at=then
    )
    days.keep()
    assert VisitDay.objects.get(day=then.date()).counts["searches"] == 1
    write_line(spool, then, "7", kind="search", text="two", results=1)
    assert figure("M1").value == 2
    assert days.keep() == 1
    assert VisitDay.objects.get(day=then.date()).counts["searches"] == 2
    assert days.keep() == 0


def test_a_day_on_which_somebody_is_forgotten_is_counted_anew(sam):
    then = timezone.localtime().replace(hour=12) - timedelta(days=4)
    for words in ("one", "two"):
        ArticleView.objects.create(article=factories.article(), visit_key="v", at=then)
        SearchQuery.objects.create(
            text=words, normalised=words, results_count=1, visit_key="v", at=then
        )
    ticket = factories.ticket(visit_key="v", received_at=then)
    days.keep()
    assert figure("M6").value == 1
    erasing.erase(ticket.customer)
    became = figure("M6")
    assert (became.value, len(list(became.of))) == (0, len(became.of))


# --- Write-ups ---------------------------------------------------------------


def answered_ticket(dana, **fields):
    ticket = factories.ticket(**fields)
    details = {"knowledge": "not-needed", "knowledge_reason": "later"}
    move(ticket, "answer_now", by=dana, body="Send it back to us.", **details)
    return ticket


def test_write_ups_that_ended_in_an_article_there_was_are_duplicates_avoided(
    signed_in, dana, parcel
):
    linked, left = answered_ticket(dana), answered_ticket(dana)
    for ticket in (linked, left, linked):
        signed_in(dana).get(reverse("admin:feedback_ticket_write_up", args=[ticket.pk]))
    journal.ingest(everything=True)
    promotion.link(linked, parcel, by=dana)
    promotion.create(
        answered_ticket(dana), by=dana, title="How do I send it back?", resolution="<p>So.</p>"
    )
    avoided = figure("M46")
    assert (len(avoided.counted), len(avoided.of)) == (1, 3)
    assert linked.events.filter(type="promotion_begun").count() == 1


def test_a_write_up_by_somebody_a_restored_backup_does_not_know_holds_no_trace_up(dana):
    ticket = answered_ticket(dana)
    journal.record("promotion", ticket=ticket.pk, by=dana.pk + 1000)
    journal.record("search", visit="v", text="kettle")
    assert journal.ingest(everything=True) == 2
    assert ticket.events.get(type="promotion_begun").actor is None
    connection.check_constraints()  # as the database does when the minute is committed


# --- Words edited away, and told twice ---------------------------------------------


def test_words_that_were_edited_away_stay_in_the_report_as_not_kept():
    raised = ["I can't", "our Policy is", "not angry at all"]
    kept, gone = tone.report("Our policy is to wait.", raised=raised)
    assert (kept["words"], kept["kept"]) == ("Our policy is", True)
    assert (gone["words"], gone["kept"]) == ("I can't", False)


def test_flags_edited_away_on_the_second_look_are_counted(signed_in, dana):
    ticket = factories.ticket()
    move(ticket, "claim", by=dana)
    desk = reverse("admin:feedback_ticket_change", args=[ticket.pk])
    words = {"mode": "reply", "version": ticket.version, "body": "I can't. Our policy is to wait."}
    page = signed_in(dana).post(desk, {**words, "act": "send"})
    assert page.context["raised"].splitlines() == ["I can't", "Our policy is"]
    calm = {"body": "It leaves today. Our policy is to wait.", "act": "as-written"}
    signed_in(dana).post(desk, {**words, **calm, "raised": page.context["raised"]})
    edited = figure("M36b")
    assert (len(edited.counted), len(edited.of)) == (1, 2)
    assert len(figure("M36").counted) == 1


def test_a_message_whose_flags_were_all_edited_away_has_none(dana):
    ticket = factories.ticket()
    move(ticket, "claim", by=dana)
    move(ticket, "reply", by=dana, body="It leaves today.", raised=["I can't"])
    assert (figure("M36").value, figure("M36b").value) == (0, 1)


def test_i_already_told_you_this_makes_a_runaround_and_twice_alerts(client, dana, sam):
    ticket = factories.ticket(kind="question")
    address = reverse("portal:told_already", args=[ticket.token])
    for _press in range(2):
        assert client.post(address, {"body": ""}).status_code == 302
    assert [mail.to for mail in OutboundEmail.objects.filter(kind="alert-runaround")] == [sam.email]
    details = {"knowledge": "not-needed", "knowledge_reason": "rare"}
    move(ticket, "answer_now", by=dana, body="Here is how.", **details)
    move(ticket, "confirm")
    assert Ticket.objects.get().stage == Ticket.Stage.CLOSED
    assert figure("M34").value == 1


# --- Availability --------------------------------------------------------------


def test_a_probe_asks_the_four_pages_and_notes_which_was_silent(settings, parcel, monkeypatch):
    asked = []

    def answers(request, timeout):
        asked.append(request.full_url)
        if "/ask/" in request.full_url:
            raise URLError("refused")
        return FakeAnswer()

    settings.PROBES = True
    monkeypatch.setattr(probing, "urlopen", answers)
    probing.probe()
    assert sorted(address.removeprefix(settings.SITE_URL) for address in asked) == sorted(
        [
            "/",
            "/search/?q=How+do+I+return+a+parcel%3F",
            "/ask/",
            parcel.get_absolute_url(),
        ]
    )
    assert Probe.objects.get().silent == "form"


class FakeAnswer:
    status = 200

    def __enter__(self):
        return self

    def __exit__(self, *_trouble):
        return False

    def read(self, _size):
        return b"<"


def test_availability_is_the_share_of_probes_that_found_all_in_order():
    now = timezone.now()
    for minute in range(4):
        silent = "" if minute else "search, form"
        Probe.objects.create(at=now - timedelta(minutes=minute), silent=silent)
    available = figure("M12")
    assert (available.value, len(available.counted), available.n) == (0.75, 3, 4)
    assert [probe.silent for probe in available.beside[0].rows] == ["search, form"]


def test_without_a_probe_nobody_says_that_all_was_well():
    assert figure("M12").value is None


def test_the_worker_asks_every_minute():
    assert chores.TIMED["portal.probing.probe"] == timedelta(minutes=1)
