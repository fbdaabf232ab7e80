"""Owners hear once a week which of their articles are due to be read again."""

from datetime import UTC, datetime, timedelta

import pytest

from feedback import reading_again
from feedback.models import OutboundEmail
from kb import publishing
from tests import factories

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


def due(owner, title, days=3):
    article = factories.article(title, by=owner, public=True)
    article.review_by = (MONDAY + timedelta(days=days)).date()
    article.owner = owner
    article.save()
    return article


@pytest.fixture
def pat(publisher):
    publisher.email = "pat@example.org"
    publisher.save()
    return publisher


def test_an_owner_gets_one_mail_for_all_that_is_due(pat):
    due(pat, "How do I pay?")
    due(pat, "Where is my parcel?", days=-30)
    due(pat, "Who made the kettle?", days=60)
    reading_again.remind(MONDAY)
    mail = OutboundEmail.objects.get()
    assert (mail.to, mail.subject) == ("pat@example.org", "2 articles to read again")
    assert "How do I pay?" in mail.text
    assert "Where is my parcel?" in mail.html
    assert "kettle" not in mail.text + mail.html


def test_nobody_hears_twice_in_a_week_and_everybody_again_in_the_next(pat):
    due(pat, "How do I pay?")
    for day in range(6):
        reading_again.remind(MONDAY + timedelta(days=day))
    assert OutboundEmail.objects.count() == 1
    reading_again.remind(MONDAY + timedelta(days=7))
    assert OutboundEmail.objects.count() == 2


def test_what_a_colleague_left_behind_is_the_managers(pat, sam):
    due(pat, "How do I pay?")
    pat.is_active = False
    pat.save()
    sam.email = "sam@example.org"
    sam.save()
    reading_again.remind(MONDAY)
    assert OutboundEmail.objects.get().to == "sam@example.org"


def test_what_no_customer_reads_asks_for_nothing(pat):
    article = due(pat, "How do I pay?")
    publishing.withdraw(article, by=pat)
    reading_again.remind(MONDAY)
    assert not OutboundEmail.objects.exists()
