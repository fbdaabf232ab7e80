"""Searching: the results, and suggestions while typing."""

from django.http import JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kb import journal, visits
from kb.models import Category
from kb.search import search as search_articles
from kb.search import suggest as suggest_articles
from portal.forms import ask_form_for
from portal.limits import limited
from portal.paging import page_number
from portal.viewers import viewer

MAX_WORDS = 200
NEAREST = 3
SUGGESTIONS = 6


def search_words(request):
    """What was typed, as far as a search reads it."""
    return " ".join(request.GET.get("q", "").replace("\x00", " ").split())[:MAX_WORDS]


@limited("search", methods=("GET",))
@limited("search", methods=("GET", "HEAD"))
@require_safe
def search(request):
    user = viewer(request)
    words, page = search_words(request), page_number(request)
    categories = Category.objects.visible_to(user).top_level()
    chosen = categories.filter(slug=request.GET.get("category", "")).first()
    context = {"words": words, "categories": categories, "chosen": chosen}
    if words:
        results = search_articles(
            words, user, category=chosen, page=page, exact=request.GET.get("exact") == "1"
        )
        if page == 1 and not visits.is_bot(request):
            _note_search(request, user, words, results)
        context["results"] = results
        if not results.total:
            context["nearest"] = suggest_articles(words, user, limit=NEAREST)
            context["form"] = ask_form_for(request, words=words)
    return render(request, "kb/search.html", context)


def _note_search(request, user, words, results):
    journal.record(
        "search",
        visit=visits.visit_key(request),
        text=words,
        results=results.total,
        milliseconds=results.milliseconds,
        audience="internal" if user else "public",
    )


@limited("search", methods=("GET",))
@limited("search", methods=("GET", "HEAD"))
@require_safe
def suggest(request):
    hits = suggest_articles(search_words(request), viewer(request), limit=SUGGESTIONS)
    found = [{"title": hit.article.title, "url": hit.url} for hit in hits]
    return JsonResponse({"suggestions": found})
