"""Sessions of the staff end: after half an hour without a press, and after half a day."""

import time

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.signin import devices

IDLE = 30 * 60
ABSOLUTE = 12 * 3600
# How often the last press is written down.
STEP = 60
# Where somebody without a second factor may go to get one.
WITHOUT_SECOND_FACTOR = (
    "/admin/2fa/",
    "/admin/logout/",
    "/admin/reauthenticate/",
    "/admin/jsi18n/",
)
PROVES_AGAIN = ("account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn")


def begin(sender, request, user, **signal):
    """Start the clock; called when somebody has signed in."""
    if session := getattr(request, "session", None):
        session["began_at"] = session["seen_at"] = time.time()
        request.has_just_signed_in = user.username


def staff_sessions(get_response):
    """End what is over, and ask for the second factor where it is required."""

    def answer(request):
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            # What a page fetches by itself to stay true is nobody's press.
            if is_over(request.session, is_press="X-Refresh" not in request.headers):
                logout(request)
                messages.info(
                    request, _("You were signed out after a pause. Please sign in again.")
                )
            elif lacks_second_factor(request):
                messages.info(request, _("One more step before work: choose a second factor."))
                return HttpResponseRedirect(reverse("mfa_index"))
        named = request.session.session_key
        response = get_response(request)
        if response.status_code == 302 and is_proof(request):
            request.session.cycle_key()
        follow(named, request.session.session_key)
        if request.method == "POST" and request.path == reverse("account_logout"):
            response["Clear-Site-Data"] = '"cache", "storage"'
        if name := getattr(request, "has_just_signed_in", None):
            devices.remember(response, name)
        return response

    return answer


def is_proof(request):
    """Has somebody just shown once more who they are? Then their session gets a new name."""
    match = request.resolver_match
    return request.method == "POST" and match is not None and match.url_name in PROVES_AGAIN


def follow(old, new):
    """The list of one's sessions knows each by its present name."""
    if not (old and new) or old == new:
        return
    formerly = UserSession.objects.filter(session_key=old)
    if UserSession.objects.filter(session_key=new).exists():
        formerly.delete()
    else:
        formerly.update(session_key=new)


def is_over(session, *, is_press=True):
    """Has this session ended? If not, a press is noted."""
    now = time.time()
    seen_at = session.get("seen_at", 0)
    if now - session.get("began_at", 0) > ABSOLUTE or now - seen_at > IDLE:
        return True
    if is_press and now - seen_at > STEP:
        session["seen_at"] = now
    return False


def lacks_second_factor(request):
    if settings.STAFF_MFA != "required" or not request.path.startswith("/admin/"):
        return False
    if request.path.startswith(WITHOUT_SECOND_FACTOR):
        return False
    factors = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return not Authenticator.objects.filter(user=request.user, type__in=factors).exists()
