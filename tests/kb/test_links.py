"""A link that leads nowhere any more is found by the worker and shown to the curators."""

import pytest

from kb import links, publishing, voting
from kb.models import ArticleFlag
from portal import chores
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(publisher):
    """An article, and another that links to it."""
    target = factories.article("Paying by card", by=publisher, public=True)
    text = f'<p>See <a href="{target.get_absolute_url()}">paying</a> or ask.</p>'
    return target, factories.article("How do I pay?", by=publisher, public=True, resolution=text)


def test_a_link_that_leads_somewhere_is_left_alone(pair):
    assert links.flag_broken_links() == 0


def test_a_withdrawn_target_is_flagged_once_however_often_the_worker_looks(pair, publisher):
    target, source = pair
    publishing.withdraw(target, by=publisher)
    for _day in range(3):
        links.flag_broken_links()
    flag = ArticleFlag.objects.get()
    assert flag.article == source
    assert target.slug in flag.comment


def test_links_of_which_a_curator_says_that_they_may_stay_are_not_flagged_again(pair, publisher):
    target, _source = pair
    publishing.withdraw(target, by=publisher)
    links.flag_broken_links()
    voting.settle_flag(ArticleFlag.objects.get(), by=publisher, state=ArticleFlag.State.DECLINED)
    assert links.flag_broken_links() == 0
    assert not ArticleFlag.objects.filter(state=ArticleFlag.State.OPEN).exists()


def test_the_worker_looks_for_broken_links():
    assert chores.TIMED["kb.links.flag_broken_links"] == chores.DAY
