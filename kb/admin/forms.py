"""The form an article is written in: its own facts, and the words of a new revision."""

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.urls import reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_prose_editor.fields import ProseEditorFormField

from kb import markup, pictures
from kb.models import AlternateQuestion, Article, Revision

# All that the sanitiser keeps (kb.markup): what the editor did not know it would throw away.
EXTENSIONS = {
    "Bold": True,
    "Italic": True,
    "Underline": True,
    "Strike": True,
    "Subscript": True,
    "Superscript": True,
    "Code": True,
    "CodeBlock": True,
    "Heading": {"levels": [2, 3, 4]},
    "BulletList": True,
    "OrderedList": {"enableListAttributes": False},
    "ListItem": True,
    "Blockquote": True,
    "HorizontalRule": True,
    "HardBreak": True,
    "Link": {"enableTarget": False, "protocols": ["http", "https", "mailto", "tel"]},
    "Table": True,
    "TableRow": True,
    "TableHeader": True,
    "TableCell": True,
    "Figure": {"pickerUrl": reverse_lazy("admin:kb_picture_add")},
    "Caption": True,
    "Image": True,
}
LABELS = {
    "issue": (_("The question"), _("In the customer's own words. May stay empty.")),
    "environment": (_("When this applies"), _("Product, place, plan. May stay empty.")),
    "resolution": (_("What to do"), _("The short answer first, then numbered steps.")),
    "cause": (_("Why it happens"), _("If it is known and helps. May stay empty.")),
}


def rich_field(part, **kwargs):
    label, help_text = LABELS[part]
    return ProseEditorFormField(
        label=label,
        help_text=help_text,
        required=False,
        widget=AdminTextareaWidget,
        config={"extensions": EXTENSIONS},
        sanitize=_fit_for_an_article,
        **kwargs,
    )


def _fit_for_an_article(text):
    """The text as it will be kept; an image nobody should be shown is refused by name."""
    try:
        cleaned = markup.clean(text)
    except markup.TooMuch as problem:
        raise forms.ValidationError(str(problem)) from None
    if said := pictures.problems(text):
        raise forms.ValidationError(said)
    return cleaned


class ArticleForm(forms.ModelForm):
    """Writes a revision. `based_on` is the one the author began from: nobody is overwritten."""

    title = forms.CharField(
        label=_("Title"),
        max_length=500,
        widget=AdminTextInputWidget(attrs={"class": "vLargeTextField"}),
        help_text=_("The question as a customer would ask it."),
    )
    issue = rich_field("issue")
    environment = rich_field("environment")
    resolution = rich_field("resolution")
    cause = rich_field("cause")
    keywords = forms.CharField(
        label=_("Keywords"),
        max_length=300,
        required=False,
        widget=AdminTextInputWidget,
        help_text=_("Words customers use that the text does not, separated by commas."),
    )
    change_note = forms.CharField(
        label=_("Change note"),
        max_length=300,
        required=False,
        widget=AdminTextInputWidget,
        help_text=_("For colleagues: what changed, and why."),
    )
    is_important = forms.BooleanField(
        label=_("Readers are told that this was corrected"), required=False
    )
    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Article
        fields = ["slug", "type", "category", "governance", "owner", "review_by", "is_pinned"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.conflict = None
        latest = self.instance.latest_revision if self.instance.pk else None
        if latest:
            self.initial["based_on"] = latest.pk
            for part in Revision.PARTS:
                self.initial.setdefault(part, getattr(latest, part))
        if "slug" in self.fields:
            self.fields["slug"].required = False

    def clean_slug(self):
        return self.cleaned_data["slug"] or self.instance.slug

    def clean(self):
        cleaned = super().clean()
        self._look_for_a_newer_text(cleaned)
        return cleaned

    def _look_for_a_newer_text(self, cleaned):
        latest = self.instance.latest_revision if self.instance.pk else None
        if latest and cleaned.get("based_on") not in (None, latest.pk) and self.has_new_words():
            self.conflict = latest
            # A second press saves on top of what is shown now; nothing was lost on the way.
            self.data = self.data.copy()
            self.data["based_on"] = latest.pk
            self.add_error(
                None,
                gettext(
                    "%(name)s has changed this article meanwhile. Their text is shown below; "
                    "yours is still here. Put together what belongs together, then save again."
                )
                % {"name": latest.author.get_short_name() if latest.author else "?"},
            )

    def has_new_words(self):
        latest = self.instance.latest_revision if self.instance.pk else None
        return latest is None or any(
            self.cleaned_data.get(part, "") != getattr(latest, part) for part in Revision.PARTS
        )

    def words(self):
        fields = (*Revision.PARTS, "change_note", "is_important")
        return {name: self.cleaned_data[name] for name in fields}


class AlternateQuestionForm(forms.ModelForm):
    """Added and hidden, never edited: customers' own words stay as they were said."""

    class Meta:
        model = AlternateQuestion
        fields = ["text", "hidden_reason"]
        widgets = {
            # A table's heading names no field for those who do not see it.
            "text": AdminTextInputWidget(attrs={"aria-label": _("Question")}),
            "hidden_reason": AdminTextInputWidget(attrs={"aria-label": _("Hidden because")}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["text"].disabled = self.instance.pk is not None
