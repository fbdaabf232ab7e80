"""When something is in the way: a friendly page, what can be done, and a way to a person."""

import logging
import re
import sys
from urllib.parse import unquote

from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views import defaults

from feedback.signed_out import typed
from portal.limits import TooMany
from portal.trouble import RETRY_AFTER, is_nonsense, is_storage_trouble, open_anew_after

logger = logging.getLogger(__name__)


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


def server_error(request):
    """A fault of ours, unless it is a trouble that passes: it may begin outside every page."""
    return passing_trouble(request, sys.exc_info()[1]) or defaults.server_error(request)


def passing_trouble(request, error):
    """What is said of a trouble that passes, or of nonsense; None where the fault is ours."""
    if isinstance(error, TooMany):
        logger.warning("Pressed too often: %s", request.path)
        page = render(request, "429.html", {"retry_after": error.retry_after}, status=429)
        page["Retry-After"] = str(error.retry_after)
    elif is_storage_trouble(error):
        logger.error("The place where things are kept has trouble", exc_info=error)
        open_anew_after(error)
        page = HttpResponse(render_to_string("503.html", {"words": _words(request)}), status=503)
        page["Retry-After"] = str(RETRY_AFTER)
    elif is_nonsense(error):
        logger.warning("A value was sent that no row has room for", exc_info=error)
        page = bad_request(request)
    else:
        return None
    page["Cache-Control"] = "no-store"
    return page


def _words(request):
    """What was typed into the form that could not be saved, as far as it can be read."""
    try:
        return typed(request)
    except (OSError, SuspiciousOperation, MultiPartParserError):
        return ""
