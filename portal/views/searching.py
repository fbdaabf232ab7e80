"""Searching: the results, and suggestions while typing."""

from django.http import JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kb import journal, visits
from kb.models import Category
from kb.search import search as search_articles
from kb.search import suggest as suggest_articles
from portal import kept, traces
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


@limited("search", methods=("GET", "HEAD"))
@require_safe
def search(request):
    user, words, number = viewer(request), search_words(request), page_number(request)
    category, exact = request.GET.get("category", ""), request.GET.get("exact") == "1"
    page = kept.page(
        request,
        ["search", words, number, category, exact],
        lambda: _results(request, user, words, number, category, exact),
    )
    if words and number == 1 and not visits.is_bot(request):
        _note_search(request, user, words, page.about)
    return page


def _results(request, user, words, number, category, exact):
    categories = Category.objects.visible_to(user).top_level()
    chosen = categories.filter(slug=category).first()
    context = {"words": words, "categories": categories, "chosen": chosen}
    about = {}
    if words:
        results = search_articles(words, user, category=chosen, page=number, exact=exact)
        about = {"results": results.total, "milliseconds": results.milliseconds}
        context["results"] = results
        if not results.total:
            context["nearest"] = suggest_articles(words, user, limit=NEAREST)
            context["form"] = ask_form_for(request, words=words)
    response = render(request, "kb/search.html", context)
    response.about = about
    # A form has a key of its own, and what the database found in the index's stead is not for long.
    response.is_ones_own = "form" in context or (words and results.is_fallback)
    return response


def _note_search(request, user, words, about):
    journal.record(
        "search",
        visit=visits.visit_key(request),
        text=words,
        audience="internal" if user else "public",
        **about,
    )


@limited("search", methods=("GET", "HEAD"))
@require_safe
def suggest(request):
    words = search_words(request)
    found = kept.page(request, ["suggest", words], lambda: _suggestions(words, viewer(request)))
    # The ask form says for what it wants them.
    if request.GET.get("for") == "ask" and found.about:
        traces.leave(request, "offer")
    return found


def _suggestions(words, user):
    hits = suggest_articles(words, user, limit=SUGGESTIONS)
    found = [{"title": hit.article.title, "url": hit.url} for hit in hits]
    response = JsonResponse({"suggestions": found})
    response.about = len(found)
    return response
