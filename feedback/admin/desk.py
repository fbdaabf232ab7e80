"""What the desk of one ticket shows: its story, the composer, and all we know beside it."""

from django.conf import settings
from django.db.models import F, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from feedback import placeholders, review, tone
from feedback.admin import acts, cards, drafts, story
from feedback.admin.composer import Composer, usual_mode
from feedback.hours import Calendar
from feedback.models import CannedReply, Promise, Ticket
from feedback.people import UNSETTLED, is_manager
from feedback.templatetags.desk import by_when
from feedback.workflow import available_moves
from kb.markup import to_text
from kb.models import Article, ArticleView, SearchQuery
from kb.numbering import number
from kb.search import similar

EARLIER = VISIT = 6
WORDS_TO_COMPARE = 60


def page(ticket, user, *, composer=None, act_form=None):
    """Everything the desk shows, in a fixed number of queries."""
    open_moves = set(available_moves(ticket, user))
    draft = None if composer else drafts.of(ticket, user)
    composer = composer or begin(ticket, user, draft)
    composer.fields["canned_reply"].choices = template_choices(ticket)
    forms = _forms(ticket, open_moves, in_menu=False)
    if act_form:
        forms[act_form[0].name] = act_form
    return {
        "title": ticket.subject or ticket.reference,
        "ticket": ticket,
        "stages": stages(ticket),
        "is_mine": ticket.owner_id == user.pk,
        "can_claim": "claim" in open_moves and ticket.owner_id is None,
        "entries": story.entries(ticket),
        **_promises(ticket, user),
        "escalation": _escalation(ticket),
        "composer": composer,
        "draft": draft,
        "forms": forms,
        "has_menu": any(act.in_menu and act.move in open_moves for act in acts.ACTS.values()),
        "refused": act_form,
        "links": list(ticket.article_links.select_related("article")),
        "suggestions": suggestions(ticket, user),
        "earlier": list(
            ticket.customer.tickets.visible_to(user)
            .exclude(pk=ticket.pk)
            .select_related("survey")
            .order_by("-received_at")[:EARLIER]
        ),
        "visit": _visit(ticket),
        "card": cards.card_for(ticket),
        "write_up_url": _write_up_url(ticket, user),
    }


def rarer_acts(ticket, user):
    """What stands under More."""
    forms = _forms(ticket, set(available_moves(ticket, user)), in_menu=True)
    return {"title": _("More"), "ticket": ticket, "menu": list(forms.values())}


def _forms(ticket, open_moves, *, in_menu):
    return {
        act.name: (act, acts.form_for(act, ticket))
        for act in acts.ACTS.values()
        if act.move in open_moves and act.in_menu == in_menu
    }


def begin(ticket, user, draft):
    """The composer as it opens: with the draft if there is one, else with what we know."""
    composer = Composer(ticket, user)
    initial = {
        "version": ticket.version,
        "mode": usual_mode(ticket, composer.modes),
        "need": ticket.need_statement or ticket.subject,
        "customer_tasks": ticket.customer_tasks,
        "complaint_cause": ticket.complaint_cause,
    }
    if draft:
        initial |= drafts.as_initial(draft.fields)
        if initial["mode"] not in [mode.name for mode in composer.modes]:
            initial["mode"] = usual_mode(ticket, composer.modes)
    composer.initial = initial
    return composer


def again(composer, ticket, **changed):
    """The same words in a fresh composer for the ticket as it stands now."""
    initial = drafts.as_initial(dict(composer.data.lists())) | {"version": ticket.version} | changed
    return Composer(ticket, composer.user, initial=initial)


def stages(ticket):
    """The five steps, each passed, current or to come."""
    order = list(Ticket.Stage)[:5]
    at = order.index(ticket.stage) if ticket.is_open else len(order)
    states = ["done" if n < at else "now" if n == at else "next" for n in range(len(order))]
    return [(stage.label, state) for stage, state in zip(order, states, strict=True)]


def template_choices(ticket):
    """Templates, those made for this moment first."""
    here, others = [], []
    for reply in CannedReply.objects.filter(is_active=True):
        wanted = (
            (reply.stage, ticket.stage),
            (reply.kind, ticket.kind),
            (reply.situation, ticket.situation),
        )
        fits = all(value in ("", actual) for value, actual in wanted)
        (here if fits else others).append((reply.pk, reply.title))
    groups = [(_("For this moment"), here), (_("Others"), others)]
    return [("", _("Insert a template …")), *(group for group in groups if group[1])]


def suggestions(ticket, user):
    """Articles that may hold the answer, best first."""
    text = " ".join([ticket.subject, *ticket.original_words.split()[:WORDS_TO_COMPARE]])
    return similar(text, user, limit=5) if text.strip() else []


def _promises(ticket, user):
    """The open ones with what can be pressed, the settled ones folded away."""
    by_hand = [Promise.Kind.ACTION, Promise.Kind.DECISION]
    if is_manager(user):
        by_hand.append(Promise.Kind.MANAGER)
    everything = list(ticket.promises.all())
    is_open = (Promise.State.OPEN, Promise.State.LATE)
    return {
        "promises": [promise for promise in everything if promise.state in is_open],
        "settled": [promise for promise in everything if promise.state not in is_open],
        "done_by_hand": by_hand,
    }


def _escalation(ticket):
    if ticket.waiting_on != Ticket.WaitingOn.MANAGER:
        return None
    return ticket.escalations.filter(state__in=UNSETTLED).select_related("to", "raised_by").first()


def _visit(ticket):
    """What the customer looked for and read before writing, newest first."""
    if not ticket.visit_key:
        return []
    searched = SearchQuery.objects.filter(visit_key=ticket.visit_key).values_list(
        "at", F("text"), F("results_count"), Value("searched")
    )
    read = ArticleView.objects.filter(visit_key=ticket.visit_key).values_list(
        "at", F("article__title"), F("article_id"), Value("read")
    )
    rows = searched.order_by().union(read.order_by(), all=True).order_by("-at")[:VISIT]
    return [
        {"at": at, "words": words, "number": number, "kind": kind}
        for at, words, number, kind in rows
    ]


def _write_up_url(ticket, user):
    answered = (Ticket.Stage.CLOSING, Ticket.Stage.CLOSED)
    if ticket.stage not in answered or not user.has_perm("feedback.promote_ticket"):
        return ""
    return reverse("admin:feedback_ticket_write_up", args=[ticket.pk])


# --- Words that are put in -------------------------------------------------


def with_words(composer, act, user):
    """The composer after a press that puts words in, for pages without JavaScript."""
    ticket, data = composer.ticket, composer.data
    body = data.get("body", "")
    if act == "calm":
        return again(composer, ticket, body=review.with_calm_words(body, tone.check(body)))
    kind, _dash, key = act.removeprefix("insert-").partition("-")
    wanted = {kind: key or data.get("canned_reply")}
    found = words_to_insert(ticket, user, wanted)
    changed = {
        "body": f"{body.rstrip()}\n\n{found['text']}".strip() if body.strip() else found["text"]
    }
    if found.get("article"):
        changed["articles"] = [*data.getlist("articles"), str(found["article"])]
    return again(composer, ticket, **changed)


def words_to_insert(ticket, user, wanted):
    """The text of a template or an article for this customer, and what is still open in it."""
    if key := wanted.get("reply"):
        reply = CannedReply.objects.filter(pk=number(key), is_active=True).first()
        text, gaps = placeholders.fill(reply.body, ticket, user) if reply else ("", [])
        return {
            "text": text,
            "gaps": [gap for gap in gaps if gap != "due"],
            "notices": review.already_known(ticket, text),
        }
    article = Article.objects.visible_to(user).filter(pk=number(wanted.get("article"))).first()
    if article is None:
        return {"text": "", "gaps": [], "notices": []}
    if article.is_public:
        text = f"{article.title}\n{settings.SITE_URL}{article.get_absolute_url()}"
    else:  # no customer can open it, but its words may help
        text = to_text(article.shown_revision.resolution)
    return {
        "text": text,
        "gaps": [],
        "notices": [],
        "article": article.pk,
        "number": article.number,
        "title": article.title,
    }


def second_look(composer):
    """What should be seen once more before this goes to the customer; None if nothing."""
    if not composer.is_to_customer:
        return None
    written = composer.cleaned_data
    found = review.review(
        composer.ticket,
        written["body"],
        by=composer.user,
        canned_reply=written["canned_reply"],
        questions="\n".join(f"{q['question']}?" for q in composer.questions()),
        has_promise=composer.chosen.decides or bool(composer.promises()),
        asks=composer.chosen.name == "ask",
    )
    return found if found.asks else None


def hit_as_json(text, hit):
    """A hit for the page, its place counted as JavaScript counts."""

    def utf16(index):
        return len(text[:index].encode("utf-16-le")) // 2

    return {
        "start": utf16(hit.start),
        "end": utf16(hit.end),
        "words": text[hit.start : hit.end],
        "level": hit.level,
        "calm": review.first_calm(hit),
        "why": str(hit.why),
    }


def quick_dates(now=None):
    """Times one mostly promises: the end of today, noon of the next two working days."""
    now = now or timezone.now()
    calendar = Calendar.load()
    tomorrow = calendar.next_working_day(now)
    noons = [_noon(calendar, tomorrow), _noon(calendar, calendar.next_working_day(tomorrow))]
    closes = calendar.closes_at(now)
    return [
        {"label": by_when(at), "value": f"{timezone.localtime(at):%Y-%m-%dT%H:%M}"}
        for at in ([closes] if closes else []) + noons
    ]


def _noon(calendar, moment):
    day = timezone.localtime(moment)
    return calendar.at(day.date(), day.time().replace(hour=12, minute=0, second=0, microsecond=0))
