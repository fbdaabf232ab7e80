"""Requests that were answered without an article tell the knowledge base what it lacks."""

from functools import reduce
from operator import or_

from django.db.models import Exists, F, Max, OuterRef, Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone

from feedback import known
from feedback.models import Ticket, TicketArticleLink
from kb import gaps
from kb.journal import normalise

Outcome, Relation = Ticket.Outcome, TicketArticleLink.Relation


def answered_without_article(since, now):
    """What they had searched for, else the subject they wrote; masked like a search."""
    tickets = _tickets(since, now).order_by().values("text").annotate(ticket=Max("pk"))
    rows = gaps.counted(tickets, now, each="pk", at="received_at")
    for row, ticket in known.with_tickets(rows):
        row["text"] = known.masked(row["text"], ticket)
        yield gaps.Evidence(gaps.Source.TICKET, **row)


def requests_behind(gap, user):
    """The requests of which a gap's words tell, as far as this colleague may read them."""
    of_tickets = gap.phrases.filter(source=gaps.Source.TICKET)
    phrases = set(of_tickets.values_list("normalised", flat=True)) - {""}
    if not phrases:
        return []
    longest = (max(phrase.split(), key=len) for phrase in phrases)
    likely = reduce(or_, (Q(text__icontains=word) for word in longest))
    now = timezone.now()
    tickets = _tickets(now - gaps.SEEN_FOR, now).visible_to(user).filter(likely)
    tickets = tickets.select_related("customer")
    return [t for t in tickets if normalise(known.masked(t.text, t)) in phrases]


def _tickets(since, now):
    """Answered without an article; `text` is what they looked for."""
    counted = TicketArticleLink.objects.filter(
        ticket=OuterRef("pk"), relation__in=[Relation.SOLVED_BY, Relation.CREATED_FROM]
    )
    return (
        Ticket.objects.filter(
            stage__in=[Ticket.Stage.CLOSING, Ticket.Stage.CLOSED],
            received_at__gte=since,
            received_at__lt=now,
        )
        .exclude(kind=Ticket.Kind.COMPLIMENT)
        .exclude(outcome__in=[Outcome.SPAM, Outcome.DUPLICATE, Outcome.WITHDRAWN])
        .filter(~Exists(counted))
        .annotate(text=Coalesce(NullIf(F("search_words"), Value("")), F("subject")))
    )


gaps.register("requests answered without an article", answered_without_article)
