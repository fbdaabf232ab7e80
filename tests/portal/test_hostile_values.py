"""Whatever is typed into an address or a form: an answer, and never a fault of ours."""

from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from django.contrib import admin
from django.utils import timezone

from feedback.models import Promise
from feedback.workflow import move
from kb.models import ContentGap, GradedQuery
from tests import factories
from tests.portal.test_roles import MODELS

pytestmark = pytest.mark.django_db

HUGE = "9" * 40
HOSTILE = {
    "a number no column holds": HUGE,
    "a zero byte": "a\x00b",
    "before all calendars": "0001-01-01T00:00",
    "after all calendars": "9999-12-31T23:59",
    "a day that is none": "2026-02-30T10:00",
    "digits that are none": "²٣",
    "very long": "x" * 70_000,
    "deep": "[" * 3_000,
    "a half of a letter": b"\xed\xa0\x80",
    "twice under one name": ["1", "2"],
    "the other direction": "\u202e'\"><script>",
}
each_hostile = pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)


def has_answer(response, what):
    assert response.status_code < 500, what
    return response


# --- Addresses ---


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_a_list_of_the_staff_answers_whatever_is_asked_of_it(admin_client, model):
    page = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    kept = admin.site._registry[model]
    filters = [each for each in kept.list_filter if isinstance(each, str)]
    asked = [{name: HUGE} for name in filters] + [{"id__in": f"1,{HUGE}"}, {"q": "a " * 5_000}]
    if kept.date_hierarchy:
        asked += [{f"{kept.date_hierarchy}__year": year} for year in (HUGE, "-1", "0")]
    asked.append(dict.fromkeys([*filters, "q", "p", "o", "_to_field", "_changelist_filters"], "%²"))
    if hasattr(model, "created_at"):
        asked += [{"created_at__year": year} for year in ("-1", "10000")]
    for query in asked:
        has_answer(admin_client.get(page, query), query)
    for end in ("change/", "history/", "delete/"):
        has_answer(admin_client.get(f"{page}{HUGE}/{end}"), end)


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("/search/", ("q", "category", "page")),
        ("/search/suggest/", ("q",)),
        ("/faq/", ("page",)),
        ("/ask/", ("body", "kind", "article", "category")),
        ("/ask/answered/", ("q", "article", "kind")),
        ("/sitemap.xml", ("page",)),
        ("/admin/login/", ("next",)),
        ("/admin/feedback/ticket/{ticket}/insert/", ("reply", "article")),
        ("/admin/kb/article/{article}/difference/", ("before", "after")),
        ("/admin/kb/article/{article}/preview/", ("revision",)),
        ("/admin/kb/picture/add/", ("q", "CKEditorFuncNum", "chosen")),
        ("/admin/kb/pin/health/", ("q", "page")),
        ("/admin/feedback/tonepair/", ("try",)),
        ("/admin/autocomplete/", ("term", "app_label", "model_name", "field_name", "page")),
        ("/admin/measures/", ("from", "to")),
        ("/admin/measures/1/", ("from", "to", "part", "page")),
    ],
)
def test_an_address_answers_whatever_is_in_it(signed_in, sam, there, page, names):
    client = signed_in(sam)
    page = page.format(ticket=there.ticket.pk, article=there.article.pk)
    for what, value in HOSTILE.items():
        has_answer(client.get(page, dict.fromkeys(names, value)), what)


# --- Forms ---


@pytest.fixture
def there(sam):
    """A shelf with something on it: a claimed ticket with a promise, an article, a gap."""
    article = factories.article("How do I clean the kettle?", by=sam, public=True)
    ticket = factories.ticket(kind="request")
    move(ticket, "claim", by=sam)
    promise = Promise.objects.filter(ticket=ticket).first()
    now = timezone.now()
    gap = ContentGap.objects.create(label="descaling", first_seen=now, last_seen=now)
    query = GradedQuery.objects.create(text="kettle", normalised="kettle")
    return SimpleNamespace(article=article, ticket=ticket, promise=promise, gap=gap, query=query)


class Fields(HTMLParser):
    """The names and values a browser would send back from a page."""

    def __init__(self, page):
        super().__init__()
        self.found = {}
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag in ("input", "select", "textarea", "button") and attrs.get("name"):
            self.found.setdefault(attrs["name"], attrs.get("value") or "")


def fields_of(client, page):
    return Fields(client.get(page).content.decode()).found


def send(client, page, fields):
    return has_answer(client.post(page, fields), (page, fields))


@each_hostile
@pytest.mark.parametrize(
    "page", ["/ask/", "/requests/find/", "/admin/login/", "/admin/password/reset/"]
)
def test_a_form_before_the_door_answers_whatever_is_sent(visitor, page, value):
    fields = fields_of(visitor, page)
    assert fields
    send(visitor, page, dict.fromkeys(fields, value))
    send(visitor, page, {})


@each_hostile
def test_every_press_of_a_customer_answers_whatever_is_sent(visitor, there, value):
    names = ("body", "option", "answer", "question", "answer-0", "score", "comment", "call_me",
             "phone", "preferred_channel", "preferred_detail", "preferred_time")  # fmt: skip
    for press in ("messages", "need", "plan", "not-yet", "manager", "survey", "reach", "confirm"):
        page = f"/requests/{there.ticket.token}/{press}/"
        send(visitor, page, dict.fromkeys(names, value))
        send(visitor, page, {"option": value})
    send(visitor, f"/articles/{there.article.slug}/vote/", {"value": value, "comment": value})


@each_hostile
def test_the_desk_answers_whatever_is_sent(signed_in, sam, there, value):
    client, page = signed_in(sam), f"/admin/feedback/ticket/{there.ticket.pk}/change/"
    fields = fields_of(client, page)
    good = fields | {"act": "as-written", "body": "Hello there, this is an answer.", "need": "x"}
    for mode in ("plan", "reply", "note"):
        send(client, page, good | {"mode": mode, "what_1": "send it", "due_1": value})
    for name in ("articles", "canned_reply", "version", "mode"):
        send(client, page, good | {name: value})
    for act in ("keep", "calm", "insert-article", "send", "assign", "renew_promise", "file_under"):
        send(client, page, dict.fromkeys([*fields, "to", "category"], value) | {"act": act})
    promise = {"promise": there.promise.pk, "reason": "because"}
    send(client, page, promise | {"act": "renew_promise", "due_at": value})
    has_answer(client.get(page), "what was kept as a draft opens again")


@each_hostile
def test_the_writing_desk_answers_whatever_is_sent(signed_in, sam, there, value):
    client, page = signed_in(sam), f"/admin/kb/article/{there.article.pk}/"
    fields = fields_of(client, page + "change/")
    send(client, page + "change/", dict.fromkeys(fields, value))
    send(client, page + "change/", fields | {"based_on": value, "category": value})
    for act in ("schedule", "archive", "restore", "flag", "send-back"):
        words = dict.fromkeys(("at", "replaced_by", "number", "said", "comment", "reason"), value)
        send(client, page + "act/", words | {"act": act})
    for act in ("answer", "decline"):
        chosen = {"act": act, "article": value, "reason": value}
        send(client, f"/admin/kb/contentgap/{there.gap.pk}/act/", chosen)
    for act in ("question", "pin", "synonym"):
        chosen = {"act": act, "article": value, "words": value}
        send(client, f"/admin/kb/gradedquery/{there.query.pk}/act/", chosen)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_a_form_of_the_staff_answers_whatever_is_sent(admin_client, model):
    page = f"/admin/{model._meta.app_label}/{model._meta.model_name}/add/"
    opened = admin_client.get(page)
    if opened.status_code != 200:
        assert opened.status_code in (302, 403, 404)
        return
    fields = Fields(opened.content.decode()).found
    for value in (HUGE, "a\x00b", "9999-12-31"):
        send(admin_client, page, dict.fromkeys(fields, value))
    send(admin_client, page, {})


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded; charset=nowhere",
        "nonsense",
    ],
)
def test_a_body_of_any_kind_gets_an_answer(visitor, kind):
    for body in (b"", b"\xff\xfe\x00", b"{" * 5000, b"--x\r\nContent-Disposition: form-data\r\n"):
        for page in ("/ask/", "/requests/find/", "/admin/login/"):
            answer = visitor.generic("POST", page, body, content_type=kind)
            has_answer(answer, (page, kind, body[:20]))


@pytest.mark.parametrize("credential", ["null", "[]", '{"id": "\\ud800"}', "[" * 50_000, "NaN"])
def test_a_passkey_made_of_nonsense_opens_nothing(visitor, credential):
    visitor.get("/admin/2fa/webauthn/login/")
    send(visitor, "/admin/2fa/webauthn/login/", {"credential": credential})
    assert visitor.get("/admin/").status_code == 302


def test_the_walk_finds_the_fields_of_a_form():
    page = '<form><input name="a"><select name="b"></select><button name="c" value="1"></form>'
    assert Fields(page).found == {"a": "", "b": "", "c": "1"}
