"""Asking: the form, the thanks for it, and the kind end of a form that was not needed."""

from django.db import DatabaseError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from feedback import intake
from feedback.models import KnownIssue, Message, Ticket
from kb import visits
from kb.models import Article
from kb.search import suggest
from portal import kept, traces
from portal.forms import AskForm, ask_form_for, new_key, new_opening
from portal.limits import limited, spend
from portal.origin import public_post
from portal.trouble import RETRY_AFTER, is_storage_trouble, open_anew_after
from portal.uploads import bounded
from portal.views.searching import search_words

NEAREST = 3


@public_post
@limited("ask")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request):
    if request.method != "POST" and not request.GET:
        return _empty_form(request)
    if request.method != "POST":
        words = search_words(request)
        form = ask_form_for(request, words=words)
        nearest = suggest(words, limit=NEAREST) if words else ()
        if nearest:
            traces.leave(request, "offer")
        return _form_page(request, form, nearest=nearest)
    uploads = bounded(request)
    form = AskForm(request.POST, request.FILES, too_large=uploads.too_large)
    if form.is_valid():
        spend("ask", recipient=form.cleaned_data["email"])
        try:
            uploads.make_sure()
            ticket = _submit(request, form.cleaned_data)
        except (OSError, DatabaseError) as error:
            if not is_storage_trouble(error):
                raise
            open_anew_after(error)
            return _not_saved(request, form)
        return redirect("portal:acknowledgement", token=ticket.token)
    # The same key, so that it stays one request; a fresh moment, so that the next try counts.
    form.data = form.data.copy()
    form.data["opened"] = new_opening(already_read=True)
    return _form_page(request, form, status=422)


def _not_saved(request, form):
    """The disk is full or the database busy: every word is kept, and the truth is told."""
    form.add_error(None, _("Nothing was saved just now. Please send it again in half a minute."))
    response = _form_page(request, form, status=503)
    response["Retry-After"] = str(RETRY_AFTER)
    return response


def _empty_form(request):
    """The form most people open, kept ready; only its key and its moment are each one's own."""
    marks = {"key": "the-key-of-this-form", "opened": "the-moment-of-this-form"}
    page = kept.text(["ask"], lambda: _form_page(request, AskForm(initial=marks)))
    for name, new in (("key", new_key), ("opened", new_opening)):
        page = page.replace(marks[name], new())
    return HttpResponse(page)


def _form_page(request, form, *, nearest=(), status=200):
    slug = form["article"].value() or ""
    context = {
        "form": form,
        "tried": Article.objects.public().filter(slug=slug).first() if slug else None,
        "nearest": nearest,
        "known_issues": KnownIssue.objects.shown().prefetch_related("categories"),
        "here": "ask",
    }
    return render(request, "feedback/ask.html", context, status=status)


def _submit(request, given):
    tried = Article.objects.public().filter(slug=given["article"]).first()
    contact = intake.Contact(
        body=given["body"],
        email=given["email"],
        name=given["name"],
        kind=given["kind"],
        subject=given["subject"],
        phone=given["phone"],
        preferred_channel=given["preferred_channel"],
        language=get_language() or "",
        category=given["category"],
        order_number=given["order_number"],
        remedy_sought=given["remedy"],
        may_be_quoted=given["may_be_quoted"] and given["kind"] == Ticket.Kind.COMPLIMENT,
        visit_key=visits.visit_key(request),
        search_words=given["searched"],
        tried_article=tried,
    )
    return intake.submit(contact, key=given["key"], files=given["attachments"])


@never_cache
@require_safe
def acknowledgement(request, token):
    try:
        ticket = Ticket.objects.select_related("customer").for_token(token)
    except Ticket.DoesNotExist:
        raise Http404 from None
    context = {
        "ticket": ticket,
        "original": ticket.messages.filter(type=Message.Type.ORIGINAL).first(),
    }
    response = render(request, "feedback/acknowledgement.html", context)
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response


@public_post
@limited("vote")
@require_http_methods(["GET", "HEAD", "POST"])
def answered(request):
    """ "That answered it": counted for the article, and a kind end."""
    if request.method == "POST":
        article = Article.objects.public().filter(slug=request.POST.get("answered_by", "")).first()
        if article:
            traces.vote(request, article, value="yes")
            traces.leave(request, "taken", article=article.pk)
        return redirect(reverse("portal:answered"))
    return render(request, "feedback/answered.html")
