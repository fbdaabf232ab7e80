"""The table: who may make which move, from which stages, to which one."""

from collections.abc import Callable
from dataclasses import dataclass

from feedback.models import Ticket
from feedback.workflow import answering, aside, clock, customer, staff

Stage = Ticket.Stage
G, U, A, D, C, X = (
    Stage.GREETING,
    Stage.UNDERSTANDING,
    Stage.AGREEING,
    Stage.DELIVERING,
    Stage.CLOSING,
    Stage.CLOSED,
)
EARLY = (G, U, A, D)
OPEN = (G, U, A, D, C)
STAFF, OWNER, MANAGER, CUSTOMER, CLOCK = "staff", "owner", "manager", "customer", "clock"


@dataclass(frozen=True)
class Move:
    """One line: from these stages, to this one (None: it stays), made by whom, with what effect."""

    sources: tuple[str, ...]
    target: str | None
    who: str
    effect: Callable


MOVES = {
    # whose it is
    "claim": Move(OPEN, None, STAFF, staff.claim),
    "release": Move(OPEN, None, OWNER, staff.release),
    "assign": Move(OPEN, None, STAFF, staff.assign),
    # understanding, agreeing, delivering
    "ask": Move((G, U, A, D), None, OWNER, staff.ask),
    "state_need": Move((U,), A, OWNER, staff.state_need),
    "confirm_need": Move((A, D, C), None, CUSTOMER, customer.confirm_need),
    "correct_need": Move((A,), U, CUSTOMER, customer.correct_need),
    "send_plan": Move((A,), D, OWNER, staff.send_plan),
    "accept_plan": Move((D,), None, CUSTOMER, customer.accept_plan),
    "change_plan": Move((A, D), U, CUSTOMER, customer.change_plan),
    "choose_option": Move((A,), D, CUSTOMER, customer.choose_option),
    "reply": Move(OPEN, None, OWNER, staff.reply),
    "keep_promise": Move(OPEN, None, OWNER, staff.keep_promise),
    "keep_step": Move(OPEN, None, OWNER, staff.keep_step),
    "renew_promise": Move(OPEN, None, OWNER, staff.renew_promise),
    "release_promise": Move(OPEN, None, OWNER, staff.release_promise),
    "assume_agreement": Move((D,), None, CLOCK, clock.assume_agreement),
    # closing
    "resolve": Move((D,), C, OWNER, answering.resolve),
    "answer_now": Move(EARLY, C, OWNER, answering.answer_now),
    "confirm": Move((C,), X, CUSTOMER, customer.confirm),
    "not_yet": Move((C,), A, CUSTOMER, customer.not_yet),
    "final_answer": Move(OPEN, X, MANAGER, answering.final_answer),
    "remind": Move(OPEN, None, CLOCK, clock.remind),
    "close_unanswered": Move((C,), X, CLOCK, clock.close_unanswered),
    "go_on": Move(EARLY, None, CLOCK, clock.go_on),
    "late_notice": Move(OPEN, None, CLOCK, clock.late_notice),
    "move_escalation": Move(OPEN, None, CLOCK, clock.move_escalation),
    # the customer's own
    "add_message": Move((*OPEN, X), None, CUSTOMER, customer.add_message),
    "ask_manager": Move(OPEN, None, CUSTOMER, customer.ask_manager),
    "told_already": Move(OPEN, None, CUSTOMER, customer.told_already),
    "withdraw": Move(OPEN, X, CUSTOMER, customer.withdraw),
    # not a ticket after all
    "mark_duplicate": Move(OPEN, X, STAFF, aside.mark_duplicate),
    "mark_spam": Move(OPEN, X, STAFF, aside.mark_spam),
    "undo_close": Move((X,), None, MANAGER, aside.undo_close),
    # managers
    "escalate": Move(OPEN, None, OWNER, staff.escalate),
    "acknowledge_escalation": Move(OPEN, None, MANAGER, staff.acknowledge_escalation),
    "answer_escalation": Move(OPEN, None, MANAGER, staff.answer_escalation),
    # what we noticed
    "change_kind": Move(EARLY, None, STAFF, staff.change_kind),
    "set_facts": Move(OPEN, None, STAFF, staff.set_facts),
    "mark_mistake": Move(OPEN, None, STAFF, staff.mark_mistake),
    "set_safety": Move(OPEN, None, STAFF, staff.set_safety),
}
