"""Colleagues, their roles, and the audit trail."""

from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from portal.audit import record
from portal.models import AuditEntry, Chore, User
from portal.signin import letters


class Untouched(admin.ModelAdmin):
    """Rows to be read and never changed by hand."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(User)
class ColleagueAdmin(UserAdmin):
    """A colleague is invited: they choose their password themselves, by a link."""

    list_display = ["username", "first_name", "last_name", "roles", "is_active", "last_login"]
    list_filter = ["is_active", "groups"]
    actions = ["invite", "sign_out"]
    fieldsets = [
        (None, {"fields": ["username", "first_name", "last_name", "email"]}),
        (_("Role"), {"fields": ["is_active", "is_staff", "is_superuser", "groups"]}),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"fields": ["username", "first_name", "last_name", "email", "groups"]})]
    readonly_fields = ["last_login", "date_joined"]
    filter_horizontal = []
    formfield_overrides = {models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple}}
    add_form = None

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("groups")

    def get_urls(self):
        """Without Django's page on which one colleague sets another's password."""
        return [u for u in super().get_urls() if u.name != "auth_user_password_change"]

    def has_change_permission(self, request, obj=None):
        """Who may do everything is changed only by somebody who may."""
        may = super().has_change_permission(request, obj)
        return may and (request.user.is_superuser or not (obj and obj.is_superuser))

    def get_readonly_fields(self, request, obj=None):
        own = super().get_readonly_fields(request, obj)
        return own if request.user.is_superuser else [*own, "is_superuser", "groups"]

    def get_form(self, request, obj=None, **kwargs):
        # Not Django's form with two password fields: nobody chooses another's password.
        return admin.ModelAdmin.get_form(self, request, obj, **kwargs)

    def save_model(self, request, obj, form, change):
        if not change:
            obj.is_staff = True
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not change:
            letters.invite(obj)
            messages.info(request, _("An invitation is on its way to %s.") % obj.email)

    def has_delete_permission(self, request, obj=None):
        """Somebody who has written to customers stays in the history; they are made inactive."""
        return False

    @admin.display(description=_("roles"))
    def roles(self, user):
        return ", ".join(group.name for group in user.groups.all())

    @admin.action(description=_("Send an invitation or a link for a new password"))
    def invite(self, request, users):
        for user in users.filter(is_active=True):
            letters.invite(user)
        count = len(users)
        messages.info(
            request, ngettext("%d link is on its way.", "%d links are on their way.", count) % count
        )

    @admin.action(description=_("End all their sessions"))
    def sign_out(self, request, users):
        for user in users:
            for session in UserSession.objects.filter(user=user):
                session.end()
            record("sign-out", request=request, target=user, what="all sessions")
        messages.info(request, _("They are signed out everywhere."))


@admin.register(AuditEntry)
class AuditEntryAdmin(Untouched):
    list_display = ["at", "actor", "action", "target", "outcome", "network"]
    list_filter = ["action", "outcome"]
    search_fields = ["target", "actor__username"]
    date_hierarchy = "at"
    list_select_related = ["actor"]


@admin.register(Chore)
class ChoreAdmin(Untouched):
    list_display = ["name", "last_done_at"]
