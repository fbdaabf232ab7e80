"""The desk of one ticket: its addresses, and what each press on it does."""

from urllib.parse import urlencode

from django.contrib import admin, messages
from django.http import FileResponse, Http404, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from feedback import lists, review, tone
from feedback.admin import acts, desk, drafts, write_up
from feedback.admin.composer import Composer
from feedback.admin.queue import Queue
from feedback.models import Attachment, Ticket
from feedback.workflow import MoveRefused, StaleTicket, move
from kb.numbering import number

MAX_TONE_TEXT = 50_000


@admin.register(Ticket)
class TicketAdmin(Queue):
    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return request.user.has_perm("feedback.work_ticket")

    def get_urls(self):
        def address(route, view, name):
            return path(route, self.admin_site.admin_view(view), name=f"feedback_ticket_{name}")

        return [
            address("<int:pk>/claim/", self.claim, "claim"),
            address("<int:pk>/more/", self.more, "more"),
            address("<int:pk>/draft/", self.draft, "draft"),
            address("<int:pk>/pulse/", self.pulse, "pulse"),
            address("<int:pk>/insert/", self.insert, "insert"),
            address("<int:pk>/files/<int:file_pk>/", self.file, "file"),
            address("tone/", self.tone, "tone"),
            *write_up.addresses(self.admin_site),
            *super().get_urls(),
        ]

    def _ticket(self, request, pk):
        """The ticket, where this colleague may see it."""
        rows = Ticket.objects.visible_to(request.user).select_related(
            "customer", "owner", "category", "tried_article"
        )
        ticket = rows.filter(pk=number(pk)).first()
        if ticket is None:
            raise Http404
        return ticket

    # --- The desk ----------------------------------------------------------

    def change_view(self, request, object_id, form_url="", extra_context=None):
        ticket = self._ticket(request, object_id)
        if request.method != "POST":
            return self._desk(request, ticket)
        if not self.has_change_permission(request):
            raise Http404
        act = request.POST.get("act", "send")
        if act in acts.ACTS:
            return self._small_act(request, ticket, acts.ACTS[act])
        return self._compose(request, ticket, act)

    def history_view(self, request, object_id, extra_context=None):
        """Every act by name and time, as it was written down; nobody can change it."""
        ticket = self._ticket(request, object_id)
        address = reverse("admin:feedback_ticketevent_changelist")
        return redirect(f"{address}?{urlencode({'q': ticket.reference, 'o': 1})}")

    def _desk(self, request, ticket, *, composer=None, act_form=None, status=200):
        context = desk.page(ticket, request.user, composer=composer, act_form=act_form)
        context = {**self.admin_site.each_context(request), **context, "opts": self.opts}
        return TemplateResponse(request, "admin/feedback/ticket/desk.html", context, status=status)

    def _small_act(self, request, ticket, act):
        form = acts.form_for(act, ticket, request.POST)
        if form.is_valid():
            version = number(request.POST.get("version"))
            try:
                move(ticket, act.move, by=request.user, version=version, **form.cleaned_data)
            except MoveRefused as refused:
                ticket = getattr(refused, "ticket", ticket)
                form.add_error(None, str(refused))
            else:
                messages.success(request, act.done)
                return self._after(request, ticket)
        for error in form.non_field_errors() if not act.in_menu else ():
            messages.error(request, error)
        return self._desk(
            request, self._ticket(request, ticket.pk), act_form=(act, form), status=422
        )

    def _after(self, request, ticket):
        """Back to the desk, or to the queue when the ticket is no longer theirs to see."""
        if Ticket.objects.visible_to(request.user).filter(pk=ticket.pk).exists():
            return redirect("admin:feedback_ticket_change", ticket.pk)
        return redirect("admin:feedback_ticket_changelist")

    # --- Writing -----------------------------------------------------------

    def _compose(self, request, ticket, act):
        composer = Composer(ticket, request.user, request.POST)
        if act.startswith("insert-") or act == "calm":
            composer = desk.with_words(composer, act, request.user)
            return self._desk(request, ticket, composer=composer)
        if act == "keep":
            drafts.keep(ticket, request.user, request.POST)
            messages.success(request, _("Kept as a draft; only you see it."))
            return redirect("admin:feedback_ticket_change", ticket.pk)
        if act == "edit":
            return self._desk(request, ticket, composer=desk.again(composer, ticket))
        if not composer.is_valid():
            return self._desk(request, ticket, composer=composer, status=422)
        if act != "as-written" and (found := desk.second_look(composer)):
            return self._second_look(request, ticket, composer, found)
        return self._send(request, ticket, composer)

    def _second_look(self, request, ticket, composer, found):
        body = composer.cleaned_data["body"]
        raised = [*composer.raised_words(), *(hit.words for hit in found.hits)]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Read it once more"),
            "ticket": ticket,
            "found": found,
            "parts": review.parts(body, found.hits),
            "sent": [(name, value) for name, values in request.POST.lists() for value in values
                     if name not in ("csrfmiddlewaretoken", "act", "raised")],
            "raised": "\n".join(raised),
        }  # fmt: skip
        return TemplateResponse(request, "admin/feedback/ticket/second_look.html", context)

    def _send(self, request, ticket, composer):
        try:
            composer.send()
        except StaleTicket as stale:
            if composer.is_said_already():
                drafts.forget(ticket, request.user)
                messages.info(request, _("This was sent a moment ago; once is enough."))
                return self._after(request, ticket)
            drafts.keep(ticket, request.user, request.POST)
            messages.warning(request, str(stale))
            newer = self._ticket(request, ticket.pk)
            fresh = desk.again(composer, newer)
            return self._desk(request, newer, composer=fresh, status=409)
        except MoveRefused as refused:
            drafts.keep(ticket, request.user, request.POST)
            composer.add_error(None, str(refused))
            return self._desk(
                request, self._ticket(request, ticket.pk), composer=composer, status=422
            )
        drafts.forget(ticket, request.user)
        if composer.is_to_customer:
            messages.success(request, _("Sent. %s can read it now.") % ticket.customer)
        else:
            messages.success(request, _("Noted for colleagues."))
        return self._after(request, ticket)

    # --- Beside the desk ---------------------------------------------------

    @method_decorator(require_POST)
    def claim(self, request, pk):
        ticket = self._ticket(request, pk)
        try:
            move(ticket, "claim", by=request.user)
        except MoveRefused as refused:
            return self._next_instead(request, ticket, refused)
        messages.success(request, _("It is yours; %s reads your name.") % ticket.customer)
        return redirect("admin:feedback_ticket_change", ticket.pk)

    def _next_instead(self, request, ticket, refused):
        """Somebody was quicker: say who, and open the next one nobody has."""
        following = lists.BY_NAME["unclaimed"].rows(request.user).exclude(pk=ticket.pk)
        following = following.exclude(about_person=request.user).by_urgency().first()
        if following is None:
            messages.warning(request, _("%s Nobody else is waiting.") % refused)
            return redirect("admin:feedback_ticket_changelist")
        messages.warning(request, _("%s Here is the next.") % refused)
        return redirect("admin:feedback_ticket_change", following.pk)

    @method_decorator(require_GET)
    def more(self, request, pk):
        """The rarer acts: a page of its own, fetched into the menu where scripts run."""
        ticket = self._ticket(request, pk)
        context = {**self.admin_site.each_context(request), **desk.rarer_acts(ticket, request.user)}
        return TemplateResponse(request, "admin/feedback/ticket/more.html", context)

    @method_decorator(require_POST)
    def draft(self, request, pk):
        saved = drafts.keep(self._ticket(request, pk), request.user, request.POST)
        return JsonResponse({"saved_at": saved.saved_at.isoformat() if saved else None})

    @method_decorator(require_GET)
    def pulse(self, request, pk):
        """What a page that stood open asks: is it still true, am I still signed in?"""
        ticket = self._ticket(request, pk)
        return JsonResponse(
            {
                "version": ticket.version,
                "owner": ticket.owner.get_short_name() if ticket.owner else "",
                "csrf": get_token(request),
                "dates": desk.quick_dates(),
            }
        )

    @method_decorator(require_GET)
    def insert(self, request, pk):
        """The words of a template or an article, ready for this customer."""
        ticket = self._ticket(request, pk)
        return JsonResponse(desk.words_to_insert(ticket, request.user, request.GET))

    @method_decorator(require_GET)
    def file(self, request, pk, file_pk):
        """A customer's file, always to be saved and never to be run in our pages."""
        attachment = Attachment.objects.filter(
            pk=file_pk, message__ticket=self._ticket(request, pk)
        ).first()
        if attachment is None:
            raise Http404
        return FileResponse(
            attachment.file.open("rb"),
            as_attachment=True,
            filename=attachment.name,
            content_type="application/octet-stream",
        )

    @method_decorator(require_POST)
    def tone(self, request):
        text = request.POST.get("text", "")[:MAX_TONE_TEXT]
        return JsonResponse({"hits": [desk.hit_as_json(text, hit) for hit in tone.check(text)]})
