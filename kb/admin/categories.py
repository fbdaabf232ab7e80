from django.contrib import admin
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from kb.models import Article, Category


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ["name", "parent", "articles_shown", "default_governance", "is_public"]
    list_select_related = ["parent"]
    list_filter = ["is_public", "business_area"]
    search_fields = ["name", "description"]
    prepopulated_fields = {"slug": ["name"]}
    fieldsets = [
        (None, {"fields": ["name", "slug", "description", "parent", "icon", "position"]}),
        (_("Rules"), {"fields": ["is_public", "default_governance", "business_area", "journey"]}),
    ]

    def view_on_site(self, category):
        return category.get_absolute_url() if category.is_public else None

    def get_queryset(self, request):
        is_public = Q(articles__audience=Article.Audience.PUBLIC)
        return super().get_queryset(request).annotate(n=Count("articles", filter=is_public))

    @admin.display(description=_("public articles"), ordering="n")
    def articles_shown(self, category):
        return category.n

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "parent":
            kwargs["queryset"] = Category.objects.top_level()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
