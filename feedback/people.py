"""Who among the staff may do what with a ticket, and which manager is asked."""

from django.contrib.auth import get_user_model
from django.db.models import Count, Q

from feedback.models import Escalation

BACKEND = "django.contrib.auth.backends.ModelBackend"
UNSETTLED = [Escalation.State.OPEN, Escalation.State.ACKNOWLEDGED]


def managers():
    """Active managers; whoever runs the machine stands in where there are none."""
    User = get_user_model()
    found = User.objects.with_perm(
        "feedback.manage_ticket", backend=BACKEND, include_superusers=False
    )
    return found if found.exists() else User.objects.filter(is_active=True, is_superuser=True)


def csrs():
    """Active staff who answer tickets."""
    return get_user_model().objects.with_perm("feedback.work_ticket", backend=BACKEND)


def is_manager(user):
    return user is not None and user.is_active and user.has_perm("feedback.manage_ticket")


def manager_for(ticket, *, besides=None):
    """The manager with the fewest open escalations whom this is not about; None if there is none.

    `besides` is the one who asks: nobody escalates to themselves.
    """
    excluded = [user.pk for user in (besides, ticket.about_person) if user is not None]
    return (
        managers()
        .exclude(pk__in=excluded)
        .annotate(load=Count("escalations", filter=Q(escalations__state__in=UNSETTLED)))
        .order_by("load", "pk")
        .first()
    )


def name_of(user):
    """What customers read: a first name."""
    return user.get_short_name() if user is not None else ""
