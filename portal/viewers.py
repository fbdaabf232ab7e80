"""Who is looking at a page. Readers have no cookie, and reading a page gives them none."""

from django.conf import settings


def viewer(request):
    """The colleague who reads this page, or None for everybody else.

    Without a session cookie there is no session to ask, so none is touched: the page
    can be kept by caches and nothing varies by a cookie.
    """
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    return request.user if request.user.is_staff else None
