"""An answer to one customer becomes an answer for everyone, and everyone who asked is told.

The draft is built from what is safe (the need statement and the answer, never the thread), then
the privacy gate looks for everything we know about this customer, then a person decides.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F, Q
from django.dispatch import receiver
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from feedback import mail
from feedback.answers import answer_to, without_courtesies, without_frills
from feedback.known import known_values, staff
from feedback.models import ContactChannel, Ticket, TicketArticleLink
from kb import demand, journal, markdown, meaning, privacy, search
from kb.models import AlternateQuestion, Article, ArticleSource
from kb.privacy import gate
from kb.signals import article_published

Relation = TicketArticleLink.Relation
BEGUN, PROMOTED = PROMOTION = ("promotion_begun", "promoted")
SHOWN = 5
DEPTH = 100  # an article may stand low for the question and high for the answer
NEARLY_THE_SAME = 88  # of 100, comparing the words that carry meaning
_LEADS_UP = re.compile(
    r"(?:(?<!\w)(?:on|of|for|with|about|from|to|at|by|in|re|no|nr|number|my|the|is)\W*)+$",
    re.I,
)
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")


# --- The draft ------------------------------------------------------------------


@dataclass
class Draft:
    """What a ticket offers to an article; nothing of it is stored yet."""

    title: str
    issue: str
    environment: str
    resolution: str
    category: object
    questions: list = field(default_factory=list)


def draft_from(ticket):
    """The draft a ticket's need and answer make."""
    known = known_values(ticket)
    answer = answer_to(ticket)
    names = _staff_names(ticket)
    return Draft(
        title=_title(ticket, known),
        issue=markdown.to_html(without_frills(ticket.need_statement)),
        environment=markdown.to_html(_facts(ticket, known)),
        resolution=markdown.to_html(without_frills(answer.body, *names)) if answer else "",
        category=ticket.category,
        questions=customer_words(ticket),
    )


def _title(ticket, known):
    words = ticket.subject or next(iter(_sentences(ticket.need_statement)), "")
    return _finished(privacy.mask(words, known))[:200]


def _finished(words):
    """The words without the blots, and without what led up to one: "Wrong address on …"."""
    if words.rstrip(" .?!").endswith("…"):
        words = _LEADS_UP.sub("", words.rstrip(" …,:;#-.?!"))
    return words.strip(" …,:;#-")


def _facts(ticket, known):
    """The circumstances without their numbers: a line that is only a number says nothing."""
    lines = [privacy.mask(line, known) for line in ticket.facts.splitlines()]
    return "\n\n".join(line for line in lines if re.sub(r"[^\w]|\d", "", line.split(":")[-1]))


def customer_words(ticket):
    """What this customer asked and searched for, masked, as other ways to put the question."""
    known = known_values(ticket)
    words = [_question(ticket, known), ticket.search_words, ticket.subject]
    masked = (_finished(privacy.mask(text, known))[:300] for text in words if text.strip())
    return list({journal.normalise(text): text for text in masked if text}.values())


def _question(ticket, known):
    """What was asked in the customer's own words: short, and of sentences that name nobody."""
    customer = ticket.customer
    said = without_courtesies(ticket.original_words, customer.name, customer.call_me)
    sentences = _sentences(said)
    sentences = [s for s in sentences if privacy.mask(s, known) == s] or sentences
    whole = " ".join(" ".join(sentences).split())
    if len(whole) <= 160:
        return whole
    return next((s for s in sentences if s.endswith("?")), sentences[0])


def _sentences(text):
    return [found[0].strip() for found in _SENTENCE.finditer(text) if found[0].strip()]


# --- Who must not be recognised ---------------------------------------------------


def _staff_names(ticket):
    return {
        name
        for person in staff(ticket)
        for name in (person.get_short_name(), person.get_full_name(), person.last_name)
        if name
    }


def source_tickets(article):
    """The tickets whose words an article was made of."""
    references = article.sources.filter(kind=ArticleSource.Kind.TICKET).values("reference")
    return Ticket.objects.filter(
        Q(reference__in=references)
        | Q(article_links__article=article, article_links__relation=Relation.CREATED_FROM)
    ).distinct()


def forget(ticket):
    """What we know of this customer leaves the drafts their words were made into."""
    made = Article.objects.filter(
        Q(sources__kind=ArticleSource.Kind.TICKET, sources__reference=ticket.reference)
        | Q(ticket_links__ticket=ticket, ticket_links__relation=Relation.CREATED_FROM)
    ).distinct()
    for article in made:
        gate.forget(article, known_values(ticket))


def _values_behind(article):
    tickets = source_tickets(article).select_related("customer", "owner")
    return [value for ticket in tickets for value in known_values(ticket)]


gate.add_known_values(_values_behind)
privacy.add_public_values(lambda: ContactChannel.objects.active().values_list("value", flat=True))


# --- Similar articles ---------------------------------------------------------------


def similar_articles(ticket, user):
    """The five articles, public and internal, that come closest to what was asked and answered.

    People put one question in many ways, and its answer in few: the question, the answer and
    both together are looked for and count alike (`benchmarks/duplicates.py`).
    """
    asked = f"{ticket.subject} {ticket.need_statement or ticket.original_words[:300]}"
    answer = answer_to(ticket)
    readings = [search.search(asked, user, per_page=DEPTH).hits]
    if answered := without_frills(answer.body) if answer else "":
        readings.append(search.similar(answered, user, DEPTH))
        readings.append(search.similar(f"{asked} {answered}", user, DEPTH))
    scores, found = Counter(), {}
    for hits in readings:
        for hit in hits:
            scores[hit.article.pk] += hit.score / (hits[0].score or 1)
            found.setdefault(hit.article.pk, hit)
    return [found[pk] for pk, _score in scores.most_common(SHOWN)]


def nearly_the_same(title, user):
    """Articles whose title says nearly the same, so that nobody writes an answer twice."""
    words = _meaning(title)
    articles = [hit.article for hit in search.search(title, user, per_page=20).hits]
    # What was written a moment ago is not in the index yet.
    articles += Article.objects.active().filter(title__iexact=title.strip())
    near = {
        article.pk: article
        for article in articles
        if words and fuzz.ratio(words, _meaning(article.title)) >= NEARLY_THE_SAME
    }
    return list(near.values())[:3]


def _meaning(title):
    return " ".join(sorted(meaning.content_words(title)))


# --- The three answers -----------------------------------------------------------------


@transaction.atomic
def link(ticket, article, *, by):
    """It already answers this: link it, add the customer's words, tell the customer."""
    made = _link(ticket, article, Relation.SOLVED_BY, by=by)
    for words in customer_words(ticket):
        article.add_question(words, source=AlternateQuestion.Source.TICKET, by=by)
    gate.check(article.shown_revision)
    _decide(ticket, Ticket.Knowledge.LINKED, "link", article, by)
    if made and article.is_public:
        _tell(ticket, article)
    return article


@transaction.atomic
def improve(ticket, article, *, by):
    """Almost: the article becomes this ticket's too, and the CSR writes a revision of it."""
    _link(ticket, article, Relation.SOLVED_BY, by=by)
    _note_source(ticket, article)
    for words in customer_words(ticket):
        article.add_question(words, source=AlternateQuestion.Source.TICKET, by=by)
    _decide(ticket, Ticket.Knowledge.LINKED, "improve", article, by)
    return article


@transaction.atomic
def create(ticket, *, by, title, category=None, questions=(), **parts):
    """None of these: a new article, for colleagues at once, for customers once published."""
    article = Article.objects.create(
        title=title, slug=Article.free_slug(title), owner=by, category=category
    )
    _note_source(ticket, article)
    _link(ticket, article, Relation.CREATED_FROM, by=by)
    known = known_values(ticket)
    for words in questions:
        article.add_question(
            words, source=AlternateQuestion.Source.TICKET, by=by, known_values=known
        )
    article.write(by=by, title=title, change_note=_("Written up from a request."), **parts)
    _decide(ticket, Ticket.Knowledge.DRAFTED, "create", article, by)
    return article


def _note_source(ticket, article):
    ArticleSource.objects.get_or_create(
        article=article, kind=ArticleSource.Kind.TICKET, reference=ticket.reference
    )


def _link(ticket, article, relation, *, by):
    """The link where it is new, else nothing."""
    made, is_new = TicketArticleLink.objects.get_or_create(
        ticket=ticket,
        article=article,
        relation=relation,
        defaults={
            "by": by,
            "article_existed_before": article.created_at <= ticket.received_at,
        },
    )
    demand.refresh(article)
    return made if is_new else None


def _decide(ticket, knowledge, answer, article, by):
    """What the next customer gains from this ticket, and who decided so."""
    Ticket.objects.filter(pk=ticket.pk).update(knowledge=knowledge, version=F("version") + 1)
    ticket.refresh_from_db(fields=["knowledge", "version"])
    ticket.events.create(
        type=PROMOTED,
        actor=by,
        actor_kind="staff",
        from_stage=ticket.stage,
        to_stage=ticket.stage,
        data={"answer": answer, "article": article.pk},
    )


def _note_begun(lines):
    """The page on which it is written up was opened; a ticket's first time is the beginning."""
    # A line may outlive its people: it may have been written before a backup was put back.
    people = get_user_model().objects.in_bulk({line.get("by") for line in lines})
    for line in lines:
        ticket = Ticket.objects.select_for_update().filter(pk=line.get("ticket")).first()
        if ticket is None or ticket.events.filter(type__in=PROMOTION).exists():
            continue
        ticket.events.create(
            type=BEGUN,
            actor=people.get(line.get("by")),
            actor_kind="staff",
            from_stage=ticket.stage,
            to_stage=ticket.stage,
            at=line["at"],
        )


journal.register("promotion", _note_begun)


# --- Everyone told -------------------------------------------------------------------------


@receiver(article_published, dispatch_uid="feedback.tell_those_who_asked")
def tell_those_who_asked(article, is_first, **_signal):
    """Each asker once: whose words it was made of and, the first time, who else had asked."""
    tickets = {ticket.pk: ticket for ticket in source_tickets(article)}
    if is_first:
        linked = Ticket.objects.filter(article_links__article=article)
        for ticket in [*linked, *_asked_the_same(article)]:
            tickets.setdefault(ticket.pk, ticket)
    for ticket in tickets.values():
        _tell(ticket, article)


def _asked_the_same(article):
    """Tickets of people who had searched for the very words that now find this article."""
    words = {question.text for question in article.alternate_questions.filter(hidden_reason="")}
    same = Q()
    for text in list(words)[:50]:
        same |= Q(search_words__iexact=text)
    return Ticket.objects.filter(same).exclude(search_words="") if words else []


def _tell(ticket, article):
    """Queue the mail and note on the link that it was said; one mail for a person and article."""
    customer = ticket.customer
    links = TicketArticleLink.objects.filter(ticket=ticket, article=article)
    if not customer.email or links.filter(told_at__isnull=False).exists():
        return
    with translation.override(customer.language or settings.LANGUAGE_CODE):
        mail.queue(
            "article-published",
            customer.email,
            _("Your question has become an answer for everyone"),
            "article_published",
            {
                "ticket": ticket,
                "customer": customer,
                "article": article,
                "link": settings.SITE_URL + article.get_absolute_url(),
            },
            ticket=ticket,
            once_key=f"told:{article.pk}:{customer.pk}",
        )
    if not links.exists():
        links.create(ticket=ticket, article=article, relation=Relation.RELATED)
    links.update(told_at=timezone.now())
