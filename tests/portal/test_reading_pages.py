"""Home, frequent questions, categories and articles, as each kind of reader meets them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from feedback.models import KnownIssue
from kb.models import Article, ArticleFlag, HelpfulVote
from tests import factories

BROWSER = {"HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux) Firefox/140"}


@pytest.fixture
def shelf(db):
    return factories.category("Delivery", slug="delivery", description="When it comes")


@pytest.fixture
def parcel(shelf):
    return factories.article(
        "Where is my parcel?",
        public=True,
        category=shelf,
        slug="where-is-my-parcel",
        issue="<p>It should be here.</p>",
        environment="<p>Parcels in the country.</p>",
        resolution="<p>Open the tracking page.</p><h2>Still nothing?</h2><p>Ask us.</p>",
        cause="<p>Snow.</p>",
    )


@pytest.fixture
def secret(shelf):
    return factories.article(
        "How we handle lost parcels", category=shelf, slug="lost-parcels-inside"
    )


def pages(shelf, parcel):
    return ["/", "/faq/", shelf.get_absolute_url(), parcel.get_absolute_url()]


# --- asked four ways ---


def test_a_visitor_reads_what_is_public_and_nothing_else(visitor, shelf, parcel, secret):
    for address in pages(shelf, parcel):
        page = visitor.get(address)
        assert page.status_code == 200
        assert secret.title not in page.content.decode()
    assert visitor.get(secret.get_absolute_url()).status_code == 404


def test_a_customer_with_a_request_reads_what_every_visitor_reads(
    visitor, customer, other_customer, shelf, parcel, secret
):
    """Customers have no account: owner and stranger are the same reader here."""
    for one in (customer, other_customer):
        visitor.get(factories.ticket(customer=one).get_absolute_url())
        assert parcel.title in visitor.get("/").content.decode()
        assert visitor.get(secret.get_absolute_url()).status_code == 404


def test_a_colleague_also_reads_internal_articles_and_sees_that_they_are(
    signed_in, dana, secret, parcel
):
    page = signed_in(dana).get(secret.get_absolute_url())
    assert "colleagues only" in page.content.decode()
    assert "Edit" in signed_in(dana).get(parcel.get_absolute_url()).content.decode()


def test_what_a_colleague_sees_is_kept_by_no_cache(signed_in, dana, parcel):
    assert "no-store" in signed_in(dana).get(parcel.get_absolute_url())["Cache-Control"]


# --- no cookie, and not fetched twice ---


def test_a_reader_gets_no_cookie_and_no_page_varies_by_one(visitor, shelf, parcel):
    more = ["/search/?q=parcel", "/ask/", "/contact/", "/privacy/", "/requests/find/", "/nowhere/"]
    for address in pages(shelf, parcel) + more:
        page = visitor.get(address)
        assert not page.cookies, address
        assert "Cookie" not in page.get("Vary", ""), address


def test_an_unchanged_article_is_answered_with_304(visitor, parcel):
    address = parcel.get_absolute_url()
    first = visitor.get(address)
    again = visitor.get(address, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    by_date = visitor.get(address, HTTP_IF_MODIFIED_SINCE=first["Last-Modified"])
    assert by_date.status_code == 304


def test_a_changed_article_is_sent_anew(visitor, parcel):
    address = parcel.get_absolute_url()
    etag = visitor.get(address)["ETag"]
    parcel.published_revision.__class__.objects.filter(pk=parcel.published_revision.pk).update(
        title="Where is my box?"
    )
    assert visitor.get(address, HTTP_IF_NONE_MATCH=etag).status_code == 200


def test_the_faq_can_be_asked_whether_it_changed(visitor, parcel):
    etag = visitor.get("/faq/")["ETag"]
    assert visitor.get("/faq/", HTTP_IF_NONE_MATCH=etag).status_code == 304


def test_a_kept_page_is_let_go_when_what_it_shows_changes(
    visitor, parcel, pages_are_kept, django_capture_on_commit_callbacks
):
    assert parcel.title in visitor.get("/").content.decode()
    Article.objects.filter(pk=parcel.pk).update(title="Quietly changed")
    assert parcel.title in visitor.get("/").content.decode(), "it was not kept"
    with django_capture_on_commit_callbacks(execute=True):
        factories.article("A new answer", public=True)
    page = visitor.get("/").content.decode()
    assert "Quietly changed" in page
    assert "A new answer" in page


def test_a_kept_page_travels_packed(visitor, parcel):
    import gzip

    plain = visitor.get(parcel.get_absolute_url())
    packed = visitor.get(parcel.get_absolute_url(), HTTP_ACCEPT_ENCODING="gzip")
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content


# --- what stands on a page ---


def test_home_shows_the_five_most_asked_by_measured_demand(visitor, shelf):
    for n in range(7):
        factories.article(f"Question {n}", public=True, category=shelf, demand=n)
    shown = list(visitor.get("/").context["most_asked"])
    assert [article.title for article in shown] == [f"Question {n}" for n in (6, 5, 4, 3, 2)]


def test_a_pin_goes_before_demand(visitor, shelf):
    factories.article("Asked much", public=True, category=shelf, demand=99)
    factories.article("Pinned", public=True, category=shelf, is_pinned=True)
    assert visitor.get("/faq/").context["sections"][0][1][0].title == "Pinned"


def test_the_faq_orders_by_demand_across_a_category_and_those_below_it(visitor, shelf):
    below = factories.category("Abroad", slug="abroad", parent=shelf)
    factories.article("Second", public=True, category=shelf, demand=1)
    factories.article("First", public=True, category=below, demand=2)
    (_category, questions), *_others = visitor.get("/faq/").context["sections"]
    assert [article.title for article in questions] == ["First", "Second"]


def test_the_parts_of_an_article_have_their_names_and_empty_ones_leave_no_heading(visitor, parcel):
    page = visitor.get(parcel.get_absolute_url()).content.decode()
    for heading in ("The question", "When this applies", "What to do", "Why it happens"):
        assert heading in page
    assert page.index("Open the tracking page") < page.index("Parcels in the country")
    bare = factories.article("Bare", public=True)
    page = visitor.get(bare.get_absolute_url()).content.decode()
    assert "What to do" in page
    assert "Why it happens" not in page


def test_a_heading_inside_an_article_can_be_linked_to(visitor, parcel):
    page = visitor.get(parcel.get_absolute_url()).content.decode()
    assert '<h3 id="still-nothing">Still nothing?</h3>' in page


def test_the_badge_says_who_checked_or_asks_whether_it_worked(visitor, parcel, dana):
    assert "New answer" in visitor.get(parcel.get_absolute_url()).content.decode()
    parcel.confidence = Article.Confidence.VALIDATED
    parcel.checked(by=dana)
    parcel.save()
    assert "Checked by our team on" in visitor.get(parcel.get_absolute_url()).content.decode()


def test_the_print_view_has_the_answer_and_a_way_to_a_person(visitor, parcel):
    page = visitor.get(reverse("portal:article_print", args=[parcel.slug])).content.decode()
    assert "Open the tracking page" in page
    assert 'name="q"' not in page
    assert 'href="/ask/"' in page


def test_a_known_issue_stands_on_home_on_its_category_and_in_the_form(visitor, shelf):
    issue = KnownIssue.objects.create(
        title="Parcels are late", text="Snow.", state="active", next_update_at=timezone.now()
    )
    issue.categories.add(shelf)
    for address in ("/", shelf.get_absolute_url(), "/ask/"):
        assert issue.title in visitor.get(address).content.decode(), address
    issue.state = KnownIssue.State.RESOLVED
    issue.save()
    assert issue.title not in visitor.get("/").content.decode()


def test_whom_it_affects_too_can_follow_a_known_issue_once(visitor, db):
    issue = KnownIssue.objects.create(title="Late", text="Snow.", state="active")
    address = reverse("portal:known_issue", args=[issue.pk])
    for _ in range(2):
        visitor.post(address, {"email": "Maria@Example.org"})
    assert [f.customer.email for f in issue.followers.all()] == ["maria@example.org"]
    assert visitor.post(address, {"email": "maria"}).status_code == 422


def test_the_page_of_a_known_issue_outlives_it_and_says_that_it_is_mended(visitor, db):
    over = {"state": "resolved", "resolved_at": timezone.now()}
    issue = KnownIssue.objects.create(title="Late", text="Snow.", **over)
    address = reverse("portal:known_issue", args=[issue.pk])
    page = visitor.get(address).content.decode()
    assert "Mended today" in page
    assert 'name="email"' not in page
    visitor.post(address, {"email": "maria@example.org"})
    assert not issue.followers.exists()
    draft = KnownIssue.objects.create(title="Not yet told", text="?", state="draft")
    assert visitor.get(reverse("portal:known_issue", args=[draft.pk])).status_code == 404


# --- addresses that changed ---


def test_a_former_address_leads_to_the_present_one(visitor, parcel):
    old = parcel.get_absolute_url()
    parcel.rename("where-is-it")
    answer = visitor.get(old)
    assert (answer.status_code, answer["Location"]) == (301, parcel.get_absolute_url())


def test_a_retired_article_says_so_and_names_what_replaced_it(visitor, parcel, shelf):
    newer = factories.article("Where is my order?", public=True, category=shelf)
    parcel.confidence, parcel.replaced_by = Article.Confidence.ARCHIVED, newer
    parcel.save()
    page = visitor.get(parcel.get_absolute_url())
    assert page.status_code == 410
    assert newer.get_absolute_url() in page.content.decode()


def test_a_retired_article_never_leads_to_an_internal_one(visitor, parcel, secret):
    parcel.confidence, parcel.replaced_by = Article.Confidence.ARCHIVED, secret
    parcel.save()
    assert secret.title not in visitor.get(parcel.get_absolute_url()).content.decode()


def test_what_was_never_public_is_unknown(visitor, secret):
    secret.confidence = Article.Confidence.ARCHIVED
    secret.save()
    assert visitor.get(secret.get_absolute_url()).status_code == 404


# --- did this answer your question? ---


def test_yes_is_counted_once_a_visit_and_thanked(visitor, parcel):
    address = reverse("portal:vote", args=[parcel.slug])
    for _ in range(2):
        answer = visitor.post(address, {"value": "yes"}, **BROWSER)
    assert answer.status_code == 302
    assert HelpfulVote.objects.filter(article=parcel, value="yes").count() == 1
    assert "Good to hear" in visitor.get(answer["Location"]).content.decode()


def test_not_yet_asks_what_is_missing_and_offers_the_form_with_the_article_named(visitor, parcel):
    answer = visitor.post(reverse("portal:vote", args=[parcel.slug]), {"value": "no"}, **BROWSER)
    page = visitor.get(answer["Location"]).content.decode()
    assert "What is missing?" in page
    assert f"/ask/?article={parcel.slug}" in page


def test_words_with_not_yet_become_a_flag_for_the_curators(visitor, parcel):
    said = {"value": "no", "reason": "unclear", "comment": "Which page?"}
    visitor.post(reverse("portal:vote", args=[parcel.slug]), said, **BROWSER)
    flag = ArticleFlag.objects.get(article=parcel)
    assert (flag.reason, flag.comment) == ("unclear", "Which page?")


def test_too_long_a_comment_comes_back_with_every_word(visitor, parcel):
    words = "word " * 1000
    page = visitor.post(
        reverse("portal:vote", args=[parcel.slug]), {"value": "no", "comment": words}, **BROWSER
    )
    assert page.status_code == 422
    assert words.strip() in page.content.decode()
    assert not HelpfulVote.objects.exists()


def test_nobody_votes_on_what_they_may_not_read(visitor, secret):
    address = reverse("portal:vote", args=[secret.slug])
    assert visitor.post(address, {"value": "yes"}).status_code == 404


# --- nothing grows with the number of articles ---


@pytest.mark.parametrize("many", [3, 40])
def test_reading_pages_take_few_queries_however_many_articles(
    visitor, shelf, many, django_assert_max_num_queries
):
    below = factories.category("Abroad", slug="abroad", parent=shelf)
    for n in range(many):
        last = factories.article(f"Q {n}", public=True, category=(shelf, below)[n % 2])
    for address in ["/", "/faq/", shelf.get_absolute_url(), last.get_absolute_url()]:
        visitor.get(address)
        with django_assert_max_num_queries(14):
            visitor.get(address)


def test_a_long_category_has_pages(visitor, shelf):
    for n in range(25):
        factories.article(f"Q {n:02}", public=True, category=shelf, demand=n)
    first = visitor.get(shelf.get_absolute_url()).content.decode()
    assert first.count('<li><a href="/articles/') == 20
    second = visitor.get(shelf.get_absolute_url(), {"page": 2}).content.decode()
    assert second.count('<li><a href="/articles/') == 5
    assert visitor.get(shelf.get_absolute_url(), {"page": 3}).status_code == 404
    assert visitor.get(shelf.get_absolute_url(), {"page": "x"}).status_code == 200


def test_a_reading_is_noted_with_the_words_that_led_to_it(visitor, parcel, settings, tmp_path):
    settings.JOURNAL_DIR = tmp_path
    visitor.get(parcel.get_absolute_url(), {"q": "lost parcel", "pos": "2"}, **BROWSER)
    (spool,) = tmp_path.iterdir()
    assert '"text": "lost parcel"' in spool.read_text()
    assert '"position": 2' in spool.read_text()


def test_a_machine_that_reads_is_not_counted(visitor, parcel, settings, tmp_path):
    settings.JOURNAL_DIR = tmp_path
    visitor.get(parcel.get_absolute_url(), HTTP_USER_AGENT="Somebot/1.0")
    assert list(tmp_path.iterdir()) == []


def test_contact_page_tells_the_week_and_the_holidays(visitor, db):
    from feedback.models import Holiday

    Holiday.objects.create(date=timezone.localdate() + timedelta(days=9), name="Tern Day")
    page = visitor.get("/contact/").content.decode()
    assert "Monday" in page
    assert "Tern Day" in page
