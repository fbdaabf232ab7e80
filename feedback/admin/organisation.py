"""Who we are and when we are there, as managers edit it."""

from django import forms
from django.contrib import admin
from django.shortcuts import redirect

from feedback.models import (
    ContactChannel,
    Holiday,
    OpeningHours,
    Organisation,
    ReplyRound,
    ServiceTarget,
    SurveyFactor,
    Ticket,
)


@admin.register(Organisation)
class OrganisationAdmin(admin.ModelAdmin):
    """One row: its list leads straight to it."""

    def changelist_view(self, request, extra_context=None):
        row = Organisation.objects.first()
        if row is None and self.has_add_permission(request):
            return redirect("admin:feedback_organisation_add")
        if row is None:
            return super().changelist_view(request, extra_context)
        return redirect("admin:feedback_organisation_change", row.pk)

    def has_add_permission(self, request):
        return super().has_add_permission(request) and not Organisation.objects.exists()

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(ContactChannel)
class ContactChannelAdmin(admin.ModelAdmin):
    list_display = ["value", "kind", "label", "position", "is_active"]
    list_filter = ["kind", "is_active"]


@admin.register(OpeningHours)
class OpeningHoursAdmin(admin.ModelAdmin):
    list_display = ["weekday", "opens", "closes"]


@admin.register(Holiday)
class HolidayAdmin(admin.ModelAdmin):
    list_display = ["name", "date"]
    date_hierarchy = "date"


@admin.register(ReplyRound)
class ReplyRoundAdmin(admin.ModelAdmin):
    list_display = ["at"]


@admin.register(ServiceTarget)
class ServiceTargetAdmin(admin.ModelAdmin):
    list_display = ["kind", "first_reply", "update_interval", "escalation_reply"]

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(SurveyFactor)
class SurveyFactorAdmin(admin.ModelAdmin):
    list_display = ["name", "position", "is_active"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """The kinds are ticked, and none ticked is an empty list."""
        if db_field.name != "kinds":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        return forms.MultipleChoiceField(
            label=db_field.verbose_name,
            choices=Ticket.Kind.choices,
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text=db_field.help_text,
        )
