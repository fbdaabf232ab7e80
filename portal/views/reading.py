"""Reading: home, frequent questions, categories, articles, and what readers say of them."""

import heapq

from django.conf import settings
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import http_date
from django.views.decorators.http import require_POST, require_safe

from feedback import ledger
from feedback.models import KnownIssue
from kb.models import Article, Category, FormerSlug
from kb.numbering import number
from kb.search import similar
from portal import kept, traces
from portal.forms import VoteForm
from portal.limits import limited
from portal.origin import public_post
from portal.paging import page_number, page_of
from portal.viewers import viewer

LAST_PLACE = 1000
MOST_ASKED = 5
IN_FAQ_SECTION = 6
IN_SUBCATEGORY = 5


@require_safe
def home(request):
    return kept.page(request, ["home"], lambda: _home(request))


def _home(request):
    return render(
        request,
        "portal/home.html",
        {
            "most_asked": Article.objects.public().by_demand()[:MOST_ASKED],
            "categories": Category.objects.visible_to(viewer(request)).top_level(),
            "known_issues": KnownIssue.objects.shown().select_related("article"),
            "promises": ledger.published(),
        },
    )


@require_safe
def faq(request):
    return kept.page(request, ["faq"], lambda: _faq(request))


def _faq(request):
    user = viewer(request)
    asked = Article.objects.visible_to(user).filter(type=Article.Type.FAQ).by_demand()
    shelves = Prefetch("articles", asked[:IN_FAQ_SECTION], to_attr="asked")
    children = Category.objects.visible_to(user).prefetch_related(shelves)
    categories = (
        Category.objects.visible_to(user)
        .top_level()
        .prefetch_related(shelves, Prefetch("children", children, to_attr="shown_children"))
    )
    sections = [(category, _most_asked_on(category)) for category in categories]
    context = {"sections": [s for s in sections if s[1]], "here": "faq"}
    return render(request, "kb/faq.html", context)


def _most_asked_on(category):
    """The questions of a category and of those below it, in one order."""
    below = [article for child in category.shown_children for article in child.asked]
    return heapq.nsmallest(
        IN_FAQ_SECTION,
        category.asked + below,
        key=lambda article: (not article.is_pinned, -article.demand, article.title),
    )


@require_safe
def category(request, slug):
    number = page_number(request)
    return kept.page(request, ["category", slug, number], lambda: _category(request, slug, number))


def _category(request, slug, number):
    user = viewer(request)
    shown = get_object_or_404(Category.objects.visible_to(user).select_related("parent"), slug=slug)
    articles = Article.objects.visible_to(user).by_demand()
    shelves = Prefetch("articles", articles[:IN_SUBCATEGORY], to_attr="most_asked")
    children = Category.objects.visible_to(user).filter(parent=shown)
    return render(
        request,
        "kb/category.html",
        {
            "category": shown,
            "children": children.prefetch_related(shelves) if number == 1 else [],
            "page": page_of(articles.filter(category=shown), number),
            "known_issues": KnownIssue.objects.shown().filter(categories=shown),
        },
    )


@require_safe
def article(request, slug):
    voted = request.GET.get("voted", "")[:10]
    page = kept.page(request, ["article", slug, voted], lambda: _article(request, slug))
    if getattr(page, "about", None):
        _note_reading(request, page.about)
    return page


def _article(request, slug):
    user = viewer(request)
    shown = _articles(user).filter(slug=slug).first()
    if shown is None:
        return _formerly(slug, request)
    response = render(request, "kb/article.html", _article_context(request, user, shown))
    response["Last-Modified"] = http_date(shown.changed_at.timestamp())
    response.about = shown.pk
    return response


def _articles(user):
    return Article.objects.visible_to(user).select_related(
        "published_revision", "latest_revision", "category__parent"
    )


def _article_context(request, user, shown, vote_form=None):
    return {
        "article": shown,
        "revision": shown.shown_revision,
        "related": similar(shown, user, limit=5),
        "vote_form": vote_form or VoteForm(),
        "voted": request.GET.get("voted", ""),
        "is_staff": user is not None,
        "canonical": f"{settings.SITE_URL}{shown.get_absolute_url()}",
        "is_corrected": shown.shown_revision.is_important,
    }


def _note_reading(request, pk):
    """The reading, and the search it came from: result links carry words and place."""
    position = number(request.GET.get("pos"))
    if position and position > LAST_PLACE:  # of no result list of ours
        position = None
    words = request.GET.get("q", "")
    traces.leave(request, "view", article=pk, text=words, position=position)


def _formerly(slug, request):
    """An address that once led somewhere never dies silently."""
    former = FormerSlug.objects.select_related("article").filter(slug=slug).first()
    if former:
        return redirect("portal:article", slug=former.article.slug, permanent=True)
    withdrawn = get_object_or_404(
        Article.objects.select_related("replaced_by").filter(published_at__isnull=False), slug=slug
    )
    successor = withdrawn.replaced_by
    if successor is not None and not successor.is_public:
        successor = None
    context = {"article": withdrawn, "successor": successor}
    return render(request, "kb/withdrawn.html", context, status=410)


@require_safe
def article_print(request, slug):
    user = viewer(request)
    shown = get_object_or_404(_articles(user), slug=slug)
    context = {"article": shown, "revision": shown.shown_revision}
    return render(request, "kb/article_print.html", context)


@public_post
@limited("vote")
@require_POST
def vote(request, slug):
    user = viewer(request)
    shown = get_object_or_404(Article.objects.public(), slug=slug)
    form = VoteForm(request.POST)
    if not form.is_valid():
        shown = get_object_or_404(_articles(user), slug=slug)
        context = _article_context(request, user, shown, form) | {"voted": "no"}
        return render(request, "kb/article.html", context, status=422)
    traces.vote(request, shown, **form.cleaned_data)
    said = "sent" if form.has_words() else form.cleaned_data["value"]
    return redirect(f"{reverse('portal:article', args=[slug])}?voted={said}#helpful")
