"""A page left open too long: the person is signed out, but what they wrote is not lost."""

import re
from functools import wraps

from django.shortcuts import render
from django.urls import reverse
from django.views.csrf import csrf_failure as stock_failure

from kb.markup import to_text

END_OF_LINE = re.compile(r"</(?:p|li|h[1-6]|tr|pre|blockquote)>|<br ?/?>")


def keep_words(view):
    """Show the words of a form instead of dropping them on the way to the sign-in page."""

    @wraps(view)
    def kept(request, *args, **kwargs):
        if request.method == "POST" and not request.user.is_active and (words := typed(request)):
            return _page(request, words)
        return view(request, *args, **kwargs)

    return kept


def csrf_failure(request, reason=""):
    """A form from before the last sign-in: the same page, the words on it."""
    if request.path.startswith(reverse("admin:index")) and (words := typed(request)):
        return _page(request, words)
    return stock_failure(request, reason)


def typed(request):
    """What somebody wrote, in the order of the page: the reply, and whatever has a space in it."""
    return "\n\n".join(
        _readable(value)
        for name, values in request.POST.lists()
        for value in values
        if name == "body" or (" " in value.strip() and "password" not in name)
    )


def _readable(value):
    """The text of an article's part, a line for each block; any other words as they are."""
    if not value.startswith("<"):
        return value
    lines = (to_text(line) for line in END_OF_LINE.split(value))
    return "\n".join(line for line in lines if line)


def _page(request, words):
    context = {"words": words, "address": request.path}
    return render(request, "admin/signed_out.html", context, status=403)
