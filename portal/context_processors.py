"""What every page shows: who we are and how to reach a person."""

from django.utils.functional import SimpleLazyObject

from feedback.models import ContactChannel, Organisation


def organisation(request):
    return {
        "organisation": SimpleLazyObject(Organisation.get),
        "contact_channels": SimpleLazyObject(lambda: list(ContactChannel.objects.active())),
    }
