"""For machines: sitemap, feed, robots, search description, security contact."""

from datetime import timedelta

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from feedback.models import ContactChannel, Organisation
from kb import markup
from kb.models import Article, Category

# The protocol's own limit for one file.
SITEMAP_LENGTH = 50_000
FEED_LENGTH = 30


def absolute(address):
    """Links for machines come from the setting, never from what a request calls us."""
    return f"{settings.SITE_URL}{address}"


@require_safe
def favicon(request):
    """Where browsers look that were not told: on a file, a feed, a page of theirs."""
    return redirect(static("portal/mark.svg"))


@require_safe
def sitemap(request):
    pages = [absolute(reverse(f"portal:{name}")) for name in ("home", "faq", "ask", "contact")]
    pages += [absolute(c.get_absolute_url()) for c in Category.objects.visible_to(None)]
    articles = Article.objects.public().by_demand().only("slug", "changed_at")
    return render(
        request,
        "portal/sitemap.xml",
        {
            "pages": pages,
            "articles": [
                (absolute(article.get_absolute_url()), article.changed_at)
                for article in articles[: SITEMAP_LENGTH - len(pages)]
            ],
        },
        content_type="application/xml; charset=utf-8",
    )


@require_safe
def robots(request):
    closed = [reverse("portal:search"), "/requests/", "/ask/thank-you/", reverse("admin:index")]
    context = {"closed": closed, "sitemap": absolute(reverse("portal:sitemap"))}
    return render(request, "portal/robots.txt", context, content_type="text/plain; charset=utf-8")


@require_safe
def opensearch(request):
    return render(
        request,
        "portal/opensearch.xml",
        {"home": absolute("/"), "search": absolute(reverse("portal:search"))},
        content_type="application/opensearchdescription+xml; charset=utf-8",
    )


@require_safe
def security_txt(request):
    """Whom to tell of a weakness (RFC 9116)."""
    mailbox = ContactChannel.objects.active().filter(kind=ContactChannel.Kind.EMAIL).first()
    context = {
        "contact": mailbox.href if mailbox else absolute(reverse("portal:ask")),
        "expires": timezone.now().replace(microsecond=0) + timedelta(days=180),
        "address": absolute(reverse("portal:security_txt")),
    }
    return render(request, "portal/security.txt", context, content_type="text/plain; charset=utf-8")


class NewAnswers(Feed):
    """The answers published last."""

    feed_type = Atom1Feed

    def title(self):
        return _("New answers from %s") % Organisation.get().name

    def link(self):
        return absolute(reverse("portal:home"))

    def feed_url(self):
        return absolute(reverse("portal:feed"))

    def feed_guid(self):
        return self.feed_url()

    def author_name(self):
        return Organisation.get().name

    def items(self):
        published = Article.objects.public().select_related("published_revision")
        return published.order_by("-published_at")[:FEED_LENGTH]

    def item_title(self, article):
        return article.published_revision.title

    def item_description(self, article):
        text = markup.to_text(article.published_revision.resolution)
        return Truncator(text).chars(300)

    def item_link(self, article):
        return absolute(article.get_absolute_url())

    def item_guid(self, article):
        return self.item_link(article)

    def item_pubdate(self, article):
        return article.published_at

    def item_updateddate(self, article):
        return article.published_revision.published_at or article.published_at


feed = require_safe(NewAnswers())
