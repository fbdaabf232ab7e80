"""The composer: what a CSR writes to a customer, in the form of the move it makes."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from django import forms
from django.utils.translation import gettext_lazy as _

from feedback.admin.moments import MomentField
from feedback.models import CannedReply, Promise, Ticket
from feedback.workflow import available_moves, move, note, why_not
from kb.models import Article
from kb.numbering import numbers

ROWS = range(1, 4)
LONGEST_FLAG, MOST_FLAGS = 80, 50
Kind, Stage = Ticket.Kind, Ticket.Stage


@dataclass(frozen=True)
class Mode:
    """One way to write: which move it makes, and what that move wants to know."""

    name: str
    title: str
    hint: str
    move: str
    details: Callable = lambda form: {}
    promises: bool = False
    decides: bool = False


MODES = [
    Mode(
        "answer",
        _("Answer now"),
        _("One message with the whole answer. We ask at once whether it settled it."),
        "answer_now",
        lambda form: {"need": form.cleaned_data["need"]},
        decides=True,
    ),
    Mode(
        "ask",
        _("Ask"),
        _("A question back. Then it is the customer's turn, and we remind them."),
        "ask",
        lambda form: {"questions": form.questions()},
    ),
    Mode(
        "need",
        _("Say what I understood"),
        _("Restate the need in a sentence or two; the customer confirms or corrects it."),
        "state_need",
        lambda form: {"need": form.cleaned_data["need"]},
    ),
    Mode(
        "plan",
        _("Send plan"),
        _("What we will do, and by when. Every line becomes a promise."),
        "send_plan",
        lambda form: form.plan(),
        promises=True,
    ),
    Mode(
        "resolution",
        _("Send resolution"),
        _("It is done. The customer is asked whether that settles it."),
        "resolve",
        decides=True,
    ),
    Mode(
        "reply", _("Reply"), _("A word in between; the stage stays."), "reply", promises=True,
        details=lambda form: {"promises": form.promises()},
    ),
    Mode(
        "manager",
        _("Answer as manager"),
        _("Settles the escalation; the ticket goes on with its owner."),
        "answer_escalation",
        lambda form: {"promises": form.promises()},
        promises=True,
    ),
    Mode(
        "final",
        _("Final answer"),
        _("Our last word, with what else the customer can do. Closes the ticket."),
        "final_answer",
        lambda form: {"options": form.cleaned_data["what_else"]},
        decides=True,
    ),
    Mode("note", _("Note"), _("For colleagues only. The customer never sees it."), "note"),
]  # fmt: skip
THANKS = {
    "title": _("Say thank you"),
    "hint": _("Your thanks close it; nothing more is asked of the customer."),
}
BY_NAME = {mode.name: mode for mode in MODES}


def modes_for(ticket, user):
    """The ways to write that are open now; a note always is."""
    open_moves = {*available_moves(ticket, user), "note"}
    if ticket.kind == Kind.COMPLIMENT:
        open_moves -= {"ask", "state_need", "send_plan"}
    has_escalation = ticket.waiting_on == Ticket.WaitingOn.MANAGER
    if not has_escalation:
        open_moves -= {"answer_escalation"}
    modes = [mode for mode in MODES if mode.move in open_moves]
    if ticket.kind == Kind.COMPLIMENT:
        modes = [replace(mode, **THANKS) if mode.name == "answer" else mode for mode in modes]
    return modes


def usual_mode(ticket, modes):
    """What is mostly written at this point."""
    names = [mode.name for mode in modes]
    wanted = {
        Stage.GREETING: "answer",
        Stage.UNDERSTANDING: "need" if ticket.kind in (Kind.COMPLAINT, Kind.REQUEST) else "answer",
        Stage.AGREEING: "plan" if ticket.kind in (Kind.COMPLAINT, Kind.REQUEST) else "answer",
        Stage.DELIVERING: "resolution",
        Stage.CLOSING: "reply",
        Stage.CLOSED: "note",
    }[ticket.stage]
    if "manager" in names:
        wanted = "manager"
    return wanted if wanted in names else names[0]


class Composer(forms.Form):
    """Everything the composer can send; each mode reads the part it needs."""

    mode = forms.ChoiceField(widget=forms.RadioSelect)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    # The angry words that were shown while this was written, a line each.
    raised = forms.CharField(widget=forms.HiddenInput, required=False)
    canned_reply = forms.ModelChoiceField(
        CannedReply.objects.filter(is_active=True),
        required=False,
        empty_label=_("Insert a template …"),
    )
    body = forms.CharField(
        label=_("Your words"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 9, "dir": "auto"}),
    )
    need = forms.CharField(
        label=_("What I understand the customer needs"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )
    articles = forms.ModelMultipleChoiceField(Article.objects.active(), required=False)
    customer_tasks = forms.CharField(
        label=_("What we need from the customer"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )
    as_options = forms.BooleanField(label=_("The customer chooses one of these"), required=False)
    what_else = forms.CharField(
        label=_("What else the customer can do, and where"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )
    knowledge = forms.ChoiceField(
        label=_("What does the next customer gain?"), required=False, widget=forms.RadioSelect,
        choices=Ticket.Knowledge.choices,
    )  # fmt: skip
    knowledge_reason = forms.CharField(label=_("because"), required=False, max_length=200)
    complaint_cause = forms.ChoiceField(
        label=_("What caused this complaint?"),
        required=False,
        choices=[("", _("Choose the cause …")), *Ticket.Cause.choices],
    )

    def __init__(self, ticket, user, data=None, **kwargs):
        self.ticket, self.user = ticket, user
        self.modes = modes_for(ticket, user)
        super().__init__(data, auto_id="id_%s", label_suffix="", **kwargs)
        self.fields["mode"].choices = [(mode.name, mode.title) for mode in self.modes]
        self.fields["mode"].error_messages |= {"invalid_choice": self._why_not()}
        for n in ROWS:
            self._add_rows(n)
        if ticket.kind != Kind.COMPLAINT:
            del self.fields["complaint_cause"]

    def _why_not(self):
        """What to say when the page offered a way to write that is closed by now."""
        wanted = BY_NAME.get(self.data.get("mode"))
        closed = wanted and wanted.name != "note" and why_not(self.ticket, wanted.move, self.user)
        return closed or _("Choose how you write: this way is closed now. Your words are kept.")

    def _add_rows(self, n):
        add = self.fields.__setitem__
        add(f"question_{n}", forms.CharField(label=_("Question"), required=False, max_length=300))
        add(
            f"choices_{n}",
            forms.CharField(
                label=_("Answers to pick from"),
                required=False,
                max_length=300,
                widget=forms.TextInput(attrs={"placeholder": _("red, blue, not sure")}),
            ),
        )
        add(
            f"what_{n}",
            forms.CharField(label=_("What will be done"), required=False, max_length=300),
        )
        add(
            f"due_{n}",
            MomentField(label=_("By when"), required=False),
        )
        add(
            f"remedy_{n}",
            forms.ChoiceField(
                label=_("Remedy"),
                required=False,
                choices=[("", _("no remedy")), *Promise.Remedy.choices],
            ),
        )

    @property
    def chosen(self):
        """The mode in force: the one just sent, else the usual one."""
        name = self["mode"].value()
        return BY_NAME.get(name) or BY_NAME[usual_mode(self.ticket, self.modes)]

    @property
    def is_to_customer(self):
        return self.chosen.name != "note"

    @property
    def troubles(self):
        """What stands in the way, each with the field it leads to."""
        for name, errors in self.errors.items():
            is_of_all = name in ("__all__", "mode")
            for error in errors:
                said = error if is_of_all else f"{self[name].label}: {error}"
                yield "" if is_of_all else self[name].id_for_label, said

    @property
    def promise_rows(self):
        return [[self[f"{name}_{n}"] for name in ("what", "due", "remedy")] for n in ROWS]

    @property
    def question_rows(self):
        return [[self[f"{name}_{n}"] for name in ("question", "choices")] for n in ROWS]

    @property
    def chosen_articles(self):
        """The articles put in so far, whether the form was sent or begun."""
        wanted = self["articles"].value() or []
        return Article.objects.filter(pk__in=numbers(wanted)) if wanted else []

    def questions(self):
        """Questions with the answers to pick from, as the customer's page shows them."""
        rows = [
            (self.cleaned_data[f"question_{n}"], self.cleaned_data[f"choices_{n}"]) for n in ROWS
        ]
        return [
            {"question": question, "choices": [c.strip() for c in choices.split(",") if c.strip()]}
            for question, choices in rows
            if question
        ]

    def promises(self):
        return [
            {
                "what": self.cleaned_data[f"what_{n}"],
                "due_at": self.cleaned_data[f"due_{n}"],
                "remedy": self.cleaned_data[f"remedy_{n}"],
            }
            for n in ROWS
            if self.cleaned_data[f"what_{n}"] or self.cleaned_data[f"due_{n}"]
        ]

    def plan(self):
        kind = "options" if self.cleaned_data["as_options"] else "promises"
        return {kind: self.promises(), "customer_tasks": self.cleaned_data["customer_tasks"]}

    def raised_words(self):
        """Distinct and bounded: a page may say what it likes."""
        words = (line.strip()[:LONGEST_FLAG] for line in self.cleaned_data["raised"].splitlines())
        return list(dict.fromkeys(filter(None, words)))[:MOST_FLAGS]

    def is_said_already(self):
        """The second half of a double press, or Send once more after going back."""
        last = self.ticket.messages.filter(author=self.user).order_by("-pk").first()
        return last is not None and last.body.split() == self.cleaned_data["body"].split()

    def send(self):
        """Make the mode's move with what was written. Refusals are the workflow's."""
        written = self.cleaned_data
        if self.chosen.name == "note":
            return note(self.ticket, self.user, written["body"])
        details = {
            "body": written["body"],
            "canned_reply": written["canned_reply"],
            "articles": list(written["articles"]),
        }
        details |= self.chosen.details(self)
        if self.chosen.decides:
            details |= {
                "knowledge": written["knowledge"],
                "knowledge_reason": written["knowledge_reason"],
                "complaint_cause": written.get("complaint_cause", ""),
            }
        return move(
            self.ticket,
            self.chosen.move,
            by=self.user,
            version=written["version"],
            raised=self.raised_words(),
            **details,
        )
