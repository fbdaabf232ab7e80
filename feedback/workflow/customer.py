"""What each move of a customer leaves behind."""

from datetime import datetime

from django.utils.translation import gettext as _

from feedback import wording
from feedback.models import Escalation, Message, Promise, Ticket
from feedback.workflow import guards
from feedback.workflow.errors import MoveRefused
from feedback.workflow.escalation import escalate_to_manager, watch_for_a_runaround

Stage, Type = Ticket.Stage, Message.Type
Outcome, Agreement, WaitingOn = Ticket.Outcome, Ticket.Agreement, Ticket.WaitingOn


def add_message(act, body, files=()):
    """Something to add; on a closed ticket it opens it again."""
    ticket = act.ticket
    act.hear(said(body, files), files)
    if ticket.stage == Stage.CLOSED:
        return _reopen(act)
    if ticket.waiting_on == WaitingOn.CUSTOMER:
        act.our_turn()


def confirm_need(act):
    guards.refuse_unless(act.ticket.need_statement, _("There is nothing to confirm yet."))
    act.ticket.need_confirmed_at = act.now


def correct_need(act, body):
    act.hear(said(body))
    act.ticket.need_confirmed_at = None
    act.our_turn()


def accept_plan(act):
    _plan_is_proposed(act.ticket)
    act.ticket.agreement = Agreement.ACCEPTED


def change_plan(act, body):
    """Back to what is needed: through Agreeing to Understanding, an event each."""
    act.hear(said(body))
    act.our_turn()
    act.ticket.agreement = ""
    if act.ticket.stage == Stage.DELIVERING:
        act.enter(Stage.AGREEING)


def choose_option(act, index):
    """The way the customer picked becomes the promise."""
    plan = act.ticket.messages.filter(type=Type.PLAN).exclude(choices=None).last()
    try:
        option = plan.choices[int(index)] if int(index) >= 0 else None
    except (AttributeError, IndexError, TypeError, ValueError):
        option = None
    guards.refuse_unless(option, _("Choose one of the ways on your page."))
    due_at = datetime.fromisoformat(option["due_at"])
    if due_at <= act.now:  # chosen late: the date moves, the offer stands
        due_at = act.calendar.add_working_days(act.now, 1)
    act.ticket.agreement = Agreement.ACCEPTED
    act.our_turn()
    act.say(Type.NEWS, wording.chosen(option["what"], due_at))
    act.promise(option["what"], due_at, Promise.Kind.ACTION, option.get("remedy", ""))
    act.data["option"] = int(index)


def confirm(act):
    act.close(Outcome.SATISFIED)
    act.say(Type.THANK_YOU, wording.thanks(act.ticket))


def not_yet(act, body=""):
    """One transaction: open again, a manager asked, and the customer told who writes and when."""
    if body and body.strip():
        act.hear(body)
    if act.open_escalation() is None:
        escalate_to_manager(act, Escalation.Reason.NOT_SATISFIED, says=wording.not_yet)
    else:
        act.our_turn()


def ask_manager(act, body=""):
    if body and body.strip():
        act.hear(body)
    if act.open_escalation() is None:
        escalate_to_manager(act, Escalation.Reason.CUSTOMER_ASKED, says=wording.manager_asked)


def told_already(act, body=""):
    """They feel asked again: it counts, it is ours to read back, and twice is too often."""
    if body and body.strip():
        act.hear(said(body))
    if act.ticket.waiting_on == WaitingOn.CUSTOMER:
        act.our_turn()
    watch_for_a_runaround(act)


def withdraw(act, reason=""):
    if reason and reason.strip():
        act.hear(reason)
    act.data["reason"] = (reason or "").strip()[:200]
    act.close(Outcome.WITHDRAWN)
    act.say(Type.THANK_YOU, wording.withdrawn(act.ticket))


def said(body, files=()):
    """A customer's words as they are; only nothing at all, or too much, is turned back."""
    if not (body or "").strip() and not files:
        raise MoveRefused(_("Write a line, or add a file."))
    if "\x00" in (body or ""):
        raise MoveRefused(_("The message holds a character we are not able to store (NUL)."))
    if len(body or "") > 100_000:
        raise MoveRefused(_("Your message is longer than we can take: up to 100,000 characters."))
    return body or ""


def _reopen(act):
    """Within the window: to the same owner if they are here, else to the whole team."""
    ticket = act.ticket
    act.data.update(outcome=ticket.outcome, closed_at=ticket.closed_at.isoformat())
    ticket.outcome, ticket.closed_at, ticket.reopen_until = "", None, None
    ticket.duplicate_of = None
    ticket.need_confirmed_at = None
    ticket.agreement = ""
    if ticket.owner is not None and not ticket.owner.is_active:
        ticket.owner = None
    act.data["owner"] = ticket.owner_id
    act.our_turn()
    due_at = act.next_word_due
    act.say(Type.NEWS, wording.reopened(ticket.owner, due_at))
    act.promise_next_word(due_at)
    act.enter(Stage.UNDERSTANDING, "reopen", **act.data)
    act.target = Stage.UNDERSTANDING


def _plan_is_proposed(ticket):
    guards.refuse_unless(
        ticket.agreement in (Agreement.PROPOSED, Agreement.ADJUSTED, Agreement.ASSUMED),
        _("There is no plan to agree to yet."),
    )
