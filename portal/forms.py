"""What customers may type."""

import time
from functools import cached_property

from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, ProhibitNullCharactersValidator
from django.utils.crypto import get_random_string
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from feedback import files
from feedback.models import Customer, Ticket
from kb.models import ArticleFlag, Category

BODY_LENGTH = 20_000
COMMENT_LENGTH = 2_000
# Nobody reads and fills in the form faster; a form open for longer than a day is asked once more.
FASTEST, SLOWEST = 1, 24 * 3600
OPENED_SALT = "portal.form_opened"


class PatientCharField(forms.CharField):
    """Text that is refused only in words a customer can act on."""

    default_validators = [
        ProhibitNullCharactersValidator(
            _("There is a character in it that nobody can read. Take it out, or type it anew.")
        )
    ]

    def __init__(self, *args, rows=None, **kwargs):
        if rows:
            kwargs["widget"] = forms.Textarea(attrs={"rows": rows})
        super().__init__(*args, **kwargs)

    def to_python(self, value):
        # Half a character stands for none; it must not cost a person the rest of their words.
        return super().to_python(value).encode("utf-8", "replace").decode()


class SeveralFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """Any number of files in one field, each checked; says the limits beforehand."""

    widget = SeveralFilesInput

    def __init__(self, **kwargs):
        kwargs.setdefault("required", False)
        kwargs.setdefault("label", _("Add files"))
        super().__init__(**kwargs)

    def clean(self, data, initial=None):
        uploads = [upload for upload in data or [] if upload]
        files.check_all(uploads)
        return uploads


class WithFiles(forms.Form):
    """A form that may carry files, some of which were too large to be read at all."""

    attachments = SeveralFilesField()

    def __init__(self, *args, too_large=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.too_large = too_large
        self.fields["attachments"].help_text = files.describe_limits()
        self.fields["attachments"].widget.attrs["accept"] = ",".join(files.EXTENSIONS)

    def clean_attachments(self):
        if self.too_large:
            raise ValidationError(
                [
                    _("“%s” is too large to take in. Leave it out or make it smaller.") % name
                    for name in self.too_large
                ]
            )
        return self.cleaned_data["attachments"]


class AskForm(WithFiles):
    """What a customer wants to tell us. Anything wrong with it comes back beside its field."""

    KINDS = [
        (Ticket.Kind.QUESTION, _("I have a question")),
        (Ticket.Kind.COMPLAINT, _("Something went wrong")),
        (Ticket.Kind.REQUEST, _("I'd like to ask for something")),
        (Ticket.Kind.COMPLIMENT, _("I'd like to say thank you")),
    ]
    OPTIONAL = ("remedy", "subject", "category", "order_number", "attachments", "phone")

    kind = forms.ChoiceField(
        label=_("What is it about?"),
        choices=KINDS,
        widget=forms.RadioSelect,
        initial=Ticket.Kind.QUESTION,
        error_messages={
            "required": _("Choose what it is about; the first fits most."),
            "invalid_choice": _("Choose one of the four; the first fits most."),
        },
    )
    body = PatientCharField(
        label=_("In your own words"),
        rows=7,
        help_text=_("Tell it the way you would to a friend. Up to 20,000 characters."),
        error_messages={"required": _("Tell us in a sentence or two what it is about.")},
    )
    remedy = PatientCharField(
        label=_("What would put this right for you?"),
        rows=3,
        required=False,
        max_length=COMMENT_LENGTH,
        help_text=_("A replacement, your money back, an answer: say what you have in mind."),
    )
    may_be_quoted = forms.BooleanField(
        label=_("You may show my words to others, without my name"), required=False
    )
    subject = PatientCharField(
        label=_("In one line"),
        required=False,
        max_length=200,
        help_text=_("So that we see at once what it is about."),
    )
    category = forms.ModelChoiceField(
        Category.objects.none(),
        to_field_name="slug",
        label=_("Topic"),
        required=False,
        empty_label=_("Not sure"),
    )
    order_number = PatientCharField(
        label=_("Order or reference number"),
        required=False,
        max_length=60,
        help_text=_("If you have one at hand: then nobody needs to ask for it again."),
    )
    attachments = SeveralFilesField()
    name = PatientCharField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Add your name, so that we know how to address you.")},
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("Here you get the link to your request."),
        error_messages={
            "required": _("Add an e-mail address so we can reach you, like name@example.com"),
            "invalid": _("Write the e-mail address in full, like name@example.com"),
        },
    )
    phone = PatientCharField(
        label=_("Telephone"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    preferred_channel = forms.ChoiceField(
        label=_("How would you like us to answer?"),
        choices=Customer.Channel.choices,
        initial=Customer.Channel.EMAIL,
        required=False,
    )
    # What the page knows and the customer need not see.
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    opened = forms.CharField(widget=forms.HiddenInput, required=False)
    article = forms.SlugField(
        widget=forms.HiddenInput, required=False, allow_unicode=True, max_length=120
    )
    searched = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)
    # People do not see this one; machines fill in whatever they find.
    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in self.OPTIONAL:
            self.fields[name].label = format_lazy(
                _("{label} (optional)"), label=self.fields[name].label
            )
        self.fields["category"].queryset = Category.objects.filter(is_public=True).top_level()
        body = self.fields["body"]
        body.validators.append(
            MaxLengthValidator(
                BODY_LENGTH,
                _(
                    "This is %(show_value)d characters long; up to %(limit_value)d fit. "
                    "Shorten it a little, or add the rest as a file."
                ),
            )
        )

    def clean_website(self):
        if self.cleaned_data["website"]:
            raise ValidationError(_("Leave the field without a name empty and send it once more."))
        return ""

    def clean_opened(self):
        """A form read by nobody, or long ago, comes back whole and is sent once more.

        A script that knows the contract and opens no page sends no moment; the limits hold it.
        """
        opened = self.cleaned_data["opened"]
        if not opened:
            return opened
        try:
            (opened_at,) = signing.loads(opened, salt=OPENED_SALT, max_age=SLOWEST)
        except (signing.BadSignature, ValueError, TypeError):
            raise ValidationError(
                _("This page had been open for a while. Your words are all here: send them again.")
            ) from None
        is_hurried = time.time() - opened_at < FASTEST
        if is_hurried and settings.RATE_LIMITS and not settings.DEMO:  # scripts try the demo out
            raise ValidationError(
                _("That was quicker than we could follow. Your words are here: send them again.")
            )
        return opened

    @cached_property
    def problems(self):
        """Each mistake once, with the field to go to: the summary above the form."""
        return [
            (self[name] if name != "__all__" and not self[name].is_hidden else None, message)
            for name, messages in self.errors.items()
            for message in messages
        ]


def new_opening(*, already_read=False):
    """The signed moment at which a form was opened; one that came back has been read before."""
    return signing.dumps([time.time() - (FASTEST if already_read else 0)], salt=OPENED_SALT)


def new_key():
    """What makes a double click, a reload or a retry the same request."""
    return get_random_string(32)


def ask_form_for(request, *, words=""):
    """An empty form, filled with what is known from the page the customer comes from."""
    given = request.GET
    initial = {
        "body": given.get("body", "") or words,
        "kind": given.get("kind") or Ticket.Kind.QUESTION,
        "article": given.get("article", "")[:120],
        "searched": words,
        "category": _category(given.get("category", "")),
        "key": new_key(),
        "opened": new_opening(),
    }
    return AskForm(initial=initial)


def _category(slug):
    return Category.objects.filter(slug=slug, is_public=True).first() if slug else None


class VoteForm(forms.Form):
    """ "Did this answer your question?" and what was missing."""

    REASONS = [
        (ArticleFlag.Reason.UNCLEAR, _("It is hard to follow")),
        (ArticleFlag.Reason.OTHER, _("My case is different")),
        (ArticleFlag.Reason.OUTDATED, _("It is out of date")),
        (ArticleFlag.Reason.WRONG, _("It did not work")),
    ]

    value = forms.ChoiceField(choices=[("yes", _("Yes, thank you")), ("no", _("Not yet"))])
    reason = forms.ChoiceField(choices=[("", ""), *REASONS], required=False)
    comment = PatientCharField(
        label=_("What is missing?"),
        rows=3,
        required=False,
        max_length=COMMENT_LENGTH,
        error_messages={"max_length": _("Up to %(limit_value)d characters fit here.")},
    )

    def has_words(self):
        return bool(self.cleaned_data["reason"] or self.cleaned_data["comment"])


class WordsForm(forms.Form):
    """A few words to go with a press."""

    body = PatientCharField(
        rows=4,
        max_length=BODY_LENGTH,
        error_messages={
            "required": _("Write a line or two."),
            "max_length": _("Up to %(limit_value)d characters fit here; add the rest as a file."),
        },
    )


class OptionalWordsForm(WordsForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["body"].required = False


class MessageForm(WithFiles):
    """Something to add to a request: words, files or both."""

    body = PatientCharField(label=_("Your message"), rows=4, required=False, max_length=BODY_LENGTH)
    attachments = SeveralFilesField()

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not (cleaned.get("body", "").strip() or cleaned.get("attachments")):
            self.add_error("body", _("Write a line or two, or choose a file."))
        return cleaned


class FindForm(forms.Form):
    """The address to which the links of one's own requests are mailed."""

    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Add the e-mail address you wrote to us with."),
            "invalid": _("Write the e-mail address in full, like name@example.com"),
        },
    )


class FollowForm(FindForm):
    """The address to which the news of a known issue goes."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].error_messages["required"] = _("Add the address the news may go to.")


class ReachForm(forms.ModelForm):
    """How a customer wants to be reached. The address stays: it is the key to the page."""

    class Meta:
        model = Customer
        fields = ["call_me", "preferred_channel", "phone", "preferred_time", "preferred_detail"]
        labels = {
            "call_me": _("What may we call you?"),
            "preferred_channel": _("How would you like us to answer?"),
            "phone": _("Telephone"),
            "preferred_time": _("Best time to reach you"),
            "preferred_detail": _("How do you like your answers?"),
        }

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("preferred_channel") == Customer.Channel.PHONE and not cleaned.get("phone"):
            self.add_error("phone", _("Add the number at which we reach you."))
        return cleaned


class SurveyForm(forms.Form):
    """Two taps and a line."""

    score = forms.TypedChoiceField(
        label=_("How did we do?"),
        choices=[(n, n) for n in range(1, 6)],
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the five.")},
    )
    comment = PatientCharField(
        label=_("Anything you would like to add?"),
        rows=2,
        required=False,
        max_length=COMMENT_LENGTH,
    )

    def __init__(self, *args, factors=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.factors = factors

    def signs(self):
        """What was said of each factor: 1 went well, -1 to improve."""
        picked = {factor.pk: self.data.get(f"factor-{factor.pk}") for factor in self.factors}
        return {pk: int(sign) for pk, sign in picked.items() if sign in ("1", "-1")}
