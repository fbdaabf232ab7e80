"""Links from one article to another page of ours: which lead nowhere, and what leads here."""

import html
import re
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db.models import Q
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from kb import markup, voting
from kb.models import Article, ArticleFlag, Category, FormerSlug, Revision

NOWHERE = "nowhere"
MOST_ASKED_FOR = 500
_HREF = re.compile(r"<a\b[^>]*?\bhref=\"([^\"]*)\"", re.I)


def hrefs(revision):
    """Every address the rich parts link to, in reading order."""
    return [
        html.unescape(href)
        for part in revision.RICH_PARTS
        for href in _HREF.findall(getattr(revision, part))
    ]


def to_our_pages(revision):
    """The addresses among them that are pages of ours."""
    return [href for href in hrefs(revision) if _is_ours(href)]


def dead(hrefs):
    """Those of these addresses of ours behind which nothing public stands.

    However many they are, the database is asked at most twice.
    """
    pages = {href: _page(href) for href in hrefs}
    articles = _public_slugs({slug for name, slug in pages.values() if name == "article"})
    shelves = _public_shelves({slug for name, slug in pages.values() if name == "category"})
    there = {"article": articles, "category": shelves, NOWHERE: ()}
    return {
        href for href, (name, slug) in pages.items() if name in there and slug not in there[name]
    }


def links_to(article):
    """The published articles that link to this one."""
    return Article.objects.filter(
        pk__in=_published_with(article.get_absolute_url()).values("article")
    )


def flag_broken_links():
    """Put articles whose links lead nowhere on the curators' list; the worker's daily job.

    Where a curator has said that these very links may stay, nobody is asked again.
    """
    flagged, may_stay = 0, ArticleFlag.objects.filter(state=ArticleFlag.State.DECLINED)
    linking = _published_with("/").select_related("article").iterator(chunk_size=500)
    linked = [(revision.article, set(to_our_pages(revision))) for revision in linking]
    lost = dead(href for _article, hrefs in linked for href in hrefs)
    for article, hrefs in linked:
        if broken := sorted(hrefs & lost):
            said = _("Links that lead nowhere public: %s") % ", ".join(broken)
            if not may_stay.filter(article=article, comment=said).exists():
                voting.flag(article, reason=ArticleFlag.Reason.OUTDATED, comment=said)
                flagged += 1
    return flagged


def _published_with(path):
    quoted = f'href="{path}'
    full = f'href="{settings.SITE_URL}{path}'
    wanted = Q()
    for part in Revision.RICH_PARTS:
        wanted |= Q(**{f"{part}__contains": quoted}) | Q(**{f"{part}__contains": full})
    return Revision.objects.filter(wanted, state=Revision.State.PUBLISHED)


def _is_ours(href):
    return href.startswith(f"{settings.SITE_URL}/") or re.match(r"/(?!/)", href) is not None


def _page(href):
    """The name of the page an address leads to, and what that page is about."""
    path = unquote(urlsplit(href).path)
    if path.startswith((settings.STATIC_URL, markup.PICTURES)):
        return "static", None
    try:
        page = resolve(path)
    except Resolver404:
        return NOWHERE, None
    return page.url_name, page.kwargs.get("slug")


def _public_slugs(slugs):
    """Those that lead to a public article, by its address of today or by a former one."""
    public = Article.objects.public()
    former = FormerSlug.objects.filter(article__in=public)
    return set(_with(slugs, public).union(_with(slugs, former))) if slugs else set()


def _public_shelves(slugs):
    return set(_with(slugs, Category.objects.visible_to(None))) if slugs else set()


def _with(slugs, rows):
    """Their addresses; of very many, all there are, since a query takes only so many."""
    rows = rows.order_by().values_list("slug", flat=True)
    return rows.filter(slug__in=slugs) if len(slugs) < MOST_ASKED_FOR else rows
