"""Links from one article to another page of ours: which lead nowhere, and what leads here."""

import html
import re
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db.models import Q
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from kb import voting
from kb.models import Article, ArticleFlag, Category, FormerSlug, Revision

_HREF = re.compile(r"<a\b[^>]*?\bhref=\"([^\"]*)\"", re.I)


def hrefs(revision):
    """Every address the rich parts link to, in reading order."""
    return [
        html.unescape(href)
        for part in revision.RICH_PARTS
        for href in _HREF.findall(getattr(revision, part))
    ]


def dead_links(revision):
    """The links to our own pages behind which nothing public stands."""
    return [href for href in hrefs(revision) if _is_ours(href) and not _leads_somewhere(href)]


def links_to(article):
    """The published articles that link to this one."""
    return Article.objects.filter(
        pk__in=_published_with(article.get_absolute_url()).values("article")
    )


def broken_links():
    """Every published revision with a dead link, and the links; for the curators' list."""
    for revision in _published_with("/").select_related("article").iterator(chunk_size=500):
        if dead := dead_links(revision):
            yield revision, dead


def flag_broken_links():
    """Put articles whose links lead nowhere on the curators' list; the worker's daily job.

    Where a curator has said that these very links may stay, nobody is asked again.
    """
    flagged, may_stay = 0, ArticleFlag.objects.filter(state=ArticleFlag.State.DECLINED)
    for revision, dead in broken_links():
        said = _("Links that lead nowhere public: %s") % ", ".join(sorted(set(dead)))
        if not may_stay.filter(article=revision.article, comment=said).exists():
            voting.flag(revision.article, reason=ArticleFlag.Reason.OUTDATED, comment=said)
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


def _leads_somewhere(href):
    path = unquote(urlsplit(href).path)
    if path.startswith(settings.STATIC_URL):
        return True
    try:
        page = resolve(path)
    except Resolver404:
        return False
    slug = page.kwargs.get("slug")
    if page.url_name == "article":
        return (
            Article.objects.public().filter(slug=slug).exists()
            or FormerSlug.objects.filter(slug=slug, article__in=Article.objects.public()).exists()
        )
    if page.url_name == "category":
        return Category.objects.visible_to(None).filter(slug=slug).exists()
    return True
