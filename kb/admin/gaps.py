"""The list of what people look for and do not find, and the page on which one gap is closed."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from kb import gaps
from kb.models import Article, ContentGap
from kb.numbering import number
from kb.search import similar

State = ContentGap.State


class StateFilter(admin.SimpleListFilter):
    """What still waits first."""

    title, parameter_name = _("state"), "state"

    def lookups(self, request, model_admin):
        return [*State.choices, ("all", _("all"))]

    def choices(self, changelist):
        first, *others = super().choices(changelist)
        yield first | {"display": _("waiting")}
        yield from others

    def queryset(self, request, found):
        if self.value() == "all":
            return found
        return found.filter(state=self.value()) if self.value() else found.waiting()


@admin.register(ContentGap)
class ContentGapAdmin(admin.ModelAdmin):
    list_display = ["label", "evidence", "lately", "requests", "last_seen", "state", "assignee"]
    list_filter = [StateFilter]
    list_select_related = ["assignee"]
    search_fields = ["label", "phrases__text"]
    change_form_template = "admin/kb/contentgap/change_form.html"
    change_list_template = "admin/kb/contentgap/change_list.html"
    actions = None

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).by_weight()

    def get_readonly_fields(self, request, obj=None):
        return [field.name for field in ContentGap._meta.fields]

    @admin.display(description=_("last 28 days"), ordering="recent")
    def lately(self, gap):
        """The number, and whether it grows; said in words, not by a colour."""
        words = {1: _t("rising, was %s"), 0: _t("steady, was %s"), -1: _t("falling, was %s")}
        return f"{gap.recent} ({words[gap.trend] % gap.earlier})"

    def get_urls(self):
        def press(route, view, name):
            view = self.admin_site.admin_view(require_POST(view))
            return path(route, view, name=f"kb_contentgap_{name}")

        return [
            press("count/", self.count_again, "count"),
            press("<int:pk>/act/", self.act, "act"),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        counted = ContentGap.objects.aggregate(at=Max("counted_at"))["at"]
        return super().changelist_view(request, {"counted_at": counted})

    def change_view(self, request, object_id, form_url="", extra_context=None):
        gap = self.get_object(request, object_id)
        nearest = similar(gap.label, request.user, limit=4) if gap else []
        context = {
            "phrases": gap.phrases.all() if gap else [],
            "nearest": nearest,
            "beside": self.beside(request, gap) if gap else [],
            "waits": gap and gap.state in (State.NEW, State.ACCEPTED),
            "may_be_checked": gap and gap.state in (State.PUBLISHED, State.VERIFIED),
            "title": gap and gap.label,
        }
        return super().change_view(request, object_id, form_url, context)

    def beside(self, request, gap):
        """Each thing that stands behind the words, as title and address; the app above adds it."""
        return []

    def count_again(self, request):
        if not self.has_change_permission(request):
            raise PermissionDenied
        new = gaps.gather()
        said = ngettext("Counted again: %(n)d new gap.", "Counted again: %(n)d new gaps.", new)
        self.message_user(request, said % {"n": new})
        return HttpResponseRedirect(reverse("admin:kb_contentgap_changelist"))

    def act(self, request, pk):
        """One press; the rules are those of kb.gaps."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        gap = get_object_or_404(ContentGap, pk=pk)
        acts = {
            "take": self._take,
            "draft": self._draft,
            "answer": self._answer,
            "decline": self._decline,
            "check": self._check,
        }
        act = acts.get(request.POST.get("act"))
        if act is None:
            raise Http404
        try:
            said, url = act(request, gap)
        except gaps.GapRefused as refused:
            self.message_user(request, str(refused), messages.WARNING)
            url = ""
        else:
            self.message_user(request, said)
            self.log_change(request, gap, said)
        return HttpResponseRedirect(url or reverse("admin:kb_contentgap_change", args=[pk]))

    def _take(self, request, gap):
        gaps.accept(gap, by=request.user)
        return _t("It is yours."), ""

    def _draft(self, request, gap):
        if not request.user.has_perm("kb.add_article"):
            raise PermissionDenied
        article = gaps.start_draft(gap, by=request.user)
        said = _t("A draft with everybody's words is begun. Write the answer, then publish it.")
        return said, reverse("admin:kb_article_change", args=[article.pk])

    def _answer(self, request, gap):
        if not request.user.has_perm("kb.change_article"):
            raise PermissionDenied
        article = get_object_or_404(
            Article.objects.active(), pk=number(request.POST.get("article"))
        )
        gaps.answer_with(gap, article, by=request.user)
        return _t("The article now knows these words. Run them again in a moment."), ""

    def _decline(self, request, gap):
        gaps.decline(gap, by=request.user, reason=request.POST.get("reason", ""))
        return _t("Declined, with your reason."), ""

    def _check(self, request, gap):
        found, of = gaps.check(gap)
        return _t("%(found)d of %(of)d now find it in the first three.") % {
            "found": found,
            "of": of,
        }, ""
