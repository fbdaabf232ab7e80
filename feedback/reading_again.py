"""Articles whose day to be read again is near: one mail a week to whoever owns them."""

from collections import defaultdict
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from feedback import mail, people
from kb.models import Article

SOON = timedelta(days=14)
SHOWN = 20


def remind(now=None):
    """Write the week's mails; the worker asks daily, and nobody hears twice in a week."""
    now = now or timezone.now()
    year, week, _day = timezone.localtime(now).isocalendar()
    for person, articles in _by_reader(timezone.localdate(now)).items():
        mail.queue(
            "read-again",
            person.email,
            ngettext("%(n)d article to read again", "%(n)d articles to read again", len(articles))
            % {"n": len(articles)},
            "read_again",
            {
                "person": person,
                "articles": [(article, _address(article)) for article in articles[:SHOWN]],
                "others": len(articles[SHOWN:]),
                "link": f"{settings.SITE_URL}{reverse('admin:kb_article_changelist')}?todo=overdue",
            },
            once_key=f"read-again:{person.pk}:{year}-{week}",
            now=now,
        )


def _by_reader(today):
    """{colleague: articles}; what nobody active owns is the managers'."""
    due = Article.objects.public().filter(review_by__lte=today + SOON).select_related("owner")
    readers, managers = defaultdict(list), None
    for article in due.order_by("review_by", "pk"):
        if article.owner and article.owner.is_active:
            readers[article.owner].append(article)
            continue
        managers = people.managers() if managers is None else managers
        for manager in managers:
            readers[manager].append(article)
    return {person: articles for person, articles in readers.items() if person.email}


def _address(article):
    return settings.SITE_URL + reverse("admin:kb_article_change", args=[article.pk])
