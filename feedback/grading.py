"""Requests that an article solved tell the search which words must find it."""

from django.db.models import Count, F, Max, Value
from django.db.models.functions import Coalesce, NullIf

from feedback import known
from feedback.models import Ticket, TicketArticleLink
from kb import grading


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
    rows = links.order_by().values("text", "article")
    for row, ticket in known.with_tickets(
        rows.annotate(times=Count("pk"), ticket=Max("ticket_id"))
    ):
        yield known.masked(row["text"], ticket), row["article"], row["times"]


grading.register("solved requests", solved_requests)
