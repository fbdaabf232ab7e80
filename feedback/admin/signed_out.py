"""A page left open too long: the person is signed out, but what they wrote is not lost."""

from functools import wraps

from django.shortcuts import render
from django.urls import reverse
from django.views.csrf import csrf_failure as stock_failure


def keep_words(view):
    """Show the words of a reply instead of dropping them on the way to the sign-in page."""

    @wraps(view)
    def kept(request, *args, **kwargs):
        if request.method == "POST" and not request.user.is_active and request.POST.get("body"):
            return _page(request)
        return view(request, *args, **kwargs)

    return kept


def csrf_failure(request, reason=""):
    """A form from before the last sign-in: the same page, the words on it."""
    if request.path.startswith(reverse("admin:index")) and request.POST.get("body"):
        return _page(request)
    return stock_failure(request, reason)


def _page(request):
    context = {"words": request.POST["body"], "address": request.path}
    return render(request, "admin/signed_out.html", context, status=403)
