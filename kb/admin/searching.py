"""Pinned answers, and the page that says how the search is doing."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_safe

from kb.models import Pin
from kb.search import health


@admin.register(Pin)
class PinAdmin(admin.ModelAdmin):
    """Whoever may teach the search its synonyms may pin its answers."""

    list_display = ["words", "article", "is_active"]
    list_select_related = ["article"]
    search_fields = ["words"]
    autocomplete_fields = ["article"]

    def has_module_permission(self, request):
        return request.user.has_perm("kb.change_synonym")

    def _may_curate(self, request, obj=None):
        return request.user.has_perm("kb.change_synonym")

    has_view_permission = has_change_permission = has_delete_permission = _may_curate
    has_add_permission = _may_curate

    def get_urls(self):
        view = self.admin_site.admin_view(require_safe(self.health_page))
        return [path("health/", view, name="kb_search_health"), *super().get_urls()]

    def health_page(self, request):
        if not self._may_curate(request):
            raise PermissionDenied
        words = request.GET.get("q", "")
        context = {
            **self.admin_site.each_context(request),
            "title": _t("Search health"),
            "indexes": health.indexes(),
            "day": health.of_the_day(),
            "words": words,
            "explained": health.explain(words) if words.strip() else None,
        }
        return TemplateResponse(request, "admin/kb/search/health.html", context)
