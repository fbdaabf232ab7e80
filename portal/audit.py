"""The audit trail: what is written down about the staff's doings, and how it is verified.

It names objects by kind and number and never quotes a customer, so that erasing
a person's data leaves nothing of them here.
"""

import json

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models import Q
from django.db.models.signals import m2m_changed, post_save

from feedback.models import Customer
from kb.signals import second_person_refused
from portal import limits
from portal.models import AuditEntry, TrailEnd, User
from portal.models.trail import is_ours, seal

# Reading a ticket is written down too; these addresses show one.
VIEWED = {"admin:feedback_ticket_change": "feedback.ticket"}


def record(action, *, request=None, actor=None, target=None, outcome="done", **details):
    """Add an entry. `target` is a row or its name; details must not quote a customer."""
    if actor is None and request is not None:
        user = getattr(request, "user", None)
        actor = user if user is not None and user.is_authenticated else None
    if hasattr(target, "_meta"):
        target = f"{target._meta.label_lower} {target.pk}"
    return AuditEntry.objects.create(
        action=action,
        actor=actor,
        target=target or "",
        network=limits.network(request) if request is not None else "",
        outcome=outcome,
        details=details,
    )


def customer_at(email):
    """The name under which the trail speaks of a customer: a number, never an address."""
    customer = Customer.objects.filter(email=email.strip().casefold()).first()
    return f"feedback.customer {customer.pk}" if customer else ""


def broken_links():
    """A sentence for each place where the trail is not as it was written."""
    previous, expected = "", 1
    for entry in AuditEntry.objects.order_by("number").iterator():
        if entry.number != expected:
            yield f"Entries {expected} to {entry.number - 1} are missing."
        elif not _is_sealed(entry, previous):
            yield f"Entry {entry.number} is not as it was written."
        previous, expected = entry.seal, entry.number + 1
    end = TrailEnd.objects.filter(pk=1).first() or TrailEnd()
    if (end.length, end.seal) != (expected - 1, previous):
        yield f"The trail ends at entry {expected - 1}; {end.length} were written."
    elif end.length and not end.is_whole():
        yield f"The trail ends at entry {end.length}; somebody has cut it short there."


def _is_sealed(entry, previous):
    return is_ours(entry.seal, lambda key: seal(previous, entry, key))


def listen():
    """Hear of what Django and its admin do; called once at the start."""
    user_logged_in.connect(_signed_in, dispatch_uid="audit.in")
    user_logged_out.connect(_signed_out, dispatch_uid="audit.out")
    user_login_failed.connect(_sign_in_failed, dispatch_uid="audit.failed")
    post_save.connect(_admin_change, sender="admin.LogEntry", dispatch_uid="audit.admin")
    second_person_refused.connect(_second_person_refused, dispatch_uid="audit.second")
    for through in (User.groups.through, User.user_permissions.through):
        m2m_changed.connect(_role_changed, sender=through, dispatch_uid=f"audit.{through}")


def _signed_in(sender, request, user, **signal):
    record("sign-in", request=request, actor=user)


def _signed_out(sender, request, user, **signal):
    if user is not None:
        record("sign-out", request=request, actor=user)


def _sign_in_failed(sender, credentials, request=None, **signal):
    # What was typed as a name may be a password typed in the wrong field: it is not kept.
    name = credentials.get("username") or ""
    whose = User.objects.filter(Q(username=name) | Q(email__iexact=name)).first() if name else None
    record("sign-in", request=request, target=whose, outcome="refused")


def _second_person_refused(sender, article, by, why, **signal):
    record("publish", actor=by, target=article, outcome="refused", why=why)


VERBS = {1: "add", 2: "change", 3: "delete"}


def _admin_change(sender, instance, created, **signal):
    if created:
        kind = instance.content_type
        record(
            VERBS.get(instance.action_flag, "change"),
            actor=instance.user,
            target=f"{kind.app_label}.{kind.model} {instance.object_id}" if kind else "",
            fields=_fields(instance.change_message),
        )


def _fields(raw):
    """The names of the fields that were changed, never what stood in them."""
    try:
        changes = json.loads(raw)
    except ValueError:
        return []
    return sorted(
        {name for change in changes for name in change.get("changed", {}).get("fields", [])}
    )


def _role_changed(sender, instance, action, pk_set, **signal):
    if action in {"post_add", "post_remove", "post_clear"} and isinstance(instance, User):
        record("role", target=instance, what=action[5:], rows=sorted(pk_set or ()))


def viewed(get_response):
    """Middleware: a colleague has opened somebody's ticket, or tried a door that is not theirs."""

    def answer(request):
        response = get_response(request)
        match = request.resolver_match
        kind = VIEWED.get(match.view_name) if match else None
        if kind and request.method == "GET" and response.status_code == 200:
            record("view", request=request, target=f"{kind} {match.kwargs['object_id']}")
        if match and response.status_code == 403 and request.path.startswith("/admin/"):
            _note_refusal(request, match.view_name)
        return response

    return answer


def _note_refusal(request, page):
    """Colleagues only: a stranger's tries are answered by the sign-in page and counted there."""
    if request.user.is_authenticated:
        record("access", request=request, target=page[:120], outcome="refused")
