"""What feedback hears from below and from the people of the house."""

from django.contrib.auth import get_user_model
from django.db.models import Count
from django.db.models.signals import post_save
from django.dispatch import receiver

from feedback.models import TicketArticleLink
from feedback.workflow import return_tickets_of
from kb import demand

Relation = TicketArticleLink.Relation


@receiver(post_save, sender=get_user_model(), dispatch_uid="feedback.colleague_left")
def colleague_left(instance, created, **_signal):
    """Whoever is deactivated keeps nothing: their tickets go back to the team at once."""
    if not created and not instance.is_active:
        return_tickets_of(instance)


def solved_tickets(articles, since):
    """How many tickets each of these articles solved or came from."""
    links = TicketArticleLink.objects.filter(
        article__in=articles,
        at__gte=since,
        relation__in=[Relation.SOLVED_BY, Relation.CREATED_FROM],
    )
    return dict(links.values_list("article").annotate(n=Count("pk")))


demand.register("solved tickets", 5, solved_tickets)
