"""Askwell's addresses, and the yardstick: two letters behind the same middleware."""

from django.http import HttpResponse
from django.urls import path

from portal.urls import (  # noqa: F401 (Django looks for them here)
    handler400,
    handler403,
    handler404,
    handler500,
    urlpatterns,
)

urlpatterns = [path("empty/", lambda request: HttpResponse("ok")), *urlpatterns]
