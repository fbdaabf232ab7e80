"""What must be true before a move. Each refuses with words that say what to do."""

from datetime import timedelta

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _

from feedback import promises
from feedback.models import Promise, Ticket, TicketArticleLink
from feedback.people import is_manager, name_of
from feedback.workflow.errors import MoveRefused

Kind, Stage, Knowledge = Ticket.Kind, Ticket.Stage, Ticket.Knowledge
NEEDS_A_DATE = [Kind.COMPLAINT, Kind.REQUEST]
# Nobody promises further ahead than this; what lies beyond is a mistyped year.
FURTHEST = timedelta(days=2 * 366)


def refuse_unless(condition, message):
    if not condition:
        raise MoveRefused(message)


def not_about(ticket, person):
    """A complaint about a person is never that person's."""
    refuse_unless(
        person is None or ticket.about_person_id != person.pk,
        _("This one is for a colleague: it speaks of you."),
    )


def can_work(person):
    refuse_unless(
        person is not None and person.is_active and person.has_perm("feedback.work_ticket"),
        _("Choose a colleague who answers tickets."),
    )


def mine_to_write(ticket, by):
    """The owner writes, or a manager; whoever writes on an unclaimed one takes it on."""
    owner = ticket.owner
    refuse_unless(
        owner is None or owner == by or is_manager(by),
        _("%s looks after this one. Leave a note, or ask them to hand it over.") % name_of(owner),
    )


def reason_given(reason):
    reason = (reason or "").strip()
    refuse_unless(reason, _("Say why, in a few words."))
    return reason


def dated(plans, now):
    """Promises as the ledger takes them, each with what and when."""
    cleaned = []
    for plan in plans or ():
        what = (plan.get("what") or "").strip()
        due_at = plan.get("due_at")
        refuse_unless(what, _("Say what will be done."))
        refuse_unless(due_at, _("Tell them when. A time builds trust: when will this be done?"))
        a_time_to_come(due_at, now)
        kind = plan.get("kind") or Promise.Kind.ACTION
        refuse_unless(kind in Promise.Kind.values, _("Choose what kind of promise this is."))
        cleaned.append(
            {
                "what": what,
                "due_at": due_at,
                "kind": kind,
                "remedy": plan.get("remedy") or "",
                "steps": plan.get("steps") or [],
            }
        )
    return cleaned


def a_time_to_come(due_at, now):
    refuse_unless(due_at > now, _("This time has passed: choose a later one."))
    refuse_unless(due_at < now + FURTHEST, _("That is more than two years away: check the year."))


def needs_a_date(ticket):
    return ticket.kind in NEEDS_A_DATE or ticket.situation == Ticket.Situation.MISTAKE


def a_way_to_deliver(ticket, plans):
    """What went wrong or was asked for is only delivered with a written what and when."""
    real = [p for p in plans if p["kind"] not in promises.KEPT_BY_A_WORD]
    refuse_unless(
        not needs_a_date(ticket) or real or promises.had_a_dated_promise(ticket),
        _("Tell them what will be done, and when will this be done?"),
    )


def a_time_for_our_mistake(ticket, body, plans, template):
    """Whoever owns up to a mistake names the time themselves; the next word's is not enough."""
    situations = (ticket.situation, template.situation if template else "")
    refuse_unless(
        "{due}" not in body or plans or Ticket.Situation.MISTAKE not in situations,
        _("Tell them what will be done, and when will this be done?"),
    )


def nothing_left_open(act):
    """Before the resolution: what was promised is done."""
    waiting = promises.still_to_do(act.ticket)
    if is_manager(act.by):
        waiting = waiting.exclude(kind=Promise.Kind.MANAGER)
    else:
        refuse_unless(
            act.open_escalation() is None, _("A manager is still to answer: wait for their word.")
        )
    what = ", ".join(promise.what for promise in waiting)
    refuse_unless(not what, _("Still promised: %s. Mark it done first.") % what)


def knowledge_decided(ticket, knowledge, reason, articles):
    """Solved by an article, written up, or none needed because of something."""
    if ticket.kind == Kind.COMPLIMENT and not knowledge:
        return
    refuse_unless(
        knowledge in Knowledge.values,
        _("Which article answers this? Choose it, write it up, or say why none is needed."),
    )
    if knowledge == Knowledge.LINKED:
        solved = ticket.article_links.filter(relation=TicketArticleLink.Relation.SOLVED_BY)
        refuse_unless(articles or solved.exists(), _("Choose the article that answers this."))
    if knowledge == Knowledge.NOT_NEEDED:
        refuse_unless(
            (reason or ticket.knowledge_reason).strip(), _("Say why no article is needed.")
        )


def cause_known(ticket, cause):
    refuse_unless(
        ticket.kind != Kind.COMPLAINT or (cause or ticket.complaint_cause) in Ticket.Cause.values,
        _("Say what caused this complaint."),
    )


def belongs(ticket, promise):
    """This very promise, fresh, if it is this ticket's and still open."""
    try:
        found = ticket.promises.get(pk=getattr(promise, "pk", promise))
    except (ObjectDoesNotExist, TypeError, ValueError):
        raise MoveRefused(_("This promise belongs to another ticket.")) from None
    refuse_unless(
        found.state in (Promise.State.OPEN, Promise.State.LATE),
        _("This promise is settled already."),
    )
    return found
