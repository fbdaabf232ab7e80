"""What somebody would try who means harm, from outside and with an account of ours."""

import re
from io import StringIO

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from feedback.models import Attachment, Customer, OutboundEmail, Ticket
from kb import journal
from kb.models import Article, ArticleView, SearchQuery
from portal.models import AuditEntry, User
from portal.signin import letters
from portal.signin.adapter import SecondFactorAdapter
from tests import factories

pytestmark = pytest.mark.django_db
PASSWORD = "a kettle on a mountain"
MAILS = "/admin/feedback/outboundemail/"


@pytest.fixture
def eve(db):
    """A CSR who means harm."""
    return factories.staff("eve", "CSR", password=PASSWORD)


# --- Keys of others ---


def test_no_number_leads_to_the_page_of_a_customer(signed_in, contributor):
    ticket = factories.ticket()
    kind = ContentType.objects.get_for_model(Ticket)
    assert signed_in(contributor).get(f"/admin/r/{kind.pk}/{ticket.pk}/").status_code == 404


def test_a_colleague_reads_no_key_in_the_mails_of_others(signed_in, eve, sam):
    letters.invite(sam)
    ticket = factories.ticket()
    letters.post("maria@example.org", "Yours", f"See {ticket.get_absolute_url()}", kind="message")
    client = signed_in(eve)
    for mail in OutboundEmail.objects.all():
        page = client.get(f"{MAILS}{mail.pk}/change/").content.decode()
        assert mail.subject in page
        assert ticket.token not in page
        assert not re.search(r"/password/reset/key/[0-9A-Za-z]", page)


@pytest.mark.parametrize("field", ["text", "text__regex", "html__contains", "pk__in"])
def test_a_list_of_mails_answers_no_guess_about_their_words(signed_in, eve, sam, field):
    letters.invite(sam)
    assert signed_in(eve).get(MAILS, {field: "a"}).status_code in (302, 400)


def test_a_list_of_tickets_answers_no_guess_about_people(signed_in, eve):
    client = signed_in(eve)
    for field in ("owner__password__startswith", "customer__email__startswith", "_to_field"):
        answer = client.get("/admin/feedback/ticket/", {field: "password"})
        assert answer.status_code == 400, field


def test_a_token_opens_only_what_it_was_made_for(visitor, customer):
    """Each purpose signs with a salt of its own: a form's stamp is no key to a request."""
    ticket = factories.ticket(customer=customer)
    page = visitor.get("/ask/").content.decode()
    stamp = re.search(r'name="opened" value="([^"]+)"', page)[1]
    for address in ("/requests/{}/", "/ask/thank-you/{}/"):
        assert visitor.get(address.format(stamp)).status_code == 404
        cut = ticket.token[:-1] + ("A" if ticket.token[-1] != "A" else "B")
        assert visitor.get(address.format(cut)).status_code == 404


def test_a_new_key_opens_what_the_old_one_signed_until_it_is_forgotten(visitor, settings, dana):
    link = factories.ticket().get_absolute_url()
    totp.TOTP.activate(dana, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, long enough to be one, and never used elsewhere"
    assert visitor.get(link).status_code == 200
    secret = Authenticator.objects.get(user=dana).data["secret"]
    assert SecondFactorAdapter().decrypt(secret) == "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    call_command("verify_audit", stdout=StringIO())
    settings.SECRET_KEY_FALLBACKS = []
    assert visitor.get(link).status_code == 404


def test_what_was_decoded_once_is_not_decoded_again(visitor):
    page = visitor.get("/search/?q=%253Cb%253Ekettle").content.decode()
    assert 'value="%3Cb%3Ekettle"' in page


def test_a_file_of_another_ticket_is_not_found(signed_in, eve):
    mine, restricted = factories.ticket(), factories.ticket(is_safety_concern=True)
    hidden = Attachment.objects.create(
        message=restricted.messages.get(), file="x", name="x.txt", content_type="text/plain",
        size=1, checksum="0",
    )  # fmt: skip
    client = signed_in(eve)
    for ticket in (mine, restricted):
        address = reverse("admin:feedback_ticket_file", args=[ticket.pk, hidden.pk])
        assert client.get(address).status_code == 404


def test_nothing_of_a_managers_ticket_shows_anywhere(signed_in, eve):
    restricted = factories.ticket(is_safety_concern=True, subject="A burning kettle")
    client = signed_in(eve)
    for address in ("change/", "history/", "delete/", "more/", "pulse/", "write-up/"):
        answer = client.get(f"/admin/feedback/ticket/{restricted.pk}/{address}")
        assert answer.status_code in (302, 403, 404), address
    for page in ("ticket/?list=all", "message/", "ticketevent/", "promise/", "customer/"):
        assert "burning" not in client.get(f"/admin/feedback/{page}").content.decode()


# --- More than one's role ---


@pytest.mark.parametrize("name", ["publish", "schedule", "withdraw", "archive", "revive"])
def test_who_may_not_publish_cannot_by_a_post_either(signed_in, eve, name):
    article = factories.article(by=eve)
    before = Article.objects.values().get(pk=article.pk)
    signed_in(eve).post(
        f"/admin/kb/article/{article.pk}/act/",
        {"act": name, "is_anonymous": "on", "is_new_answer": "on", "at": "2030-01-01T10:00"},
    )
    assert Article.objects.values().get(pk=article.pk) == before


def test_fields_nobody_offered_are_not_taken(signed_in, eve):
    """Mass assignment: what the form does not hold for this person stays as it was."""
    article = factories.article(by=eve)
    page = f"/admin/kb/article/{article.pk}/change/"
    signed_in(eve).post(
        page,
        {
            "based_on": article.latest_revision.pk, "title": "New words?", "resolution": "<p>x</p>",
            "type": "faq", "category": article.category_id, "_publish": "1",
            "audience": "public", "confidence": "validated", "is_pinned": "on",
            "slug": "taken-over", "published_revision": article.latest_revision.pk,
            "questions-TOTAL_FORMS": 0, "questions-INITIAL_FORMS": 0,
        },
    )  # fmt: skip
    article.refresh_from_db()
    assert (article.is_public, article.is_pinned) == (False, False)
    assert article.slug != "taken-over"


def test_nobody_gives_themselves_more_than_they_have(signed_in):
    clerk = factories.staff("clerk")
    for code in ("view_user", "change_user"):
        clerk.user_permissions.add(
            ContentType.objects.get_for_model(User).permission_set.get(codename=code)
        )
    chief = factories.staff("chief", is_superuser=True)
    client = signed_in(clerk)
    fields = {"username": "clerk", "email": "c@example.org", "is_active": "on", "is_staff": "on"}
    client.post(f"/admin/portal/user/{clerk.pk}/change/", fields | {"is_superuser": "on"})
    clerk.refresh_from_db()
    assert (clerk.email, clerk.is_superuser) == ("c@example.org", False)
    taken = client.post(f"/admin/portal/user/{chief.pk}/change/", fields | {"username": "chief"})
    assert taken.status_code == 403


def test_nobody_sets_the_password_of_another(admin_client, sam):
    answer = admin_client.get(f"/admin/portal/user/{sam.pk}/password/", follow=True)
    assert "password1" not in answer.content.decode()


def test_a_door_tried_in_vain_is_written_down(signed_in, eve):
    signed_in(eve).get("/admin/portal/auditentry/")
    entry = AuditEntry.objects.get(outcome="refused")
    assert (entry.actor, entry.target) == (eve, "admin:portal_auditentry_changelist")


# --- Sessions and passwords ---


def test_a_session_chosen_by_somebody_else_is_not_continued(eve):
    client = Client()
    client.cookies["session"] = "chosen-by-somebody-else-entirely"
    client.post("/admin/login/", {"username": "eve", "password": PASSWORD})
    assert client.cookies["session"].value != "chosen-by-somebody-else-entirely"


def test_whoever_proves_again_who_they_are_gets_a_new_session_that_can_be_ended(eve):
    client = Client()
    client.post("/admin/login/", {"username": "eve", "password": PASSWORD})
    first = client.session.session_key
    client.post("/admin/reauthenticate/", {"password": PASSWORD})
    second = client.session.session_key
    client.post(
        "/admin/password/change/",
        {"oldpassword": PASSWORD, "password1": "a boat in a lake", "password2": "a boat in a lake"},
    )
    third = client.session.session_key
    assert len({first, second, third}) == 3
    assert [each.session_key for each in UserSession.objects.all()] == [third]


def test_signing_out_empties_what_the_browser_kept(signed_in, eve):
    answer = signed_in(eve).post("/admin/logout/")
    assert answer["Clear-Site-Data"] == '"cache", "storage"'


def test_all_sessions_of_a_colleague_end_at_an_administrators_press(admin_client, eve):
    theirs = Client()
    theirs.post("/admin/login/", {"username": "eve", "password": PASSWORD})
    theirs.get("/admin/")
    admin_client.post("/admin/portal/user/", {"action": "sign_out", "_selected_action": [eve.pk]})
    assert theirs.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/admin/password/change/", "oldpassword"),
        ("/admin/reauthenticate/", "password"),
    ],
)
def test_a_browser_left_open_is_no_place_to_guess(settings, eve, address, field):
    settings.RATE_LIMITS = True
    client = Client()
    client.force_login(eve)
    answers = [client.post(address, {field: f"guess {n}"}).status_code for n in range(12)]
    assert answers[-1] == 429


@time_machine.travel("2026-03-02T09:00:10Z", tick=False)
def test_nobody_fills_the_house_with_sessions(settings, visitor):
    settings.RATE_LIMITS = True
    asked = {"path": "/admin/2fa/webauthn/login/", "HTTP_X_REQUESTED_WITH": "XMLHttpRequest"}
    answers = [visitor.get(**asked, REMOTE_ADDR="203.0.113.8").status_code for _ in range(25)]
    assert answers == [200] * 20 + [429] * 5
    Client().get(**asked, REMOTE_ADDR="203.0.113.7")
    assert Session.objects.count() <= 21


def test_nobodys_mailbox_is_filled_with_reset_links(settings, visitor, eve):
    settings.RATE_LIMITS = True
    for n in range(8):
        visitor.post("/admin/password/reset/", {"email": eve.email}, REMOTE_ADDR=f"203.0.113.{n}")
    assert OutboundEmail.objects.filter(to=eve.email).count() == 5


def test_a_reset_link_leads_to_our_own_name_whatever_the_request_says(visitor, eve):
    for header in ("HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED", "HTTP_X_HOST"):
        visitor.post("/admin/password/reset/", {"email": eve.email}, **{header: "evil.example"})
    for mail in OutboundEmail.objects.all():
        assert "evil.example" not in f"{mail.text}{mail.html}"
        assert "http://127.0.0.1:8000/admin/password/reset/key/" in mail.text


@pytest.mark.parametrize(
    "page", ["2fa/webauthn/add/", "2fa/totp/activate/", "2fa/recovery-codes/generate/"]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_new_factor_asks_for_the_password_again(signed_in, eve, page, method):
    answer = getattr(signed_in(eve), method)(f"/admin/{page}")
    assert answer.url.startswith("/admin/reauthenticate/")


@pytest.mark.parametrize(
    "page",
    [
        "2fa/totp/deactivate/",
        "2fa/webauthn/keys/{key}/remove/",
        "2fa/webauthn/keys/{key}/edit/",
        "2fa/recovery-codes/",
        "2fa/recovery-codes/download/",
        "2fa/recovery-codes/generate/",
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_factor_is_taken_away_or_shown_only_after_proving_again(signed_in, eve, page, method):
    totp.TOTP.activate(eve, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(eve)
    key = Authenticator.objects.create(user=eve, type="webauthn", data={"name": "a key"})
    before = list(Authenticator.objects.values_list("type", "data"))
    answer = getattr(signed_in(eve), method)(f"/admin/{page.format(key=key.pk)}")
    assert answer.status_code == 405 or answer.url.startswith("/admin/reauthenticate/")
    assert list(Authenticator.objects.values_list("type", "data")) == before


def test_ending_a_session_asks_for_the_password_again(signed_in, eve):
    client = signed_in(eve)
    assert client.get("/admin/sessions/").status_code == 200
    assert client.post("/admin/sessions/").url.startswith("/admin/reauthenticate/")


# --- Poison ---


@pytest.mark.parametrize("place", ["-1", "0", "9" * 40, "99999", "x"])
def test_no_address_stops_the_worker_that_reads_the_journal(visitor, search_index, place):

    article = factories.article("How do I clean the kettle?", public=True)
    search_index()
    browser = {"HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux) Firefox/140"}
    visitor.get("/search/", {"q": "kettle"}, **browser)
    visitor.get(f"/articles/{article.slug}/", {"q": "kettle", "pos": place}, **browser)
    journal.ingest(everything=True)
    assert (SearchQuery.objects.count(), ArticleView.objects.count()) == (1, 1)


def test_the_words_of_a_customer_never_become_a_formula_or_a_tag(signed_in, sam):
    name = '<img src=x onerror=alert(1)>{{ 7|add:"7" }}'
    customer = Customer.objects.create(name=name[:120], email="x@example.org")
    ticket = factories.ticket(customer=customer, subject=name)
    client = signed_in(sam)
    for address in (
        "/admin/feedback/ticket/",
        f"/admin/feedback/ticket/{ticket.pk}/change/",
        f"/admin/feedback/ticket/{ticket.pk}/history/",
        "/admin/feedback/customer/",
        "/admin/",
    ):
        page = client.get(address).content.decode()
        assert "<img src=x" not in page
        assert "onerror=alert(1)&gt;{{ 7" in page or "onerror" not in page
