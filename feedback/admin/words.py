"""The words we keep ready, and the words we watch; both can be tried where they are edited."""

from django import forms
from django.contrib import admin, messages
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from feedback import placeholders, review, tone
from feedback.models import CannedReply, Ticket, TonePair

MOST_TRIED = 5000


def heard(words):
    """Words and what was found in them, ready to be marked on a page."""
    hits = tone.check(words)
    return {"words": words, "hits": hits, "parts": review.parts(words, hits)}


@admin.register(TonePair)
class TonePairAdmin(admin.ModelAdmin):
    """Angry words and calm ones, with a box above them to try a sentence in."""

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
        # The box's words are no filter of the list.
        request.GET = request.GET.copy()
        words = "".join(request.GET.pop("try", []))[:MOST_TRIED]
        return super().changelist_view(request, {"tried": heard(words)} | (extra_context or {}))

    def render_change_form(self, request, context, *args, **kwargs):
        context["tried"] = heard(request.GET.get("try", "")[:MOST_TRIED])
        return super().render_change_form(request, context, *args, **kwargs)


class CannedReplyForm(forms.ModelForm):
    """Kind, stage and situation are chosen from what there is; nothing chosen means any."""

    kind = forms.ChoiceField(
        label=_("For this kind"), required=False, choices=[("", _("any")), *Ticket.Kind.choices]
    )
    stage = forms.ChoiceField(
        label=_("In this stage"), required=False, choices=[("", _("any")), *Ticket.Stage.choices]
    )
    situation = forms.ChoiceField(
        label=_("In this situation"),
        required=False,
        choices=[("", _("any")), *Ticket.Situation.choices],
    )

    class Meta:
        model = CannedReply
        fields = ["title", "body", "kind", "stage", "situation", "is_active"]


class InWords(admin.AllValuesFieldListFilter):
    """What a reply is kept for, as people read it; nothing chosen means any."""

    labels = {
        "": _("any"),
        **dict([*Ticket.Kind.choices, *Ticket.Stage.choices, *Ticket.Situation.choices]),
    }

    def choices(self, changelist):
        for choice in super().choices(changelist):
            yield choice | {"display": self.labels.get(choice["display"], choice["display"])}


@admin.register(CannedReply)
class CannedReplyAdmin(admin.ModelAdmin):
    """Replies to begin from; each is heard by the calm composer when it is saved."""

    form = CannedReplyForm
    list_display = ["title", "stage", "kind", "situation", "is_active"]
    list_filter = [("stage", InWords), ("kind", InWords), ("situation", InWords), "is_active"]
    search_fields = ["title", "body"]

    def save_model(self, request, reply, form, change):
        super().save_model(request, reply, form, change)
        for hit in tone.check(reply.body):
            offered = {"words": hit.words, "calm": review.first_calm(hit)}
            messages.warning(request, _t("“%(words)s”: try “%(calm)s”.") % offered)

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        newest = Ticket.objects.visible_to(request.user).order_by("-pk").first()
        if obj and newest:
            text, gaps = placeholders.fill(obj.body, newest, request.user)
            context |= {"preview": heard(text), "gaps": gaps, "example": newest}
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)
