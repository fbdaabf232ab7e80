"""The moves that answer: each decides what the next customer gains from it."""

from django.utils.translation import gettext as _

from feedback import wording
from feedback.models import Message, Promise, Ticket, TicketArticleLink
from feedback.promises import had_a_dated_promise
from feedback.workflow import guards
from feedback.workflow.act import checked_body

Stage, Kind, Type = Ticket.Stage, Ticket.Kind, Message.Type
Knowledge, Outcome = Ticket.Knowledge, Ticket.Outcome


def resolve(
    act, body, knowledge="", knowledge_reason="", articles=(), complaint_cause="", **written
):
    guards.nothing_left_open(act)
    guards.a_way_to_deliver(act.ticket, ())
    _decide(act, knowledge, knowledge_reason, articles, complaint_cause)
    act.write(Type.RESOLUTION, body, (), **written)
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
    """One message that restates, answers and asks whether it settled; no stage is skipped.

    A compliment is thanked for instead: nothing is asked, and the thanks close it.
    """
    ticket = act.ticket
    body = checked_body(body)
    act.take_on()
    guards.nothing_left_open(act)
    knowledge = knowledge or (Knowledge.LINKED if articles else "")
    _decide(act, knowledge, knowledge_reason, articles, complaint_cause)
    ticket.need_statement = (
        need or ticket.need_statement or ticket.subject or ticket.original_words
    ).strip()[:1000]
    act.our_turn()
    is_thanks = ticket.kind == Kind.COMPLIMENT
    act.write(Type.THANK_YOU if is_thanks else Type.RESOLUTION, body, (), **written)
    right = [plan for plan in promises or () if (plan.get("what") or "").strip()]
    _keep_at_once(act, right or [{"what": ticket.need_statement}])
    _pass_through(act, Stage.CLOSING)
    if is_thanks:
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
    act.take_on()
    knowledge = knowledge or ticket.knowledge or (Knowledge.LINKED if articles else "")
    if not knowledge:
        knowledge = Knowledge.NOT_NEEDED
        knowledge_reason = knowledge_reason or _("A manager's final answer.")
    _decide(act, knowledge, knowledge_reason, articles, complaint_cause)
    ticket.need_statement = ticket.need_statement or ticket.subject or ticket.original_words[:1000]
    act.write(Type.FINAL, f"{checked_body(body)}\n\n{checked_body(options)}", (), **written)
    _keep_at_once(act, [{"what": _("Our final answer"), "kind": Promise.Kind.DECISION}])
    _pass_through(act, Stage.CLOSED)
    act.close(Outcome.FINAL)


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
        act.link(article, TicketArticleLink.Relation.SOLVED_BY)


def _ask_whether_it_settled(act):
    """Part of the same mail as the answer; on the page it stands on its own."""
    act.wait_for_customer()
    answer = act.message
    act.say(Type.VERIFICATION, wording.verification(), mailed=False)
    act.message = answer


def _keep_at_once(act, plans):
    """What was owed is done in the very message that says so: promised and kept in one."""
    if not guards.needs_a_date(act.ticket) or had_a_dated_promise(act.ticket):
        return
    for plan in plans:
        kind, remedy = plan.get("kind"), plan.get("remedy")
        act.settle(act.promise(plan["what"].strip(), act.now, kind, remedy))


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
