"""Bringing in a manager: who, by when, and what the customer is told."""

from feedback import mail, people, promises, wording
from feedback.models import Escalation, Message, Promise, Ticket

RUNAROUND = 2


def escalate_to_manager(act, reason, *, tried="", says):
    """An escalation and the promise that a manager writes, both in this move.

    `says` words the message to the customer; None where the CSR has written it, or
    where nothing may go out by itself.
    """
    ticket = act.ticket
    manager = people.manager_for(ticket, besides=act.by)
    minutes = promises.target_for(ticket.kind).escalation_reply
    due_at = act.calendar.add_business_minutes(act.now, minutes)
    escalation = Escalation.objects.create(
        ticket=ticket,
        raised_by=act.by,
        reason=reason,
        tried=tried,
        to=manager,
        raised_at=act.now,
        due_at=due_at,
    )
    ticket.waiting_on = Ticket.WaitingOn.MANAGER
    ticket.remind_at = ticket.reminded_at = None
    act.data.update(escalation=escalation.pk, reason=reason, manager=manager and manager.pk)
    if says is wording.manager_asked:
        act.say(Message.Type.ESCALATION, wording.manager_asked(manager, ticket.owner, due_at))
    elif says is wording.not_yet:
        act.say(Message.Type.ESCALATION, wording.not_yet(manager, due_at))
    act.promise(wording.manager_writes(manager), due_at, Promise.Kind.MANAGER)
    mail.queue_alert("escalated", ticket, [manager] if manager else [], now=act.now, of=escalation)
    return escalation


def watch_for_a_runaround(act):
    """Handed over, or told already, a second time: a ticket is the managers' to look at."""
    before = act.ticket.events.filter(type__in=["assign", "told_already"]).count()
    if before + 1 >= RUNAROUND:
        mail.queue_alert("runaround", act.ticket, people.managers(), now=act.now, of=act.ticket)
