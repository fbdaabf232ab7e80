"""Names the site that stands at /admin/; INSTALLED_APPS lists this instead of Django's own."""

from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    default_site = "feedback.staff_site.StaffSite"
