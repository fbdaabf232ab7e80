"""A customer's own request: its journey, its promises, the conversation, and every press on it.

The signed link is the key. Reading changes nothing; each change is a post, and the workflow
says whether it may be made.
"""

from datetime import timedelta
from functools import wraps

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from feedback import files
from feedback import survey as surveys
from feedback.models import Attachment, LinkRequest, Message, Promise, SurveyResponse, Ticket
from feedback.workflow import MoveRefused, available_moves, move
from portal import tracker
from portal.forms import (
    FindForm,
    MessageForm,
    OptionalWordsForm,
    ReachForm,
    SurveyForm,
    WordsForm,
)
from portal.limits import limited, spend
from portal.origin import public_post
from portal.uploads import bounded

DOUBLE_PRESS = timedelta(minutes=1)


def opens_request(view):
    """Find the ticket the link opens, the same 404 for unknown, wrong and old; keep no copy."""

    @wraps(view)
    def opened(request, token, *args, **kwargs):
        try:
            found = Ticket.objects.select_related(
                "customer", "owner", "category", "duplicate_of"
            ).for_token(token)
        except Ticket.DoesNotExist:
            raise Http404 from None
        response = view(request, found, *args, **kwargs)
        add_never_cache_headers(response)
        response["Cache-Control"] = "no-store, private"
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return opened


def press(view):
    """A post below a request's page."""
    return public_post(limited("write")(require_POST(opens_request(view))), is_signed=True)


@limited("track", methods=("GET", "HEAD"))
@require_safe
@opens_request
def ticket(request, found):
    return _page(request, found)


def _page(request, found, *, status=200, **forms):
    """The whole page; a form that came back stands in it with its words and what to mend."""
    messages = list(found.messages.select_related("author").prefetch_related("attachments"))
    promises = list(found.promises.select_related("made_by"))
    events = list(found.events.all())
    can_reopen = not found.is_open and found.reopen_until and timezone.now() < found.reopen_until
    context = {
        "ticket": found,
        "customer": found.customer,
        "said": request.GET.get("said", ""),
        "manager_said": next(
            (m.body for m in reversed(messages) if m.type == Message.Type.ESCALATION), ""
        ),
        "steps": tracker.steps(found, events, promises),
        "messages_shown": messages,
        # A renewed promise is told by the one that took its place.
        "to_come": [p for p in promises if p.state in _UNSETTLED],
        "behind": [p for p in promises if p.state in _SETTLED],
        "next_promise": _next(promises),
        "is_being_changed": _is_being_changed(found, events),
        "options": _options(found, messages),
        "questions": _questions(found, messages),
        "moves": _moves(found),
        "can_write": found.is_open or can_reopen,
        "can_rate": surveys.is_open(found),
        "is_rated": SurveyResponse.objects.filter(ticket=found).exists(),
        "message_form": MessageForm(),
        "reach_form": ReachForm(instance=found.customer),
        "survey_form": SurveyForm(factors=surveys.offered(found)),
    } | forms
    return render(request, "feedback/ticket.html", context, status=status)


_UNSETTLED = (Promise.State.OPEN, Promise.State.LATE)
_SETTLED = (Promise.State.KEPT, Promise.State.KEPT_LATE, Promise.State.RELEASED)


def _next(promises):
    """The next date to look forward to; a late one only where no newer word was given."""
    waiting = [p for p in promises if p.state in _UNSETTLED]
    return min(waiting, key=lambda p: (p.state == Promise.State.LATE, p.due_at), default=None)


def _is_being_changed(found, events):
    """The customer would like another plan, and has not been sent it yet."""
    about_plan = [e.type for e in events if e.type in ("send_plan", "change_plan")]
    return found.is_open and about_plan[-1:] == ["change_plan"]


def _moves(found):
    """The customer's moves that make sense now, on top of those the table allows."""
    possible = set(available_moves(found))
    stage, State = found.stage, Ticket.Agreement
    if not found.need_statement or found.need_confirmed_at or stage != Ticket.Stage.AGREEING:
        possible -= {"confirm_need", "correct_need"}
    if found.agreement not in (State.PROPOSED, State.ADJUSTED):
        possible -= {"accept_plan"}
    if stage != Ticket.Stage.DELIVERING:
        possible -= {"change_plan"}
    return possible


def _options(found, messages):
    """The ways offered and not yet chosen from."""
    if found.stage != Ticket.Stage.AGREEING:
        return []
    plans = [m for m in messages if m.type == Message.Type.PLAN and m.choices]
    return plans[-1].choices if plans else []


def _questions(found, messages):
    """The questions with choices that wait for an answer."""
    if found.waiting_on != Ticket.WaitingOn.CUSTOMER:
        return []
    asked = [m for m in messages if m.type == Message.Type.QUESTION]
    return asked[-1].choices or [] if asked else []


def _make(request, found, name, *, said, anchor="", **details):
    """Make the customer's move and go back to the page, or say there what stands in the way."""
    try:
        move(found, name, actor="customer", **details)
    except MoveRefused as refusal:
        if any(details.values()) or not _made_just_now(found, name):
            words = details.get("body")
            return _page(request, found, status=409, refusal=str(refusal), words=words)
    return _back(found, said, anchor)


def _made_just_now(found, name):
    """The second half of a double press: the customer has what they wanted."""
    since = timezone.now() - DOUBLE_PRESS
    return found.events.filter(type=name, actor_kind="customer", at__gte=since).exists()


def _back(found, said, anchor=""):
    return redirect(f"{reverse('portal:ticket', args=[found.token])}?said={said}{anchor}")


def _words(request, found, *, is_needed):
    """The words that go with a press; None and the page again when they are missing."""
    form = (WordsForm if is_needed else OptionalWordsForm)(request.POST)
    if form.is_valid():
        return form.cleaned_data["body"], None
    context = {"refusal": " ".join(form.errors["body"]), "words": request.POST.get("body", "")}
    return None, _page(request, found, status=422, **context)


@press
def add_message(request, found):
    uploads = bounded(request)
    answers = _answers(request)
    form = MessageForm(request.POST, request.FILES, too_large=uploads.too_large)
    if answers:
        form.fields["body"].required = False
    if not form.is_valid() and not (answers and set(form.errors) == {"body"}):
        return _page(request, found, status=422, message_form=form)
    uploads.make_sure()
    body = "\n\n".join(filter(None, [answers, form.cleaned_data.get("body", "").strip()]))
    stored = files.store(form.cleaned_data["attachments"])
    try:
        move(found, "add_message", actor="customer", body=body, files=stored)
    except MoveRefused as refusal:
        files.discard(stored)
        return _page(request, found, status=409, refusal=str(refusal), message_form=form)
    except BaseException:
        files.discard(stored)
        raise
    return _back(found, "added", "#conversation")


def _answers(request):
    """The choices picked below our questions, as words: what was asked and what was picked."""
    asked = request.POST.getlist("question")[:3]
    picked = [request.POST.get(f"answer-{n}", "") for n in range(len(asked))]
    return "\n".join(f"{q[:300]}: {a[:300]}" for q, a in zip(asked, picked, strict=True) if a)


@press
def need(request, found):
    """ "That's right", or "Let me correct it"."""
    if request.POST.get("answer") == "right":
        return _make(request, found, "confirm_need", said="right")
    body, again = _words(request, found, is_needed=True)
    return again or _make(request, found, "correct_need", said="corrected", body=body)


@press
def plan(request, found):
    """ "That works for me", one of the ways offered, or "I'd like to change something"."""
    if "option" in request.POST:
        index = request.POST["option"]
        return _make(request, found, "choose_option", said="agreed", index=index)
    if request.POST.get("answer") == "works":
        return _make(request, found, "accept_plan", said="agreed")
    body, again = _words(request, found, is_needed=True)
    return again or _make(request, found, "change_plan", said="corrected", body=body)


@press
def confirm(request, found):
    return _make(request, found, "confirm", said="settled", anchor="#survey")


@press
def not_yet(request, found):
    body, again = _words(request, found, is_needed=False)
    return again or _make(request, found, "not_yet", said="not-yet", body=body)


@press
def manager(request, found):
    body, again = _words(request, found, is_needed=False)
    return again or _make(request, found, "ask_manager", said="manager", body=body)


@press
def told_already(request, found):
    """ "I already told you this"."""
    body, again = _words(request, found, is_needed=False)
    return again or _make(request, found, "told_already", said="told", body=body)


@press
def withdraw(request, found):
    body, again = _words(request, found, is_needed=False)
    return again or _make(request, found, "withdraw", said="withdrawn", reason=body)


@press
def survey(request, found):
    form = SurveyForm(request.POST, factors=surveys.offered(found))
    if not form.is_valid():
        return _page(request, found, status=422, survey_form=form)
    try:
        surveys.record(found, signs=form.signs(), **form.cleaned_data)
    except MoveRefused as refusal:
        return _page(request, found, status=409, refusal=str(refusal))
    return _back(found, "rated", "#survey")


@press
def reach(request, found):
    form = ReachForm(request.POST, instance=found.customer)
    if not form.is_valid():
        return _page(request, found, status=422, reach_form=form)
    form.save()
    return _back(found, "reach", "#reach")


@require_safe
@opens_request
def attachment(request, found, pk):
    """A file of this request, handed over to be kept, never to be run or shown in our name."""
    kept = get_object_or_404(Attachment, pk=pk, message__ticket=found)
    try:
        content = default_storage.open(kept.file.name)
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(content, as_attachment=True, filename=kept.name)
    response["Content-Type"] = kept.content_type
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@public_post
@limited("find")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def find_request(request):
    """Have the links mailed to the address on file; the same answer, and the same work, for any."""
    form = FindForm(request.POST or None)
    if form.is_valid():
        email = form.cleaned_data["email"].strip().casefold()
        spend("find", recipient=email)
        LinkRequest.objects.create(email=email)
        return redirect(f"{reverse('portal:find_request')}?sent=1")
    context = {"form": form, "is_sent": "sent" in request.GET, "here": "find"}
    return render(
        request, "feedback/find_request.html", context, status=422 if form.errors else 200
    )
