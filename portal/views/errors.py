"""When something is in the way: a friendly page, what can be done, and a way to a person."""

import re
from urllib.parse import unquote

from django.shortcuts import render
from django.views.defaults import server_error

__all__ = ["bad_request", "forbidden", "not_found", "server_error", "too_large"]


def bad_request(request, exception=None):
    return render(request, "400.html", status=400)


def forbidden(request, exception=None, reason=""):
    return render(request, "403.html", status=403)


def not_found(request, exception=None):
    """Most wrong addresses are old ones: their words lead to what was meant."""
    return render(request, "404.html", {"words": words_of(request.path)}, status=404)


def too_large(request):
    return render(request, "413.html", status=413)


def words_of(path):
    """The words an address is made of: /articles/lost-parcel/ is about a lost parcel."""
    last = [part for part in unquote(path).split("/") if part][-1:]
    words = re.findall(r"\w+", last[0].replace("_", " "))[:12] if last else []
    return " ".join(word for word in words if len(word) < 40)
