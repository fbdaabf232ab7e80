"""The ask form: one request for one submission, and never a lost word."""

import io
import re
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from feedback.models import Attachment, Message, OutboundEmail, Ticket
from kb.models import HelpfulVote
from portal.forms import new_key, new_opening
from tests import factories

pytestmark = pytest.mark.django_db


def filled(**fields):
    """A form somebody has read and filled in."""
    return {
        "kind": "question",
        "body": "My kettle leaks at the bottom.",
        "name": "Maria Lindqvist",
        "email": "maria@example.org",
        "preferred_channel": "email",
        "key": new_key(),
        "opened": new_opening(already_read=True),
    } | fields


def picture(name="kettle.png"):
    out = io.BytesIO()
    Image.new("RGB", (4, 4), "teal").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


def send(visitor, **fields):
    return visitor.post("/ask/", filled(**fields))


def test_a_request_is_taken_and_the_thanks_lead_to_its_own_page(visitor):
    answer = send(visitor, attachments=[picture()], kind="complaint", order_number="TK-1")
    assert answer.status_code == 302
    ticket = Ticket.objects.get()
    assert (ticket.kind, ticket.order_number) == ("complaint", "TK-1")
    assert Attachment.objects.get().name == "kettle.png"
    page = visitor.get(answer["Location"]).content.decode()
    assert ticket.reference in page
    assert ticket.get_absolute_url() in page
    assert "We are sorry this happened" in page
    assert "My kettle leaks" in page


def test_the_thanks_name_a_date_that_is_the_first_promise(visitor):
    page = visitor.get(send(visitor)["Location"])
    ticket = Ticket.objects.get()
    assert page.context["ticket"].first_reply_due == ticket.promises.get().due_at
    assert "You will hear from them" in page.content.decode()


def test_the_mail_never_repeats_the_words_of_the_sender(visitor):
    send(visitor, body="Buy cheap watches at evil.example now", name="Click evil.example")
    mail = OutboundEmail.objects.get()
    assert "watches" not in mail.text + mail.html


def test_a_double_click_a_reload_and_a_retry_are_one_request(visitor):
    form = filled()
    first, second = visitor.post("/ask/", form), visitor.post("/ask/", form)
    assert first["Location"] == second["Location"]
    assert Ticket.objects.count() == 1
    assert OutboundEmail.objects.count() == 1


def test_two_true_visits_with_the_same_words_are_two(visitor):
    send(visitor)
    send(visitor)
    assert Ticket.objects.count() == 2


def test_other_words_under_the_same_key_are_added_and_not_lost(visitor):
    form = filled()
    visitor.post("/ask/", form)
    visitor.post("/ask/", form | {"body": "And the lid rattles."})
    said = Message.objects.filter(direction="in").values_list("body", flat=True)
    assert list(said) == ["My kettle leaks at the bottom.", "And the lid rattles."]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"body": ""}, "body"),
        ({"body": "   "}, "body"),
        ({"email": ""}, "email"),
        ({"email": "maria"}, "email"),
        ({"name": ""}, "name"),
        ({"kind": ""}, "kind"),
        ({"kind": "bribe"}, "kind"),
        ({"category": "77777"}, "category"),
        ({"opened": "forged"}, "opened"),
        ({"website": "https://spam.example"}, "website"),
    ],
)
def test_a_form_to_mend_comes_back_with_every_word(visitor, wrong, field):
    page = send(visitor, subject="A subject", order_number="TK-77", remedy="A new lid", **wrong)
    assert page.status_code == 422
    text = page.content.decode()
    assert "error-summary" in text
    assert field in page.context["form"].errors
    for words in ("A subject", "TK-77", "A new lid"):
        assert words in text
    assert not Ticket.objects.exists()


def test_a_form_open_for_two_days_is_asked_once_more(visitor):
    with time_machine.travel(timezone.now() - timedelta(days=2)):
        opened = new_opening()
    assert "open for a while" in send(visitor, opened=opened).content.decode()


def test_a_form_sent_faster_than_anybody_reads_is_asked_once_more(visitor, settings, tmp_path):
    settings.RATE_LIMITS, settings.DEMO, settings.DATA_DIR = True, False, tmp_path
    page = send(visitor, opened=new_opening())
    assert "quicker than we could follow" in page.content.decode()
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("kind", ["compliment", "question"])
def test_only_kind_words_may_be_shown_to_others_and_only_if_allowed(visitor, kind):
    send(visitor, kind=kind, body="Lovely.", may_be_quoted="on")
    send(visitor, kind=kind, body="Lovely, too.")
    allowed = dict(Ticket.objects.values_list("original_words", "may_be_quoted"))
    assert allowed == {"Lovely.": kind == "compliment", "Lovely, too.": False}


def test_a_topic_is_named_by_the_address_of_its_category(visitor):
    shelf = factories.category("Kettles", slug="kettles")
    assert send(visitor, category="kettles").status_code == 302
    assert Ticket.objects.get().category == shelf
    prefilled = visitor.get("/ask/?category=kettles").content.decode()
    assert '<option value="kettles" selected>' in prefilled


def test_the_fields_of_the_contract_are_enough(visitor):
    said = {"kind": "question", "body": "Hello?", "name": "Tom", "email": "tom@example.org"}
    assert visitor.post("/ask/", said).status_code == 302
    assert visitor.post("/ask/", said).status_code == 302
    assert Ticket.objects.count() == 1, "the same words within ten minutes are the same"


def test_each_error_stands_beside_its_field_and_in_the_summary(visitor):
    text = send(visitor, email="").content.decode()
    message = "Add an e-mail address so we can reach you, like name@example.com"
    assert text.count(message) == 2
    assert 'href="#id_email"' in text
    assert 'aria-invalid="true"' in text


def test_a_stale_form_is_sent_once_more_and_is_then_one_request(visitor):
    form = filled(opened="stale")
    page = visitor.post("/ask/", form)
    fresh = page.context["form"]["opened"].value()
    assert page.context["form"]["key"].value() == form["key"]
    assert visitor.post("/ask/", form | {"opened": fresh}).status_code == 302
    assert Ticket.objects.count() == 1


def test_a_body_of_a_hundred_thousand_characters_comes_back_whole(visitor):
    body = "kettle " * 14_286
    page = send(visitor, body=body)
    assert page.status_code == 422
    assert page.context["form"]["body"].value() == body
    assert "up to 20000 fit" in page.content.decode()


def test_limits_are_said_beforehand(visitor):
    text = visitor.get("/ask/").content.decode()
    assert "Up to 10 files" in text
    assert "20,000 characters" in text


def test_thirty_files_are_refused_with_the_words_kept(visitor):
    page = send(visitor, attachments=[picture(f"{n}.png") for n in range(30)])
    assert page.status_code == 422
    assert "Choose at most 10 files" in page.content.decode()
    assert "My kettle leaks" in page.content.decode()
    assert not Ticket.objects.exists()
    assert not Attachment.objects.exists()


def test_a_file_too_large_is_named_and_the_words_are_kept(visitor):
    film = SimpleUploadedFile("kettle-film.png", b"\x89PNG" + b"\x00" * (11 * 1024 * 1024))
    page = send(visitor, attachments=[film])
    assert page.status_code == 422
    text = page.content.decode()
    assert "“kettle-film.png” is too large" in text
    assert "My kettle leaks" in text


def test_a_program_named_png_is_refused(visitor):
    program = SimpleUploadedFile("photo.png", b"\x7fELF\x02\x01\x01" + b"\x00" * 64)
    page = send(visitor, attachments=[program])
    assert page.status_code == 422
    assert "photo.png" in page.content.decode()


def test_more_than_a_request_may_hold_is_a_friendly_413(visitor):
    page = send(visitor, body="x" * (3 * 1024 * 1024))
    assert page.status_code == 413
    assert "browser has kept" in page.content.decode()


@pytest.mark.parametrize(
    "words",
    ["🫖🫖🫖", "مرحبا، الغلاية تسرّب", "‮reversed", "<script>alert(1)</script>"],
)
def test_any_script_emoji_or_markup_is_stored_and_shown_as_given(visitor, words):
    page = visitor.get(send(visitor, body=words)["Location"]).content.decode()
    ticket = Ticket.objects.get()
    assert ticket.original_words == words
    assert "<script>alert" not in page
    assert '<bdi class="words">' in page


def test_the_page_it_came_from_fills_the_form_in(visitor):
    article = factories.article("Descale the kettle", public=True)
    page = visitor.get("/ask/", {"article": article.slug, "q": "limescale", "kind": "complaint"})
    form = page.context["form"]
    assert form["body"].value() == "limescale"
    assert form["kind"].value() == "complaint"
    assert "You have read" in page.content.decode()
    visitor.post("/ask/", filled(article=form["article"].value()))
    assert Ticket.objects.get().tried_article == article


@pytest.mark.parametrize("article", ["no-such", "../../etc", "<b>", "x" * 900])
def test_a_tried_article_nobody_knows_costs_nothing(visitor, article):
    assert visitor.get("/ask/", {"article": article}).status_code == 200


def test_an_internal_article_is_not_named_as_tried(visitor):
    secret = factories.article("Inside only")
    assert secret.title not in visitor.get("/ask/", {"article": secret.slug}).content.decode()


def test_that_answered_it_counts_and_ends_kindly(visitor):
    article = factories.article("Descale the kettle", public=True)
    answer = visitor.post("/ask/answered/", {"answered_by": article.slug})
    assert HelpfulVote.objects.get().article == article
    assert "Wonderful" in visitor.get(answer["Location"]).content.decode()
    assert not Ticket.objects.exists()


def test_the_form_is_kept_by_no_cache(visitor):
    """A kept form would give two people the same key."""
    assert "no-store" in visitor.get("/ask/")["Cache-Control"]


def test_asking_takes_few_queries(visitor, django_assert_max_num_queries):
    visitor.get("/ask/")
    with django_assert_max_num_queries(14):
        visitor.get("/ask/")


def test_the_form_kept_ready_has_a_key_and_a_moment_of_its_own_each_time(
    visitor, settings, pages_are_kept
):
    texts = [visitor.get("/ask/").content.decode() for _ in range(3)]
    keys = {re.search(r'name="key" value="(\w{32})"', text)[1] for text in texts}
    opened = [re.search(r'name="opened" value="([^"]+)"', text)[1] for text in texts]
    assert len(keys) == 3
    settings.RATE_LIMITS = False
    assert all(send(visitor, opened=each).status_code == 302 for each in opened)


@pytest.mark.parametrize("who", ["visitor", "csr"])
def test_everybody_may_ask(visitor, signed_in, dana, who):
    client = visitor if who == "visitor" else signed_in(dana)
    assert client.post("/ask/", filled()).status_code == 302


def test_a_wrong_link_thanks_nobody(visitor):
    assert visitor.get("/ask/thank-you/forged/").status_code == 404


def test_a_character_nobody_can_read_is_named_and_the_words_come_back(visitor):
    answer = send(visitor, body="The kettle \x00 leaks")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "nobody can read" in page
    assert "leaks" in page
    assert not Ticket.objects.exists()
