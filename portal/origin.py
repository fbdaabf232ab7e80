"""Posts by customers, who have no cookie and so no CSRF token.

Nothing a customer may do rests on who their browser says they are: the link's signature or
the words they send are all there is. What is left to refuse is another site's page making
their browser write to us, and every browser says where a post comes from.
"""

from functools import wraps
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.views.decorators.csrf import csrf_exempt

from portal.views import errors

TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def is_from_here(request, *, is_signed=False):
    """False when the browser says that another site made it write.

    A request's page tells nobody its address, so that an older browser posts from it without a
    source. What it posts to is the signed link, which no other site knows.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site in ("same-origin", "none")
    source = request.headers.get("Origin") or request.headers.get("Referer")
    if is_signed and source == "null":
        return True
    ours = {_origin(request.build_absolute_uri()), _origin(settings.SITE_URL)}
    return not source or _origin(source) in ours


def _origin(address):
    """The same name without its lock is another site: anybody on the way can write there."""
    return urlsplit(address)[:2]


def public_post(view, *, is_signed=False):
    """A view that takes posts without a CSRF token, from our own pages only."""

    @wraps(view)
    def checked(request, *args, **kwargs):
        if request.method == "POST" and not is_from_here(request, is_signed=is_signed):
            raise PermissionDenied("This form was sent from another site.")
        try:
            return view(request, *args, **kwargs)
        except TOO_LARGE:
            return errors.too_large(request)

    return csrf_exempt(checked)
