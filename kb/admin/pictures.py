"""Pictures: added and chosen on one page, which the editor opens as its picker."""

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from kb import pictures
from kb.admin.editor import own_media
from kb.models import Picture
from kb.numbering import number

RECENT = 24
# The editor's name for whoever waits for a picture to be chosen; it goes with every press.
WAITING = "CKEditorFuncNum"


class PictureForm(forms.Form):
    file = forms.FileField(
        label=_("Picture"),
        help_text=_(
            "png, jpg, webp or gif, up to 10 MB. Look first for names, addresses and order numbers "
            "in it: the privacy gate reads words, not pictures."
        ),
        widget=forms.FileInput(attrs={"accept": ",".join(pictures.KINDS)}),
    )
    alternative_text = Picture._meta.get_field("alternative_text").formfield(
        widget=AdminTextInputWidget,
        error_messages={
            "required": _("Say in a sentence what it shows, for those who do not see it.")
        },
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        return pictures.draw(file, file.name)


@admin.register(Picture)
class PictureAdmin(admin.ModelAdmin):
    """The list is for looking after them; the page to add one is also the page to choose one."""

    list_display = ["shown", "alternative_text", "uploaded_by", "uploaded_at"]
    list_display_links = ["alternative_text"]
    list_select_related = ["uploaded_by"]
    list_per_page = RECENT
    search_fields = ["alternative_text"]
    fields = ["shown", "alternative_text", "typed", "used", "uploaded_by", "uploaded_at"]
    readonly_fields = ["shown", "typed", "used", "uploaded_by", "uploaded_at"]
    actions = None

    @property
    def media(self):
        return super().media + own_media

    def add_view(self, request, form_url="", extra_context=None):
        """Add one, or choose among the recent ones; the editor's waiting dialog gets it at once."""
        if not (self.has_add_permission(request) and self.has_view_permission(request)):
            raise PermissionDenied
        form = PictureForm(request.POST or None, request.FILES or None)
        waiting = number(request.GET.get(WAITING, "").removeprefix("-"))
        if request.method == "POST" and form.is_valid():
            return self._added(request, form.cleaned_data, waiting)
        words = request.GET.get("q", "").strip()[:300]
        found = Picture.objects.filter(alternative_text__icontains=words)
        context = {
            **self.admin_site.each_context(request),
            "title": _t("Add or choose a picture"),
            "opts": self.opts,
            "media": self.media,
            "form": form,
            "pictures": found[:RECENT],
            "words": words,
            "waiting": waiting and f"-{waiting}",
            "waiting_name": WAITING,
            "is_popup": bool(waiting),
            "chosen": number(request.GET.get("chosen")),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/kb/picture/add.html", context)

    def _added(self, request, given, waiting):
        picture = pictures.add(
            given["file"], alternative_text=given["alternative_text"], by=request.user
        )
        self.log_addition(request, picture, [{"added": {}}])
        here = reverse("admin:kb_picture_add")
        if waiting:
            return HttpResponseRedirect(f"{here}?{WAITING}=-{waiting}&chosen={picture.pk}")
        self.message_user(request, _t("Added. What to type to show it stands below it."))
        return HttpResponseRedirect(here)

    def delete_model(self, request, picture):
        pictures.take_away(picture, by=request.user)

    @admin.display(description=_("picture"))
    def shown(self, picture):
        return format_html('<img class="kb-thumb" src="{}" alt="" loading="lazy">', picture.address)

    @admin.display(description=_("what to type"))
    def typed(self, picture):
        return format_html("<code>{}</code>", picture.typed)

    @admin.display(description=_("shown in"), empty_value=_("no article"))
    def used(self, picture):
        return format_html_join(
            ", ",
            '<a href="{}">{}</a>',
            (
                (reverse("admin:kb_article_change", args=[article.pk]), article.title)
                for article in pictures.articles_showing(picture)
            ),
        )
