"""Requests that were answered without an article tell the knowledge base what it lacks."""

from django.db.models import Exists, F, OuterRef, Value
from django.db.models.functions import Coalesce, NullIf

from feedback.models import Ticket, TicketArticleLink
from kb import gaps, privacy

Outcome, Relation = Ticket.Outcome, TicketArticleLink.Relation


def answered_without_article(since, now):
    """What they had searched for, else the subject they wrote; masked like a search."""
    counted = TicketArticleLink.objects.filter(
        ticket=OuterRef("pk"), relation__in=[Relation.SOLVED_BY, Relation.CREATED_FROM]
    )
    tickets = (
        Ticket.objects.filter(
            stage__in=[Ticket.Stage.CLOSING, Ticket.Stage.CLOSED],
            received_at__gte=since,
            received_at__lt=now,
        )
        .exclude(kind=Ticket.Kind.COMPLIMENT)
        .exclude(outcome__in=[Outcome.SPAM, Outcome.DUPLICATE, Outcome.WITHDRAWN])
        .filter(~Exists(counted))
        .annotate(text=Coalesce(NullIf(F("search_words"), Value("")), F("subject")))
        .order_by()
        .values("text")
    )
    for row in gaps.counted(tickets, now, each="pk", at="received_at"):
        row["text"] = privacy.mask(row["text"])[:200]
        yield gaps.Evidence(gaps.Source.TICKET, **row)


gaps.register("requests answered without an article", answered_without_article)
