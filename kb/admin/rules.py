"""What curators teach the search and the privacy gate."""

from django.contrib import admin

from kb.models import NumberShape, PublicValue, SearchQuery, Synonym


@admin.register(Synonym)
class SynonymAdmin(admin.ModelAdmin):
    list_display = ["words", "is_one_way", "is_active"]
    search_fields = ["words"]


@admin.register(NumberShape)
class NumberShapeAdmin(admin.ModelAdmin):
    list_display = ["name", "shape", "is_active"]


@admin.register(PublicValue)
class PublicValueAdmin(admin.ModelAdmin):
    list_display = ["value", "note"]


@admin.register(SearchQuery)
class SearchQueryAdmin(admin.ModelAdmin):
    """What was searched for, to be read and never changed."""

    list_display = ["text", "results_count", "clicked_article", "clicked_position", "at"]
    list_filter = ["audience", "at"]
    list_select_related = ["clicked_article"]
    search_fields = ["normalised"]
    show_full_result_count = False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
