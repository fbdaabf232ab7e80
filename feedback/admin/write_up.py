"""The page on which an answer is written up, and the article's page with its requests beside it."""

from datetime import UTC, datetime

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from feedback import promotion
from feedback.answers import answer_to
from feedback.gaps import requests_behind
from feedback.listeners import solved_tickets
from feedback.models import Ticket
from kb import journal
from kb.admin.articles import ArticleAdmin
from kb.admin.editor import editor_policy, own_media, with_nonce
from kb.admin.forms import rich_field
from kb.admin.gaps import ContentGapAdmin
from kb.models import Article, Category, ContentGap
from kb.numbering import number

_EVER = datetime(1970, 1, 1, tzinfo=UTC)
PARTS = ("issue", "resolution", "environment")


class WriteUpForm(forms.Form):
    """The draft a ticket offers, to be read once before it is kept."""

    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        widget=AdminTextInputWidget,
        help_text=_("The question as any customer would ask it."),
    )
    issue = rich_field("issue")
    resolution = rich_field("resolution")
    environment = rich_field("environment")
    category = forms.ModelChoiceField(
        Category.objects.all(), label=_("Category"), required=False, empty_label=_("choose later")
    )
    questions = forms.CharField(
        label=_("Also found by"),
        required=False,
        widget=AdminTextareaWidget(attrs={"rows": 4}),
        help_text=_("The customer's own words without personal data, one question a line."),
    )
    is_different = forms.BooleanField(
        label=_("It is a different question"), required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.by, self.twins = by, []

    def clean(self):
        """A title that says nearly the same as another asks the question again."""
        cleaned = super().clean()
        if cleaned.get("title") and not cleaned.get("is_different"):
            self.twins = promotion.nearly_the_same(cleaned["title"], self.by)
        if self.twins:
            self.fields["is_different"].widget = forms.CheckboxInput()
            self.add_error(
                "title", _t("There is an article with nearly this title. Does it answer this?")
            )
        return cleaned


def addresses(site):
    """The page's place below a ticket, for the ticket's own admin to include."""
    return [path("<int:pk>/write-up/", site.admin_view(write_up), name="feedback_ticket_write_up")]


@editor_policy
def write_up(request, pk):
    """First what exists already, then the draft: link, improve or create."""
    if not request.user.has_perm("feedback.promote_ticket"):
        raise PermissionDenied
    tickets = Ticket.objects.visible_to(request.user).select_related(
        "customer", "owner", "category"
    )
    ticket = get_object_or_404(tickets, pk=pk)
    form = WriteUpForm(request.POST or None, initial=_initial(ticket), by=request.user)
    if request.method == "POST":
        if request.POST.get("article"):
            return _use_existing(request, ticket)
        if form.is_valid():
            return _create(request, ticket, form.cleaned_data)
    else:
        journal.record("promotion", ticket=ticket.pk, by=request.user.pk)
    return TemplateResponse(
        request,
        "admin/feedback/ticket/write_up.html",
        admin.site.each_context(request)
        | {
            "title": _t("Write it up"),
            "opts": Ticket._meta,
            "ticket": ticket,
            "answer": answer_to(ticket),
            "form": form,
            "similar": promotion.similar_articles(ticket, request.user),
            "written": Article.objects.filter(
                ticket_links__ticket=ticket, ticket_links__relation="created-from"
            ),
            "media": with_nonce(request, own_media + form.media),
        },
    )


def _initial(ticket):
    draft = promotion.draft_from(ticket)
    parts = {part: getattr(draft, part) for part in PARTS}
    return parts | {
        "title": draft.title,
        "category": draft.category,
        "questions": "\n".join(draft.questions),
    }


def _use_existing(request, ticket):
    articles = Article.objects.visible_to(request.user)
    article = get_object_or_404(articles, pk=number(request.POST["article"]))
    if request.POST.get("answer") == "improve":
        promotion.improve(ticket, article, by=request.user)
        messages.success(request, _t("Now add what this customer was missing."))
        return _to(article)
    promotion.link(ticket, article, by=request.user)
    messages.success(request, _t("Linked. The customer's words now find it too."))
    return HttpResponseRedirect(reverse("admin:feedback_ticket_change", args=[ticket.pk]))


def _create(request, ticket, words):
    article = promotion.create(
        ticket,
        by=request.user,
        title=words["title"],
        category=words["category"],
        questions=words["questions"].splitlines(),
        **{part: words[part] for part in PARTS},
    )
    messages.success(request, _t("Kept for colleagues. The report below says what is left to do."))
    return _to(article)


def _to(article):
    return HttpResponseRedirect(reverse("admin:kb_article_change", args=[article.pk]))


admin.site.unregister([Article, ContentGap])


@admin.register(ContentGap)
class GapWithRequests(ContentGapAdmin):
    """A gap with the requests that were answered by hand: each may be written up."""

    def beside(self, request, gap):
        return [
            {
                "title": f"{ticket.reference} {ticket.subject}",
                "url": reverse("admin:feedback_ticket_change", args=[ticket.pk]),
            }
            for ticket in requests_behind(gap, request.user)
        ]


@admin.register(Article)
class ArticleWithRequests(ArticleAdmin):
    """The article's page, with the answers it came from and how often it solved something."""

    def get_list_display(self, request):
        return [*super().get_list_display(request), "uses"]

    def figures(self, articles):
        return super().figures(articles) | {"uses": solved_tickets(articles, _EVER)}

    @admin.display(description=_("solved"))
    def uses(self, article):
        return article.uses or ""

    def beside(self, request, article):
        """The answers this article was made of, where this colleague may read them."""
        may_be_read = Ticket.objects.visible_to(request.user).values("pk")
        return [
            {
                "title": _t("The answer it came from: %s") % ticket.reference,
                "url": reverse("admin:feedback_ticket_change", args=[ticket.pk]),
                "text": answer.body,
            }
            for ticket in promotion.source_tickets(article).filter(pk__in=may_be_read)
            if (answer := answer_to(ticket))
        ]
