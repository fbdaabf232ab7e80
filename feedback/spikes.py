"""Many customers with the same trouble at once: seen in their own words, before anybody says so."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from django.utils import timezone

from feedback.models import Ticket
from kb import meaning

SINCE = timedelta(hours=36)  # since yesterday, seen from any time of today
USUAL = timedelta(days=28)
ENOUGH = 4
# So many times more than on a usual day.
TIMES_USUAL = 3
MOST_WORDS = 400


@dataclass(frozen=True)
class Spike:
    """So many tickets about these words since yesterday."""

    words: str
    tickets: tuple

    @property
    def count(self):
        return len(self.tickets)

    @property
    def pks(self):
        return ",".join(str(ticket.pk) for ticket in self.tickets)


def spikes(now=None):
    """What suddenly many tickets speak of and no known issue covers yet; the largest first."""
    now = now or timezone.now()
    told = _told(now - SINCE, now).filter(known_issue=None)
    fresh = {ticket: _topics(ticket) for ticket in told}
    if len(fresh) < ENOUGH:
        return []
    usual = Counter()
    for ticket in _told(now - SINCE - USUAL, now - SINCE):
        usual.update(set(_topics(ticket)))
    found = []
    while topic := _outstanding(fresh, usual):
        tickets = [ticket for ticket, topics in fresh.items() if topic in topics]
        found.append(Spike(fresh[tickets[0]][topic], tuple(tickets)))
        fresh = {ticket: topics for ticket, topics in fresh.items() if ticket not in tickets}
    return found


def _told(start, end):
    return (
        Ticket.objects.filter(received_at__gte=start, received_at__lt=end)
        .exclude(kind=Ticket.Kind.COMPLIMENT)
        .exclude(outcome__in=[Ticket.Outcome.SPAM, Ticket.Outcome.DUPLICATE])
        .only("pk", "subject", "search_words", "original_words", "known_issue")
    )


def _topics(ticket):
    """Two neighbouring words that carry meaning, as stems, with how they were spelt."""
    text = f"{ticket.subject}. {ticket.search_words}. {ticket.original_words[:MOST_WORDS]}"
    topics = {}
    for one, two in pairwise(meaning.spelt(text)):
        if one and two and one[0] != two[0]:
            topics.setdefault(frozenset((one[0], two[0])), f"{one[1]} {two[1]}")
    return topics


def _outstanding(fresh, usual):
    """The topic of most tickets, if they are enough, and far more than usual."""
    counted = Counter(topic for topics in fresh.values() for topic in topics)
    per_day = USUAL / timedelta(days=1)
    for topic, count in counted.most_common(50):
        expected = usual[topic] / per_day * (SINCE / timedelta(days=1))
        if count >= ENOUGH and count >= TIMES_USUAL * expected:
            return topic
    return None
