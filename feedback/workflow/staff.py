"""What each move of a colleague leaves behind."""

from django.utils.translation import gettext as _

from feedback import promises, wording
from feedback.models import Escalation, Message, Promise, Ticket
from feedback.people import is_manager
from feedback.workflow import guards
from feedback.workflow.errors import MoveRefused
from feedback.workflow.escalation import escalate_to_manager, watch_for_a_runaround

Stage, Kind, Type = Ticket.Stage, Ticket.Kind, Message.Type
Knowledge, Outcome = Ticket.Knowledge, Ticket.Outcome
MAX_QUESTIONS = MAX_OPTIONS = 3


def claim(act):
    ticket = act.ticket
    if ticket.owner is not None and ticket.owner != act.by:
        raise MoveRefused(_("%s has just taken this one.") % wording.somebody(ticket.owner))
    guards.refuse_unless(ticket.owner is None, _("You have this one already."))
    guards.not_about(ticket, act.by)
    ticket.owner = act.by
    act.data["owner"] = act.by.pk
    act.say(Type.CLAIM_NOTE, wording.claimed(act.by), mailed=False)
    if ticket.stage == Stage.GREETING:
        act.target = Stage.UNDERSTANDING


def release(act, reason=""):
    guards.refuse_unless(act.ticket.owner is not None, _("Nobody has this one yet."))
    act.data.update(owner=None, former_owner=act.ticket.owner_id, reason=reason)
    act.ticket.owner = None
    act.say(Type.CLAIM_NOTE, wording.back_to_the_team(), mailed=False)


def assign(act, to, reason=""):
    guards.can_work(to)
    guards.not_about(act.ticket, to)
    guards.refuse_unless(to != act.ticket.owner, _("They have this one already."))
    guards.refuse_unless(
        act.ticket.owner in (None, act.by) or is_manager(act.by),
        _("Only its owner or a manager hands this one over."),
    )
    act.data.update(owner=to.pk, former_owner=act.ticket.owner_id, reason=reason)
    act.ticket.owner = to
    act.say(Type.CLAIM_NOTE, wording.taken_over(to), mailed=False)
    watch_for_a_runaround(act)
    if act.ticket.stage == Stage.GREETING:
        act.target = Stage.UNDERSTANDING


def ask(act, body, questions=None, promises=(), **written):
    """A clarifying question, or up to three with choices; then it is the customer's turn."""
    questions = [q for q in questions or () if (q.get("question") or "").strip()]
    guards.refuse_unless(len(questions) <= MAX_QUESTIONS, _("Ask at most three questions at once."))
    act.take_on()
    made = guards.dated(promises, act.now)
    act.wait_for_customer()
    act.write(Type.QUESTION, body, made, choices=questions or None, **written)


def state_need(act, body, need, promises=(), **written):
    need = (need or "").strip()
    guards.refuse_unless(need, _("Say in a sentence what you understand the customer needs."))
    made = guards.dated(promises, act.now)
    act.ticket.need_statement = need
    act.ticket.need_confirmed_at = None
    act.our_turn()
    act.write(Type.NEED, body or need, made, **written)


def send_plan(act, body, promises=(), customer_tasks="", options=None, **written):
    """What we do and by when; or up to three ways of which the customer picks one."""
    ticket = act.ticket
    made = guards.dated(promises, act.now)
    options = _checked_options(act, options)
    was_changed = ticket.events.filter(type="change_plan").exists()
    ticket.customer_tasks = customer_tasks
    if options:
        act.target = Stage.AGREEING
        act.wait_for_customer()
    else:
        guards.a_way_to_deliver(ticket, made)
        ticket.agreement = Ticket.Agreement.ADJUSTED if was_changed else Ticket.Agreement.PROPOSED
        act.our_turn()
    act.write(Type.PLAN, body, made, choices=options or None, **written)


def reply(act, body, promises=(), **written):
    act.take_on()
    made = guards.dated(promises, act.now)
    if act.ticket.stage == Stage.CLOSING:
        act.wait_for_customer()
    act.write(Type.REPLY, body, made, **written)


def keep_promise(act, promise, body=""):
    promise = guards.belongs(act.ticket, promise)
    act.data["promise"] = promise.pk
    if body:
        act.write(Type.REPLY, body, ())
        promise.refresh_from_db()
    else:
        act.say(Type.NEWS, wording.done(promise))
    if promise.state in (Promise.State.OPEN, Promise.State.LATE):
        act.settle(promise)
    act.data["state"] = promise.state


def keep_step(act, promise, index):
    """One step of a longer promise is done; the customer sees how far it is."""
    promise = guards.belongs(act.ticket, promise)
    guards.refuse_unless(0 <= int(index) < len(promise.steps), _("There is no such step."))
    promise.steps[int(index)]["done_at"] = act.now.isoformat()
    promise.save(update_fields=["steps"])
    act.data.update(promise=promise.pk, step=int(index))


def renew_promise(act, promise, due_at, reason):
    promise = guards.belongs(act.ticket, promise)
    reason = guards.reason_given(reason)
    guards.refuse_unless(due_at, _("Tell them when."))
    guards.a_time_to_come(due_at, act.now)
    act.data.update(promise=promise.pk, was_late=act.now > promise.due_at)
    promises.renewed(promise, act.now, reason)
    act.say(Type.NEWS, wording.renewed(promise, due_at, reason))
    act.promise(promise.what, due_at, promise.kind, promise.remedy, promise.steps, renews=promise)


def release_promise(act, promise, reason):
    """The customer no longer needs it; what is late already stays in the ledger as late."""
    promise = guards.belongs(act.ticket, promise)
    reason = guards.reason_given(reason)
    guards.refuse_unless(
        act.now <= promise.due_at, _("Its time has passed: do it, or tell them a new time.")
    )
    promises.release(promise, act.now, reason)
    act.data.update(promise=promise.pk, reason=reason)


def escalate(act, reason, tried="", body=""):
    guards.refuse_unless(
        reason in Escalation.Reason.values, _("Choose why a manager should look at it.")
    )
    guards.refuse_unless(act.open_escalation() is None, _("A manager has been asked already."))
    if body:
        act.write(Type.ESCALATION, body, ())
    escalate_to_manager(act, reason, tried=tried, says=None if body else wording.manager_asked)


def acknowledge_escalation(act):
    escalation = _escalation_of(act)
    guards.refuse_unless(
        escalation.state == Escalation.State.OPEN, _("It is acknowledged already.")
    )
    escalation.state = Escalation.State.ACKNOWLEDGED
    escalation.acknowledged_at = act.now
    escalation.to = act.by
    escalation.save(update_fields=["state", "acknowledged_at", "to"])
    act.data["escalation"] = escalation.pk


def answer_escalation(act, body, promises=(), outcome="", **written):
    act.data["escalation"] = _escalation_of(act).pk
    act.take_on()
    made = guards.dated(promises, act.now)
    act.settle_escalations(outcome)
    act.our_turn()
    act.write(Type.REPLY, body, made, **written)


def change_kind(act, kind, reason):
    ticket = act.ticket
    guards.refuse_unless(kind in Kind.values and kind != ticket.kind, _("Choose another kind."))
    act.data.update(kind=kind, former_kind=ticket.kind, reason=guards.reason_given(reason))
    ticket.kind = kind
    if ticket.stage == Stage.DELIVERING:
        guards.a_way_to_deliver(ticket, ())


def set_facts(act, **facts):
    """What we noticed: only what is given is changed."""
    allowed = {"facts", "feeling", "personal_remarks", "order_number", "category", "known_issue"}
    guards.refuse_unless(set(facts) <= allowed, _("There is no such fact."))
    guards.refuse_unless(
        facts.get("feeling", Ticket.Feeling.CALM) in Ticket.Feeling.values,
        _("Choose how the customer feels."),
    )
    for name, value in facts.items():
        setattr(act.ticket, name, value)
    if facts.get("feeling") in (Ticket.Feeling.UPSET, Ticket.Feeling.VERY_UPSET):
        act.ticket.situation = act.ticket.situation or Ticket.Situation.UPSET
    act.data["changed"] = sorted(facts)


def mark_mistake(act):
    act.ticket.situation = Ticket.Situation.MISTAKE


def set_safety(act, reason=""):
    """From here on only managers see it, and nothing goes out by itself."""
    act.ticket.is_safety_concern = True
    act.data["reason"] = reason
    if act.open_escalation() is None:
        escalate_to_manager(act, Escalation.Reason.SAFETY, tried=reason, says=None)


# --- What several of them share ---------------------------------------------


def _checked_options(act, options):
    options = guards.dated(options, act.now)
    guards.refuse_unless(
        len(options) <= MAX_OPTIONS and len(options) != 1, _("Offer two or three ways to choose.")
    )
    return [
        {"what": o["what"], "due_at": o["due_at"].isoformat(), "remedy": o["remedy"]}
        for o in options
    ]


def _escalation_of(act):
    escalation = act.open_escalation()
    guards.refuse_unless(escalation is not None, _("No manager is being waited for."))
    return escalation
