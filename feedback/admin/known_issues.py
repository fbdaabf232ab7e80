"""A trouble many have at once: its banner, who follows it, and one word to all of them."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from feedback import known_issues
from feedback.admin.moments import LocalDateTime, MomentField
from feedback.models import KnownIssue, KnownIssueFollower, Ticket
from kb.numbering import numbers


class FollowerInline(admin.TabularInline):
    model = KnownIssueFollower
    fields = readonly_fields = ["customer", "at", "told_at"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(KnownIssue)
class KnownIssueAdmin(admin.ModelAdmin):
    list_display = ["title", "state", "next_update_at", "follow_it"]
    list_filter = ["state"]
    autocomplete_fields = ["article"]
    formfield_overrides = {
        models.DateTimeField: {"form_class": MomentField, "widget": LocalDateTime},
        models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple},
    }
    search_fields = ["title", "text"]
    inlines = [FollowerInline]

    change_form_template = "admin/feedback/knownissue/change_form.html"

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(follower_count=Count("followers"))

    @admin.display(description=_("follow it"))
    def follow_it(self, issue):
        return issue.follower_count

    def get_urls(self):
        guarded = self.admin_site.admin_view
        return [
            path("begin/", guarded(self.begin), name="feedback_knownissue_begin"),
            path("<int:pk>/tell/", guarded(self.tell), name="feedback_knownissue_tell"),
            *super().get_urls(),
        ]

    def save_model(self, request, obj, form, change):
        """Whoever only sets it to resolved keeps the word given to its followers, too."""
        super().save_model(request, obj, form, change)
        if "state" in form.changed_data and obj.state == KnownIssue.State.RESOLVED:
            known_issues.close(obj)
            followers = known_issues.tell_followers(obj)
            said = ngettext("%d follower told.", "%d followers told.", followers)
            messages.success(request, said % followers)

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        if obj:
            url = reverse("admin:feedback_ticket_changelist")
            context |= {
                "open_tickets": obj.tickets.open().count(),
                "followers_waiting": known_issues.untold(obj).count(),
                "tickets_url": f"{url}?list=all&known_issue__id__exact={obj.pk}",
            }
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @method_decorator(require_POST)
    def begin(self, request):
        """A draft of a known issue from tickets that speak of the same."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        pks = numbers(request.POST.get("tickets", "").split(","))
        tickets = Ticket.objects.visible_to(request.user).filter(pk__in=pks)
        issue = known_issues.begin(request.POST.get("title", ""), tickets, by=request.user)
        messages.success(
            request, _t("Say who is affected and what to do now, then make it active.")
        )
        return redirect("admin:feedback_knownissue_change", issue.pk)

    @method_decorator(require_POST)
    def tell(self, request, pk):
        """It is mended: one reply to every open ticket, one mail to every follower."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        issue, body = get_object_or_404(KnownIssue, pk=pk), request.POST.get("body", "").strip()
        if not body:
            messages.error(request, _t("Write a line to the customers first."))
            return redirect("admin:feedback_knownissue_change", pk)
        told = known_issues.resolve(issue, body, by=request.user)
        numbers = {
            "answered": len(told.answered),
            "written": len(told.written),
            "followers": told.followers,
        }
        said = _t("%(answered)d answered, %(written)d written to, %(followers)d followers told.")
        messages.success(request, said % numbers)
        for ticket in told.left:
            messages.warning(request, _t("%s needs a word of yours.") % ticket.reference)
        return redirect("admin:feedback_knownissue_change", pk)
