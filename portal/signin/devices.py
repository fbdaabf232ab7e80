"""Browsers a colleague has signed in with before, remembered by a signed cookie."""

import secrets

from django.conf import settings
from django.core import signing

COOKIE = "__Host-known" if settings.IS_HTTPS else "known"
AGE = 90 * 24 * 3600


def known(request, name):
    """The number of this browser if this colleague has signed in here before, else ""."""
    try:
        number, whose = signing.loads(
            request.COOKIES.get(COOKIE, ""), salt="portal.signin.devices", max_age=AGE
        )
    except (signing.BadSignature, TypeError, ValueError):
        return ""
    return number if whose == name.casefold() else ""


def remember(response, name):
    """Give the browser its number; it opens nothing, it only separates the counting."""
    response.set_cookie(
        COOKIE,
        signing.dumps([secrets.token_hex(8), name.casefold()], salt="portal.signin.devices"),
        max_age=AGE,
        secure=settings.IS_HTTPS,
        httponly=True,
        samesite="Lax",
    )
