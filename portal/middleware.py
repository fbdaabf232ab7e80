"""What happens to every request before and after a page has its say."""

from django.conf import settings
from django.http import HttpResponse, HttpResponseNotAllowed
from django.middleware.gzip import GZipMiddleware

from kb import markup
from portal.views import errors

METHODS = ("GET", "HEAD", "POST")
PICTURES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
# Of what a browser can do beyond showing pages the staff's sign-in uses passkeys, and nothing else
# is used by anybody.
UNUSED = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture",
    "encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "idle-detection",
    "local-fonts", "magnetometer", "microphone", "midi", "payment", "picture-in-picture",
    "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
PERMISSIONS = ", ".join(f"{feature}=()" for feature in UNUSED)


def known_methods(get_response):
    """TRACE and methods nobody here answers stop at the door; HEAD gets the head only."""

    def answer(request):
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        response = get_response(request)
        if request.method == "HEAD" and not response.streaming:
            response.content = b""  # its length has been told, and gunicorn warns of the rest
        return response

    return answer


def without_nul(get_response):
    """A zero byte is nothing anybody types, and PostgreSQL takes none."""

    def answer(request):
        if "\x00" in request.path_info:
            return errors.not_found(request)
        request.META["QUERY_STRING"] = request.META.get("QUERY_STRING", "").replace("%00", "")
        return get_response(request)

    return answer


def browser_rules(get_response):
    """What no page of ours needs is closed to every script, and no other site embeds our files."""

    def answer(request):
        response = get_response(request)
        if policy := response.get("Content-Security-Policy"):
            # django-csp writes the parts in another order in each process.
            response["Content-Security-Policy"] = "; ".join(sorted(policy.split("; ")))
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return answer


def client_address(get_response):
    """REMOTE_ADDR becomes the client's own, as told by as many proxies as we trust.

    Each of our proxies adds one entry on the right; whatever stands further left
    was written by the client and proves nothing.
    """

    def answer(request):
        told = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if 0 < settings.TRUSTED_PROXIES <= len(told):
            request.META["REMOTE_ADDR"] = told[-settings.TRUSTED_PROXIES].strip()
        return get_response(request)

    return answer


def pictures(get_response):
    """What articles show: the same for everybody and for ever, so nobody is asked who they are."""

    def answer(request):
        if not (name := markup.picture_name(request.path_info)):
            return get_response(request)
        if request.method == "POST":
            return HttpResponseNotAllowed(["GET", "HEAD"])
        try:
            content = (settings.PICTURE_DIR / name).read_bytes()
        except FileNotFoundError:
            return errors.not_found(request)
        return HttpResponse(
            content,
            headers={
                "Content-Type": PICTURES[name.rpartition(".")[2]],
                "Content-Length": len(content),
                "Cache-Control": "public, max-age=31536000, immutable",
                "Content-Security-Policy": "default-src 'none'; sandbox",
            },
        )

    return answer


class PackedPages(GZipMiddleware):
    """Pages travel packed, with a few random bytes that hide their length; files go as they are,
    and kept pages as they were packed when they were made.
    """

    def process_response(self, request, response):
        if response.streaming or getattr(response, "is_kept", False):
            return response
        return super().process_response(request, response)


class Trouble:
    """Troubles that pass become pages that say when to come back; nonsense is no fault of ours.

    What goes wrong around the pages, in another middleware, meets the same in `server_error`.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, error):
        return errors.passing_trouble(request, error)


def private_pages(get_response):
    """What only staff may see is kept by no cache, whatever the view forgot."""

    def answer(request):
        response = get_response(request)
        if request.path.startswith("/admin/") and "no-store" not in response.get(
            "Cache-Control", ""
        ):
            response["Cache-Control"] = "no-store, private"
        return response

    return answer
