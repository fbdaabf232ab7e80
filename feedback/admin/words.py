"""The words we keep ready, and the words we watch; both can be tried where they are edited."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from feedback import review, tone
from feedback.models import CannedReply, Ticket, TonePair


class Tryable(admin.ModelAdmin):
    """A list and a form with a box to try words in, against what is saved."""

    change_list_template = change_form_template = None

    def _tried(self, request):
        words = request.GET.get("try", "")[:5000]
        hits = tone.check(words) if words else []
        return {"tried": {"words": words, "hits": hits, "parts": review.parts(words, hits)}}


@admin.register(TonePair)
class TonePairAdmin(Tryable):
    list_display = ["first_trigger", "first_calm", "group", "level", "is_active"]
    list_filter = ["level", "is_active", "group"]
    search_fields = ["triggers", "calm"]

    @admin.display(description=_("trigger"), ordering="triggers")
    def first_trigger(self, pair):
        return str(pair)

    @admin.display(description=_("calm words"))
    def first_calm(self, pair):
        return pair.calm.splitlines()[0] if pair.calm else ""

    def changelist_view(self, request, extra_context=None):
        tried = self._tried(request)
        # "try" is no filter of the list.
        request.GET = request.GET.copy()
        request.GET.pop("try", None)
        return super().changelist_view(request, tried | (extra_context or {}))

    def render_change_form(self, request, context, *args, **kwargs):
        return super().render_change_form(request, context | self._tried(request), *args, **kwargs)


@admin.register(CannedReply)
class CannedReplyAdmin(admin.ModelAdmin):
    list_display = ["title", "stage", "kind", "situation", "is_active"]
    list_filter = ["stage", "kind", "situation", "is_active"]
    search_fields = ["title", "body"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        choices = {"kind": Ticket.Kind, "stage": Ticket.Stage, "situation": Ticket.Situation}
        if db_field.name in choices:
            kwargs["widget"] = admin.widgets.AdminRadioSelect
        return super().formfield_for_dbfield(db_field, request, **kwargs)
