from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from kb import voting
from kb.models import ArticleFlag


class StateFilter(admin.SimpleListFilter):
    """Open ones first: nobody opens this page to read settled flags."""

    title, parameter_name = _("state"), "state"

    def lookups(self, request, model_admin):
        return [("mine", _("mine")), ("settled", _("settled")), ("all", _("all"))]

    def choices(self, changelist):
        first, *others = super().choices(changelist)
        yield first | {"display": _("open")}
        yield from others

    def queryset(self, request, flags):
        open_ones = flags.filter(state=ArticleFlag.State.OPEN)
        return {
            "mine": open_ones.filter(assignee=request.user),
            "settled": flags.exclude(state=ArticleFlag.State.OPEN),
            "all": flags,
        }.get(self.value(), open_ones)


@admin.register(ArticleFlag)
class ArticleFlagAdmin(admin.ModelAdmin):
    list_display = ["reason", "about", "said", "raised_at", "by_whom", "assignee"]
    list_display_links = ["reason"]
    list_filter = [StateFilter, "reason"]
    list_select_related = ["article", "raised_by", "assignee"]
    search_fields = ["article__title", "comment"]
    fields = readonly_fields = ["article", "reason", "comment"]
    actions = ["take_on", "is_fixed", "needs_no_change"]

    @admin.display(description=_("what was said"))
    def said(self, flag):
        return flag.comment[:160]

    @admin.display(description=_("by"), empty_value=_("a reader"))
    def by_whom(self, flag):
        return flag.raised_by.get_short_name() if flag.raised_by else None

    @admin.display(description=_("article"), ordering="article__title")
    def about(self, flag):
        url = reverse("admin:kb_article_change", args=[flag.article_id])
        return format_html('<a href="{}">{}</a>', url, flag.article)

    def has_add_permission(self, request):
        return False  # a flag is raised on the page of the article it is about

    @admin.action(description=_("Take it on"))
    def take_on(self, request, flags):
        for flag in flags.select_related("article"):
            voting.take_flag(flag, by=request.user)

    @admin.action(description=_("It is mended"))
    def is_fixed(self, request, flags):
        self._settle(request, flags, ArticleFlag.State.FIXED)

    @admin.action(description=_("No change needed"))
    def needs_no_change(self, request, flags):
        self._settle(request, flags, ArticleFlag.State.DECLINED)

    def _settle(self, request, flags, state):
        for flag in flags:
            voting.settle_flag(flag, by=request.user, state=state)
        n = len(flags)
        said = ngettext("%(n)d flag settled.", "%(n)d flags settled.", n) % {"n": n}
        self.message_user(request, said)
