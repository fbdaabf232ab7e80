from django.contrib import admin
from django.urls import include, path

from portal import health

urlpatterns = [
    path("admin/", include("portal.signin.urls")),
    path("admin/measures/", include("portal.analytics.urls")),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
]
