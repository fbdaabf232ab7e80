"""A gap leads to the requests that were answered by hand: each may be written up."""

import pytest
from django.urls import reverse

from feedback.models import TicketArticleLink
from kb import gaps
from kb.models import ContentGap
from tests import factories


@pytest.fixture
def asked(db):
    """Two who asked for the same and were answered without an article, and one who was not."""
    closed = {"stage": "closed", "outcome": "satisfied"}
    two = [
        factories.ticket(subject=words, **closed) for words in ("Gift wrapping", "gift wrapping?")
    ]
    solved = factories.ticket(subject="Gift wrapping", **closed)
    TicketArticleLink.objects.create(
        ticket=solved, article=factories.article(), relation="solved-by"
    )
    gaps.gather()
    return two


def test_the_page_of_a_gap_leads_to_the_requests_behind_it(signed_in, dana, asked):
    gap = ContentGap.objects.get()
    assert gap.requests == len(asked)
    page = signed_in(dana).get(reverse("admin:kb_contentgap_change", args=[gap.pk]))
    links = {one["url"] for one in page.context["beside"]}
    assert links == {reverse("admin:feedback_ticket_change", args=[t.pk]) for t in asked}


def test_a_request_that_only_managers_may_read_is_not_named(signed_in, dana, asked):
    type(asked[0]).objects.filter(pk=asked[0].pk).update(is_safety_concern=True)
    gap = ContentGap.objects.get()
    page = signed_in(dana).get(reverse("admin:kb_contentgap_change", args=[gap.pk]))
    assert asked[0].reference not in page.content.decode()
    assert asked[1].reference in page.content.decode()
