"""The smaller things done on the desk of a ticket; each is one move with a small form."""

from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy as _

from feedback import people
from feedback.admin.moments import MomentField
from feedback.models import Escalation, Ticket


class Nothing(forms.Form):
    """A press is enough."""


class Reason(forms.Form):
    reason = forms.CharField(label=_("Because"), max_length=200)


class OptionalReason(forms.Form):
    reason = forms.CharField(label=_("Because"), max_length=200, required=False)


class ColleagueField(forms.ModelChoiceField):
    def label_from_instance(self, user):
        return user.get_full_name() or user.username


class Assign(forms.Form):
    to = ColleagueField(None, label=_("To"), empty_label=_("Choose a colleague …"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = people.csrs().order_by("first_name", "username")


class ThisPromise(forms.Form):
    promise = forms.IntegerField(widget=forms.HiddenInput)


class Renew(ThisPromise):
    due_at = MomentField(label=_("New time"))
    reason = forms.CharField(label=_("Because"), max_length=200)


class ReleasePromise(ThisPromise, Reason):
    pass


class Escalate(forms.Form):
    reason = forms.ChoiceField(label=_("Why"), choices=Escalation.Reason.choices)
    tried = forms.CharField(
        label=_("What you have tried"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )
    body = forms.CharField(
        label=_("What the customer reads"),
        required=False,
        help_text=_("Left empty, we say who writes and by when."),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )


class ChangeKind(Reason):
    kind = forms.ChoiceField(label=_("It is a"), choices=Ticket.Kind.choices)
    field_order = ["kind", "reason"]


class Duplicate(Reason):
    of = forms.CharField(label=_("Reference of the other one"), max_length=20)
    field_order = ["of", "reason"]

    def clean_of(self):
        reference = self.cleaned_data["of"].strip().upper()
        found = Ticket.objects.filter(reference=reference).first()
        if found is None:
            raise forms.ValidationError(
                _("No ticket has this reference. It looks like CS-4F7K-9Q2M.")
            )
        return found


class Facts(forms.ModelForm):
    class Meta:
        model = Ticket
        fields = ["order_number", "facts", "feeling", "personal_remarks"]
        widgets = {
            "facts": forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
            "personal_remarks": forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        }
        help_texts = {
            "facts": _("Product, date, what was tried."),
            "personal_remarks": _("A move, a birthday, a loss. Never part of an article."),
        }

    def _post_clean(self):
        """The move writes what was noticed; the form only reads it."""


class FileUnder(forms.ModelForm):
    class Meta:
        model = Ticket
        fields = ["category", "known_issue"]

    def _post_clean(self):
        """The move writes it; the form only reads it."""


@dataclass(frozen=True)
class SmallAct:
    name: str
    title: str
    button: str
    form: type
    done: str
    in_menu: bool = True
    moves: str = ""  # where the move has another name

    @property
    def move(self):
        return self.moves or self.name


ACTS = {
    act.name: act
    for act in [
        SmallAct("assign", _("Hand over"), _("Hand over"), Assign, _("Handed over.")),
        SmallAct(
            "release", _("Give back to the team"), _("Give back"), Nothing,
            _("It is back with the team."),
        ),
        SmallAct(
            "change_kind", _("Change the kind"), _("Change"), ChangeKind, _("The kind is changed.")
        ),
        SmallAct(
            "file_under", _("Category and known issue"), _("Keep"), FileUnder, _("Kept."),
            moves="set_facts",
        ),
        SmallAct(
            "mark_mistake", _("It was our mistake"), _("Mark it"), Nothing,
            _("Marked. Say what went wrong, what we do, and by when."),
        ),
        SmallAct(
            "set_safety", _("Safety concern"), _("Only managers from here"), OptionalReason,
            _("Managers look after it now."),
        ),
        SmallAct(
            "mark_duplicate", _("Same as another"), _("Put together"), Duplicate,
            _("Put together with the other one; the customer is told."),
        ),
        SmallAct("mark_spam", _("Spam"), _("It is spam"), Reason, _("Closed as spam.")),
        SmallAct(
            "undo_close", _("Undo the closing"), _("Open it again"), OptionalReason,
            _("It is open again."),
        ),
        SmallAct(
            "escalate", _("Bring in a manager"), _("Bring in a manager"), Escalate,
            _("A manager has it now; you stay their contact."), in_menu=False,
        ),
        SmallAct(
            "acknowledge_escalation", _("I take this up"), _("I take this up"), Nothing,
            _("The team sees that you have it."), in_menu=False,
        ),
        SmallAct("set_facts", _("Facts"), _("Keep"), Facts, _("Kept."), in_menu=False),
        SmallAct(
            "keep_promise", _("Done"), _("Done"), ThisPromise, _("Kept. The customer is told."),
            in_menu=False,
        ),
        SmallAct(
            "renew_promise", _("New time"), _("Tell them the new time"), Renew,
            _("The customer knows the new time."), in_menu=False,
        ),
        SmallAct(
            "release_promise", _("No longer needed"), _("No longer needed"), ReleasePromise,
            _("Released."), in_menu=False,
        ),
    ]
}  # fmt: skip


def form_for(act, ticket, data=None, **kwargs):
    """The act's form, with ids of its own beside the others of the page."""
    if issubclass(act.form, forms.ModelForm):
        kwargs["instance"] = ticket
    return act.form(data, auto_id=f"{act.name}_%s", label_suffix="", **kwargs)
