"""The list of articles and the page an article is written on."""

from django.contrib import admin, messages
from django.db.models import Count
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from kb import publishing
from kb.admin.editor import allow_editor, own_media, with_nonce
from kb.admin.filters import WorkFilter
from kb.admin.forms import AlternateQuestionForm, ArticleForm
from kb.admin.pages import ArticlePages
from kb.models import (
    AlternateQuestion,
    Article,
    ArticleFlag,
    EditConflict,
    HelpfulVote,
    PublishRefused,
)
from kb.numbering import number
from kb.search import search


class QuestionInline(admin.TabularInline):
    model = AlternateQuestion
    form = AlternateQuestionForm
    extra = 1
    can_delete = False
    verbose_name_plural = _("The same question in other words")
    fields = ["text", "source", "hidden_reason"]
    readonly_fields = ["source"]


@admin.register(Article)
class ArticleAdmin(ArticlePages, admin.ModelAdmin):
    form = ArticleForm
    inlines = [QuestionInline]
    list_display = ["headline", "category", "standing", "asked", "helped", "flagged", "review"]
    list_display_links = ["headline"]
    list_filter = [WorkFilter, "confidence", "audience", "type", "governance", "category"]
    list_select_related = ["category", "latest_revision"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["title"]  # the search engine answers, see get_search_results
    ordering = ["-changed_at"]
    actions = None
    fieldsets = [
        (None, {"fields": ["based_on", "title", "issue", "resolution"]}),
        (_("When and why"), {"fields": ["environment", "cause"]}),
        (_("Finding it"), {"fields": ["category", "type", "keywords"]}),
        (_("This change"), {"fields": ["change_note", "is_important"]}),
        (
            _("Standing"),
            {
                "classes": ["collapse"],
                "fields": ["slug", "governance", "owner", "review_by", "is_pinned"],
            },
        ),
    ]

    def view_on_site(self, article):
        return article.get_absolute_url() if article.is_public else None

    # --- The list -----------------------------------------------------------

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"title": _t("Articles")} | (extra_context or {}))

    def get_changelist_instance(self, request):
        """The figures of one page's articles, counted for these alone however many there are."""
        changelist = super().get_changelist_instance(request)
        articles = changelist.result_list = list(changelist.result_list)
        for name, figures in self.figures(articles).items():
            for article in articles:
                setattr(article, name, figures.get(article.pk, 0))
        return changelist

    def figures(self, articles):
        votes = HelpfulVote.objects.filter(article__in=articles)
        flags = ArticleFlag.objects.filter(article__in=articles, state=ArticleFlag.State.OPEN)
        return {
            "yes": _counted(votes.filter(value=HelpfulVote.Value.YES)),
            "voted": _counted(votes),
            "open_flags": _counted(flags),
        }

    def get_search_results(self, request, articles, words):
        """The same engine readers use, over everything colleagues may see; or KB-0042."""
        if not words.strip():
            return articles, False
        pk = number(words.strip().upper().removeprefix("KB-"))
        if pk is not None:
            return articles.filter(pk=pk), False
        found = search(words, request.user, per_page=100).hits
        return articles.filter(pk__in=[hit.article.pk for hit in found]), False

    @admin.display(description=_("article"), ordering="title")
    def headline(self, article):
        return format_html('{} <span class="kb-number">{}</span>', article.title, article.number)

    @admin.display(description=_("standing"), ordering="audience")
    def standing(self, article):
        return format_html('<span class="kb-state kb-{}">{}</span>', *self.state_of(article))

    def state_of(self, article):
        """One word for where an article stands, and its class for the eye."""
        latest = article.latest_revision
        if article.confidence == Article.Confidence.ARCHIVED:
            return "archived", article.get_confidence_display()
        if latest and latest.state in (latest.State.SUBMITTED, latest.State.SCHEDULED):
            return latest.state, latest.get_state_display()
        if article.is_public:
            has_draft = latest.pk != article.published_revision_id
            return "public", _t("public, with a new draft") if has_draft else _t("public")
        return "internal", article.get_confidence_display()

    @admin.display(description=_("helped"))
    def helped(self, article):
        return f"{article.yes} / {article.voted}" if article.voted else ""

    @admin.display(description=_("flags"))
    def flagged(self, article):
        if not article.open_flags:
            return ""
        return format_html('<span class="kb-flag">{}</span>', article.open_flags)

    @admin.display(description=_("demand"), ordering="demand")
    def asked(self, article):
        return round(article.demand)

    @admin.display(description=_("review by"), ordering="review_by")
    def review(self, article):
        if article.review_by and article.review_by < timezone.localdate():
            return format_html('<strong class="kb-overdue">{}</strong>', article.review_by)
        return article.review_by or ""

    # --- The form -----------------------------------------------------------

    @property
    def media(self):
        return super().media + own_media

    def get_readonly_fields(self, request, obj=None):
        """What decides about publishing is the publishers' to set."""
        if request.user.has_perm("kb.publish_article"):
            return []
        return ["slug", "governance", "owner", "review_by", "is_pinned"]

    @allow_editor
    def changeform_view(self, request, *args, **kwargs):
        try:
            return super().changeform_view(request, *args, **kwargs)
        except EditConflict:  # somebody was quicker in the very moment of saving
            self.message_user(
                request, _t("Somebody saved in the same moment. Try again."), messages.WARNING
            )
            return HttpResponseRedirect(request.get_full_path())

    def render_change_form(self, request, context, obj=None, **kwargs):
        context["media"] = with_nonce(request, context["media"])
        if obj is not None:
            context |= self.panel(request, obj)
            context["conflict"] = context["adminform"].form.conflict
        context["may_publish"] = request.user.has_perm("kb.publish_article")
        return super().render_change_form(request, context, obj=obj, **kwargs)

    def get_changeform_initial_data(self, request):
        """A gap in the search report begins a draft here: ?title=… and ?question=…."""
        initial = super().get_changeform_initial_data(request)
        return {"title": request.GET.get("q", "")} | initial

    def save_model(self, request, article, form, change):
        words = form.words()
        if not change:
            article.title = words["title"]
            article.slug = article.slug or Article.free_slug(words["title"])
            article.owner = article.owner or request.user
            article.save()
            article.write(by=request.user, **words)
            return
        if "slug" in form.changed_data:
            new, article.slug = article.slug, form.initial["slug"]
            article.rename(new)
        article.save()
        if form.has_new_words():
            based_on = article.revisions.get(pk=form.data["based_on"])
            article.write(by=request.user, based_on=based_on, **words)

    def save_formset(self, request, form, formset, change):
        for question in formset.save(commit=False):
            if question.pk:
                question.save()
            else:
                form.instance.add_question(question.text, source="editor", by=request.user)
        formset.save_m2m()

    def response_add(self, request, article, post_url_continue=None):
        return self._after_saving(request, article) or super().response_add(
            request, article, post_url_continue
        )

    def response_change(self, request, article):
        return self._after_saving(request, article) or super().response_change(request, article)

    def _after_saving(self, request, article):
        """ "Save and publish", "Save and ask for review"; else back to this page's report."""
        article.refresh_from_db()
        if "_publish" in request.POST:
            self.do_publish(request, article)
        elif "_submit" in request.POST:
            self.do_submit(request, article)
        elif "_addanother" in request.POST:
            return None
        else:
            self.message_user(request, _t("Saved. Readers see it once it is published."))
        return HttpResponseRedirect(reverse("admin:kb_article_change", args=[article.pk]))

    def do_publish(self, request, article):
        is_anonymous = "is_anonymous" in request.POST
        try:
            article.publish(
                by=request.user,
                is_new_answer="is_new_answer" in request.POST,
                is_anonymous=is_anonymous,
            )
        except PublishRefused as refused:
            for reason in refused.reasons:
                self.message_user(request, reason, messages.ERROR)
        else:
            self.message_user(request, _t("Published. Customers can read it now."))

    def do_submit(self, request, article):
        try:
            publishing.submit(article.latest_revision, by=request.user)
        except EditConflict:
            self.message_user(request, _t("This text is already on its way."), messages.WARNING)
        else:
            self.message_user(request, _t("A publisher has been asked to look at it."))


def _counted(rows):
    """How many of these rows each article has."""
    return dict(rows.order_by().values_list("article").annotate(n=Count("pk")))
