"""What each move of a colleague leaves behind."""

from datetime import timedelta

from django.utils.translation import gettext as _

from feedback import mail, people, promises, wording
from feedback.models import Escalation, Message, Promise, Ticket, TicketArticleLink, TicketEvent
from feedback.people import is_manager
from feedback.workflow import guards
from feedback.workflow.act import checked_body
from feedback.workflow.errors import MoveRefused
from feedback.workflow.escalation import escalate_to_manager
from kb import demand

Stage, Kind, Type = Ticket.Stage, Ticket.Kind, Message.Type
Knowledge, Outcome = Ticket.Knowledge, Ticket.Outcome
UNDO_DAYS = 30
RUNAROUND = 2
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
    _watch_for_a_runaround(act)
    if act.ticket.stage == Stage.GREETING:
        act.target = Stage.UNDERSTANDING


def ask(act, body, questions=None, promises=(), **written):
    """A clarifying question, or up to three with choices; then it is the customer's turn."""
    questions = [q for q in questions or () if (q.get("question") or "").strip()]
    guards.refuse_unless(len(questions) <= MAX_QUESTIONS, _("Ask at most three questions at once."))
    take_on(act)
    made = guards.dated(promises, act.now)
    act.wait_for_customer()
    _write(act, Type.QUESTION, body, made, choices=questions or None, **written)


def state_need(act, body, need, promises=(), **written):
    need = (need or "").strip()
    guards.refuse_unless(need, _("Say in a sentence what you understand the customer needs."))
    made = guards.dated(promises, act.now)
    act.ticket.need_statement = need
    act.ticket.need_confirmed_at = None
    act.our_turn()
    _write(act, Type.NEED, body or need, made, **written)


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
    _write(act, Type.PLAN, body, made, choices=options or None, **written)


def reply(act, body, promises=(), **written):
    take_on(act)
    made = guards.dated(promises, act.now)
    if act.ticket.stage == Stage.CLOSING:
        act.wait_for_customer()
    _write(act, Type.REPLY, body, made, **written)


def keep_promise(act, promise, body=""):
    promise = guards.belongs(act.ticket, promise)
    act.data["promise"] = promise.pk
    if body:
        _write(act, Type.REPLY, body, ())
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
    guards.refuse_unless(due_at and due_at > act.now, _("Choose a later time: this has passed."))
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


def resolve(
    act, body, knowledge="", knowledge_reason="", articles=(), complaint_cause="", **written
):
    guards.nothing_left_open(act)
    guards.a_way_to_deliver(act.ticket, ())
    _decide(act, knowledge, knowledge_reason, articles, complaint_cause)
    _write(act, Type.RESOLUTION, body, (), **written)
    _ask_whether_it_settled(act)


def answer_now(
    act,
    body,
    need="",
    articles=(),
    knowledge="",
    knowledge_reason="",
    complaint_cause="",
    promises=(),
    **written,
):
    """One message that restates, answers and asks whether it settled; no stage is skipped."""
    ticket = act.ticket
    body = checked_body(body)
    take_on(act)
    guards.nothing_left_open(act)
    knowledge = knowledge or (Knowledge.LINKED if articles else "")
    _decide(act, knowledge, knowledge_reason, articles, complaint_cause)
    ticket.need_statement = (
        need or ticket.need_statement or ticket.subject or ticket.original_words
    ).strip()[:1000]
    act.our_turn()
    _write(act, Type.RESOLUTION, body, (), **written)
    _put_right_at_once(act, promises)
    _pass_through(act, Stage.CLOSING)
    if ticket.kind == Kind.COMPLIMENT:
        act.enter(Stage.CLOSING, via="answer_now")
        act.name, act.target = "thank", Stage.CLOSED
        act.close(Outcome.THANKED)
    else:
        _ask_whether_it_settled(act)


def final_answer(
    act,
    body,
    options,
    knowledge="",
    knowledge_reason="",
    articles=(),
    complaint_cause="",
    **written,
):
    """A manager's last word: what was decided, and what else the customer can do."""
    guards.refuse_unless(
        (options or "").strip(), _("Say what else the customer can do, and where.")
    )
    ticket = act.ticket
    take_on(act)
    knowledge = knowledge or ticket.knowledge or (Knowledge.LINKED if articles else "")
    if not knowledge:
        knowledge = Knowledge.NOT_NEEDED
        knowledge_reason = knowledge_reason or _("A manager's final answer.")
    _decide(act, knowledge, knowledge_reason, articles, complaint_cause)
    ticket.need_statement = ticket.need_statement or ticket.subject or ticket.original_words[:1000]
    _write(act, Type.FINAL, f"{checked_body(body)}\n\n{checked_body(options)}", (), **written)
    for promise in promises.still_to_do(ticket):
        act.settle(promise)
    _put_right_at_once(act, ())
    _pass_through(act, Stage.CLOSED)
    act.close(Outcome.FINAL)


def mark_duplicate(act, of, reason):
    """The surviving ticket takes over what was said; the customer keeps access and is told."""
    ticket = act.ticket
    of = Ticket.objects.select_for_update().get(pk=of.pk)
    guards.refuse_unless(of.pk != ticket.pk, _("Choose the other ticket."))
    guards.refuse_unless(of.is_open, _("The other ticket is closed: choose an open one."))
    guards.refuse_unless(
        of.customer_id == ticket.customer_id,
        _("The other ticket is another customer's: their words stay apart."),
    )
    act.data.update(of=of.pk, reason=guards.reason_given(reason))
    ticket.duplicate_of = of
    act.close(Outcome.DUPLICATE)
    act.say(Type.NEWS, wording.merged(of))
    _hand_over_messages(act, of)


def mark_spam(act, reason):
    act.data["reason"] = guards.reason_given(reason)
    act.close(Outcome.SPAM)


def undo_close(act, reason=""):
    ticket = act.ticket
    guards.refuse_unless(
        ticket.outcome in (Outcome.SPAM, Outcome.DUPLICATE),
        _("Only what was closed as spam or as the same as another can be undone."),
    )
    guards.refuse_unless(
        ticket.closed_at >= act.now - timedelta(days=UNDO_DAYS),
        _("It was closed more than thirty days ago."),
    )
    closing = ticket.events.filter(to_stage=Stage.CLOSED).order_by("-pk").first()
    was = ticket.outcome
    act.data.update(was=was, reason=reason)
    act.target = closing.from_stage
    ticket.outcome, ticket.closed_at, ticket.reopen_until = "", None, None
    ticket.duplicate_of = None
    act.ticket.stage = Stage.CLOSED
    if ticket.owner is not None and not ticket.owner.is_active:
        ticket.owner = None
    act.our_turn()
    due_at = act._next_word_due
    act.say(Type.NEWS, wording.unmerged(due_at), mailed=was == Outcome.DUPLICATE)
    act.promise(wording.next_word(ticket.owner), due_at, Promise.Kind.UPDATE)


def escalate(act, reason, tried="", body=""):
    guards.refuse_unless(
        reason in Escalation.Reason.values, _("Choose why a manager should look at it.")
    )
    guards.refuse_unless(act.open_escalation() is None, _("A manager has been asked already."))
    if body:
        _write(act, Type.ESCALATION, body, ())
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
    take_on(act)
    made = guards.dated(promises, act.now)
    act.settle_escalations(outcome)
    act.our_turn()
    _write(act, Type.REPLY, body, made, **written)


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


def _watch_for_a_runaround(act):
    """Handed over a second time, a ticket is the managers' to look at."""
    handed_over = act.ticket.events.filter(type="assign").count() + 1
    if handed_over >= RUNAROUND:
        mail.queue_alert("runaround", act.ticket, people.managers(), now=act.now, of=act.ticket)


# --- What several of them share ---------------------------------------------


def take_on(act):
    """Whoever writes on an unclaimed ticket has it, and the history says so."""
    guards.not_about(act.ticket, act.by)
    if act.ticket.owner is None:
        act.ticket.owner = act.by
        stage = act.ticket.stage
        act.enter(
            Stage.UNDERSTANDING if stage == Stage.GREETING else stage,
            "claim",
            owner=act.by.pk,
            via=act.name,
        )
        if act.target == Stage.GREETING:
            act.target = Stage.UNDERSTANDING


def _write(act, type, body, made, **written):
    message = act.write(type, checked_body(body), promises_made=made, **written)
    act.data["message"] = message.pk
    return message


def _decide(act, knowledge, reason, articles, cause):
    """What the next customer gains from this answer, and what angered this one."""
    ticket = act.ticket
    articles = list(articles or ())
    guards.knowledge_decided(ticket, knowledge, reason, articles)
    guards.cause_known(ticket, cause)
    ticket.knowledge = knowledge or ticket.knowledge
    ticket.knowledge_reason = (reason or ticket.knowledge_reason)[:200]
    ticket.complaint_cause = cause or ticket.complaint_cause
    act.data.update(knowledge=ticket.knowledge, cause=ticket.complaint_cause)
    for article in articles:
        link_article(act, article)


def link_article(act, article):
    TicketArticleLink.objects.get_or_create(
        ticket=act.ticket,
        article=article,
        relation=TicketArticleLink.Relation.SOLVED_BY,
        defaults={
            "by": act.by,
            "at": act.now,
            "article_existed_before": article.created_at <= act.ticket.received_at,
        },
    )
    demand.refresh(article)


def _ask_whether_it_settled(act):
    """Part of the same mail as the answer; on the page it stands on its own."""
    act.wait_for_customer()
    answer = act.message
    act.say(Type.VERIFICATION, wording.verification(), mailed=False)
    act.message = answer


def _put_right_at_once(act, plans):
    """A complaint or request mended on the spot: its promise is made and kept in one message."""
    ticket = act.ticket
    if not guards.needs_a_date(ticket) or promises.had_a_dated_promise(ticket):
        return
    plans = [p for p in plans or () if (p.get("what") or "").strip()]
    for plan in plans or [{"what": ticket.need_statement or ticket.subject}]:
        promise = act.promise(plan["what"].strip(), act.now, remedy=plan.get("remedy") or "")
        act.settle(promise)


ROAD = [Stage.GREETING, Stage.UNDERSTANDING, Stage.AGREEING, Stage.DELIVERING, Stage.CLOSING,
        Stage.CLOSED]  # fmt: skip
BY = {
    Stage.UNDERSTANDING: "claim",
    Stage.AGREEING: "state_need",
    Stage.DELIVERING: "send_plan",
    Stage.CLOSING: "resolve",
}


def _pass_through(act, goal):
    """An event for each stage between here and the goal, whose own event is the move's."""
    via = act.name
    between = ROAD[ROAD.index(act.ticket.stage) + 1 : ROAD.index(goal)]
    for stage in between:
        act.enter(stage, BY[stage], via=via, message=act.message.pk)
    act.target = goal


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


def _hand_over_messages(act, survivor):
    """Copy what the customer said; the original keeps its own, unedited."""
    for message in act.ticket.messages.filter(direction=Message.Direction.IN):
        copy = survivor.messages.create(
            direction=message.direction,
            author_kind=message.author_kind,
            type=Type.ADDITION,
            body=message.body,
            channel=message.channel,
            at=message.at,
        )
        for file in message.attachments.all():
            file.pk, file.message = None, copy
            file.save(force_insert=True)
    survivor.version += 1
    survivor.save(update_fields=["version"])
    TicketEvent.objects.create(
        ticket=survivor,
        type="took_over",
        from_stage=survivor.stage,
        to_stage=survivor.stage,
        actor=act.by,
        actor_kind=act.actor,
        at=act.now,
        data={"from": act.ticket.pk},
    )
