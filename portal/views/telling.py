"""Telling: who we are, when we are here, what we do with data, and what is broken just now."""

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from feedback.models import Customer, Holiday, KnownIssue, KnownIssueFollower, OpeningHours
from feedback.models.organisation import Weekday
from portal.forms import FollowForm
from portal.limits import limited
from portal.origin import public_post


@require_safe
def contact(request):
    hours = list(OpeningHours.objects.all())
    week = [(day.label, [h for h in hours if h.weekday == day.value]) for day in Weekday]
    context = {"week": week, "holidays": Holiday.objects.upcoming()[:6], "here": "contact"}
    return render(request, "portal/contact.html", context)


@require_safe
def privacy(request):
    return render(request, "portal/privacy.html")


@require_safe
def accessibility(request):
    return render(request, "portal/accessibility.html")


@public_post
@limited("write")
@require_http_methods(["GET", "HEAD", "POST"])
def known_issue(request, pk):
    """One trouble, and the way to hear when it is over."""
    issue = get_object_or_404(KnownIssue.objects.told().select_related("article"), pk=pk)
    is_over = issue.state == KnownIssue.State.RESOLVED
    form = FollowForm(None if is_over else request.POST or None)
    if form.is_valid():
        follower = Customer.objects.for_address(form.cleaned_data["email"])
        KnownIssueFollower.objects.get_or_create(known_issue=issue, customer=follower)
        return redirect(f"{reverse('portal:known_issue', args=[pk])}?following=1#follow")
    is_following = "following" in request.GET
    context = {"issue": issue, "is_over": is_over, "form": form, "is_following": is_following}
    return render(request, "portal/known_issue.html", context, status=422 if form.errors else 200)
