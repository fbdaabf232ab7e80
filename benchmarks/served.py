"""What gunicorn serves in a benchmark: Askwell, with an empty view and nothing else beside it."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

import portal  # noqa: F401 (chooses the SQLite)

settings.ROOT_URLCONF = "benchmarks.served"
# The yardstick: Django with its own default middleware would do as much for it.
application = get_wsgi_application()


def empty(request):
    return HttpResponse("ok")


def __getattr__(name):
    if name == "urlpatterns":
        from portal.urls import urlpatterns

        return [path("empty/", empty), *urlpatterns]
    raise AttributeError(name)
