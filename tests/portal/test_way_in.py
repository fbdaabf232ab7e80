"""Posts without a cookie, errors with a way out, and what machines are told."""

import re
import xml.etree.ElementTree as ET
from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from feedback.models import ContactChannel, Organisation
from portal.management.commands.prepare import Command as Prepare
from tests import factories
from tests.portal.test_ask_form import filled

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone():
    return ContactChannel.objects.create(kind="phone", value="0800 000 000")


@pytest.fixture
def article():
    return factories.article("Where is my parcel?", public=True)


# --- where a post may come from ---


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 302),
        ({"HTTP_SEC_FETCH_SITE": "same-origin"}, 302),
        ({"HTTP_SEC_FETCH_SITE": "none"}, 302),
        ({"HTTP_ORIGIN": "http://testserver"}, 302),
        ({"HTTP_REFERER": "http://testserver/ask/"}, 302),
        ({"HTTP_SEC_FETCH_SITE": "cross-site"}, 403),
        ({"HTTP_SEC_FETCH_SITE": "same-site"}, 403),
        ({"HTTP_ORIGIN": "https://evil.example"}, 403),
        ({"HTTP_ORIGIN": "null"}, 403),
        ({"HTTP_REFERER": "https://evil.example/testserver"}, 403),
        ({"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_ORIGIN": "http://testserver"}, 403),
    ],
)
def test_another_sites_page_writes_nothing_here(visitor, headers, status):
    assert visitor.post("/ask/", filled(), **headers).status_code == status


# --- every page has a way to a person ---


def test_every_customer_page_leads_to_a_person(visitor, phone, article):
    ticket = factories.ticket()
    addresses = [
        "/", "/faq/", "/search/", "/search/?q=xylophone", "/ask/", "/ask/answered/",
        "/requests/find/", "/contact/", "/privacy/", "/accessibility/", "/nowhere/",
        article.get_absolute_url(), article.category.get_absolute_url(),
        ticket.get_absolute_url(), reverse("portal:acknowledgement", args=[ticket.token]),
    ]  # fmt: skip
    for address in addresses:
        text = visitor.get(address).content.decode()
        assert 'href="/ask/' in text, address
        assert "0800 000 000" in text, address


def test_a_refused_post_and_a_busy_moment_lead_to_a_person_too(visitor, phone, settings):
    refused = visitor.post("/ask/", filled(), HTTP_ORIGIN="https://evil.example")
    assert "0800 000 000" in refused.content.decode()


def test_every_page_has_one_heading_a_title_and_a_language(visitor, article):
    ticket = factories.ticket()
    for address in ["/", "/faq/", "/search/?q=parcel", "/ask/", "/contact/", "/nowhere/",
                    article.get_absolute_url(), ticket.get_absolute_url()]:  # fmt: skip
        text = visitor.get(address).content.decode()
        assert text.count("<h1") == 1, address
        assert '<html lang="en" dir="ltr">' in text, address


# --- errors ---


def test_an_unknown_address_searches_for_its_own_words(visitor):
    page = visitor.get("/articles/lost-parcel_number/")
    assert page.status_code == 404
    assert 'value="lost parcel number"' in page.content.decode()


@pytest.mark.parametrize(
    "address",
    ["/articles/%00/", "/articles/%F0%9F%AB%96/", "/categories/%2e%2e/", "/" + "x" * 3000,
     "/requests/%3Cscript%3E/", "/known-issues/99999999999999999999/", "/%ff%fe/"],
)  # fmt: skip
def test_a_malformed_address_is_a_calm_404(visitor, address):
    page = visitor.get(address)
    assert page.status_code == 404
    assert "<script>" not in page.content.decode().replace('<script type="module"', "")


def test_the_500_page_stands_without_the_database():
    from django.template.loader import render_to_string

    text = render_to_string("500.html")
    assert 'href="/contact/"' in text
    assert "our mistake" in text


# --- for machines ---


def test_the_sitemap_lists_public_articles_only(visitor, article):
    secret = factories.article("Inside")
    found = visitor.get("/sitemap.xml")
    places = {loc.text for loc in ET.fromstring(found.content).iter() if loc.tag.endswith("loc")}
    assert any(place.endswith(article.get_absolute_url()) for place in places)
    assert not any(secret.slug in place for place in places)


def test_the_feed_is_atom_and_its_links_come_from_the_setting(visitor, article, settings):
    settings.SITE_URL = "https://help.example.org"
    text = visitor.get("/feed/").content.decode()
    feed = ET.fromstring(text)
    assert feed.tag == "{http://www.w3.org/2005/Atom}feed"
    assert feed.findtext("{*}author/{*}name") == Organisation.get().name
    assert f"https://help.example.org{article.get_absolute_url()}" in text
    assert "testserver" not in text


def test_robots_stay_out_of_requests(visitor):
    text = visitor.get("/robots.txt").content.decode()
    assert "Disallow: /requests/" in text
    assert "Sitemap: http" in text


def test_browsers_learn_how_to_search_here(visitor):
    text = visitor.get("/opensearch.xml").content.decode()
    assert "?q={searchTerms}" in text
    ET.fromstring(text)


def test_finders_of_a_weakness_learn_whom_to_tell(visitor):
    ContactChannel.objects.create(kind="email", value="safe@example.org")
    text = visitor.get("/.well-known/security.txt").content.decode()
    assert "Contact: mailto:safe@example.org" in text
    expires = datetime.fromisoformat(re.search("^Expires: (.+)$", text, re.M)[1])
    assert timedelta(days=170) < expires - timezone.now() < timedelta(days=190)


def test_a_browser_that_looks_for_a_mark_finds_it(visitor):
    assert visitor.get("/favicon.ico")["Location"].endswith(".svg")


def test_an_article_tells_machines_its_headline_and_how_to_show_it(visitor, article):
    text = visitor.get(article.get_absolute_url()).content.decode()
    assert 'itemtype="https://schema.org/Article"' in text
    assert f'<h1 itemprop="headline">{article.title}</h1>' in text
    assert f'<meta property="og:title" content="{article.title}">' in text


def test_a_start_without_the_demo_says_how_the_first_colleague_comes_in(
    settings, capsys, django_user_model
):
    settings.DEMO = False
    Prepare().say_where()
    assert "first_account NAME EMAIL" in capsys.readouterr().out
    django_user_model.objects.create(username="sam")
    Prepare().say_where()
    said = capsys.readouterr().out
    assert f"{settings.SITE_URL}/admin/" in said
    assert "first_account" not in said
