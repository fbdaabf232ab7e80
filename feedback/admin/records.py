"""What is only ever read here: it is written by what people do, never by hand."""

import re
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from feedback import mail
from feedback.models import (
    Customer,
    Escalation,
    Message,
    Note,
    OutboundEmail,
    Promise,
    SurveyResponse,
    Ticket,
    TicketArticleLink,
    TicketEvent,
)

# The part of an address that opens a customer's page, or lets a colleague choose a password.
KEY = re.compile(r"(/requests/|/ask/thank-you/|/password/reset/key/)[^\s/]+")


class ReadOnly(admin.ModelAdmin):
    actions = None

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class OfTicket(ReadOnly):
    """Rows that belong to tickets: seen only where the ticket itself may be seen."""

    list_select_related = ["ticket"]
    search_fields = ["=ticket__reference"]
    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request):
        visible = Ticket.objects.visible_to(request.user)
        return super().get_queryset(request).filter(Q(ticket=None) | Q(ticket__in=visible))

    @admin.display(description=_("ticket"))
    def desk(self, row):
        if row.ticket_id is None:
            return self.get_empty_value_display()
        url = reverse("admin:feedback_ticket_change", args=[row.ticket_id])
        return format_html('<a href="{}">{}</a>', url, row.ticket.reference)


@admin.register(TicketEvent)
class TicketEventAdmin(OfTicket):
    list_display = ["at", "desk", "type", "actor_kind", "actor", "to_stage"]
    list_select_related = ["ticket", "actor"]
    list_filter = ["actor_kind"]


@admin.register(Message)
class MessageAdmin(OfTicket):
    list_display = ["at", "desk", "type", "direction", "author"]
    list_select_related = ["ticket", "author"]
    list_filter = ["direction", "type"]


@admin.register(Note)
class NoteAdmin(OfTicket):
    list_display = ["at", "desk", "author", "body"]
    list_select_related = ["ticket", "author"]


@admin.register(Promise)
class PromiseAdmin(OfTicket):
    list_display = ["what", "desk", "due_at", "state", "made_by"]
    list_select_related = ["ticket", "made_by"]
    list_filter = ["state", "kind"]


@admin.register(Escalation)
class EscalationAdmin(OfTicket):
    list_display = ["desk", "reason", "state", "to", "raised_at", "due_at"]
    list_display_links = ["reason"]
    list_select_related = ["ticket", "to"]
    list_filter = ["state", "reason"]


@admin.register(SurveyResponse)
class SurveyResponseAdmin(OfTicket):
    list_display = ["at", "desk", "score", "is_settled", "comment"]
    list_filter = ["score", "is_settled"]


@admin.register(TicketArticleLink)
class TicketArticleLinkAdmin(OfTicket):
    list_display = ["desk", "article", "relation", "by", "at"]
    list_display_links = ["article"]
    list_select_related = ["ticket", "article", "by"]
    list_filter = ["relation"]


@admin.register(OutboundEmail)
class OutboundEmailAdmin(OfTicket):
    """Mail on its way: what waits, what went, and what a person has to look at."""

    list_display = ["created_at", "kind", "to", "desk", "state", "attempts", "next_attempt_at"]
    list_filter = ["state", "kind"]
    search_fields = ["to", "=ticket__reference"]
    exclude = ["html", "text", "leased_until", "once_key"]
    readonly_fields = ["words"]
    actions = ["send_again"]

    def lookup_allowed(self, lookup, value, request=None):
        """By the list's own filters only: asked word by word, rows would tell what is masked."""
        return lookup.partition("__")[0] in self.list_filter

    @admin.display(description=_("words"))
    def words(self, row):
        """What was written, without the keys in it: who holds one is the customer or colleague."""
        return KEY.sub(r"\1…", row.text)

    def has_work_permission(self, request):
        return request.user.has_perm("feedback.work_ticket")

    @admin.action(description=_("Send again what was given up"), permissions=["work"])
    def send_again(self, request, queryset):
        count = mail.requeue(queryset)
        text = ngettext("%d mail is queued again.", "%d mails are queued again.", count)
        self.message_user(request, text % count, messages.SUCCESS)


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin):
    list_display = ["name", "email", "phone", "preferred_channel", "created_at"]
    search_fields = ["name", "email", "phone"]
    readonly_fields = ["tickets", "created_at", "anonymised_at"]
    show_full_result_count = False
    actions = None

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description=_("tickets"))
    def tickets(self, customer):
        url = reverse("admin:feedback_ticket_changelist")
        query = urlencode({"list": "all", "customer__id__exact": customer.pk})
        return format_html('<a href="{}?{}">{}</a>', url, query, _("All of their tickets"))
