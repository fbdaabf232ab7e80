"""Requests that an article solved tell the search which words must find it."""

from django.db.models import Count, F, Value
from django.db.models.functions import Coalesce, NullIf

from feedback.models import Ticket, TicketArticleLink
from kb import grading, privacy


def solved_requests(since):
    """The words of closed requests whose answer cited an article; masked like a search."""
    links = (
        TicketArticleLink.objects.filter(
            relation=TicketArticleLink.Relation.SOLVED_BY,
            at__gte=since,
            ticket__stage=Ticket.Stage.CLOSED,
        )
        .exclude(accuracy=TicketArticleLink.Accuracy.WRONG)
        .annotate(text=Coalesce(NullIf(F("ticket__search_words"), Value("")), F("ticket__subject")))
    )
    for row in links.order_by().values("text", "article").annotate(times=Count("pk")):
        yield privacy.mask(row["text"]), row["article"], row["times"]


grading.register("solved requests", solved_requests)
