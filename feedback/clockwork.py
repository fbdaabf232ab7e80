"""Everything that happens because time passes.

Each task looks for what is due and makes one move, or one change, for each; the move
looks again with the ticket locked. So running twice changes nothing, a kill loses
nothing, and after a night off each thing happens once.
"""

import logging

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from feedback import known_issues, mail, people, promises, situations
from feedback.hours import Calendar
from feedback.models import Escalation, Promise, Ticket, TicketEvent
from feedback.workflow import MoveRefused, move, return_tickets_of

log = logging.getLogger(__name__)


def run(now=None):
    """Everything due by now; how many things were done."""
    now = now or timezone.now()
    calendar = Calendar.load()
    return sum(task(now, calendar) for task in TASKS)


def return_tickets_of_those_who_left(now, calendar):
    gone = get_user_model().objects.filter(is_active=False, tickets__in=Ticket.objects.open())
    return sum(return_tickets_of(user) for user in gone.distinct())


def remind_owners(now, calendar):
    """Four business hours before a promise is due, its owner hears of it once."""
    horizon = calendar.add_business_minutes(now, promises.REMIND_BEFORE)
    due = _open_promises().filter(
        state=Promise.State.OPEN, reminded_at=None, due_at__gt=now, due_at__lte=horizon
    )
    done = 0
    for promise in due:
        with transaction.atomic():
            is_ours = Promise.objects.filter(pk=promise.pk, reminded_at=None).update(
                reminded_at=now
            )
            if is_ours:
                owner = promise.ticket.owner
                mail.queue_alert(
                    "due-soon", promise.ticket, [owner] if owner else [], now=now, of=promise
                )
        done += is_ours
    return done


def mark_late(now, calendar):
    late = _open_promises().filter(state=Promise.State.OPEN, due_at__lt=now)
    return sum(_mark_late(promise, now) for promise in late)


def send_late_notices(now, calendar):
    waiting = Ticket.objects.open().filter(
        is_safety_concern=False,
        promises__state=Promise.State.LATE,
        promises__notice_sent_at=None,
    )
    return _make(waiting.distinct(), "late_notice", now)


def remind_customers(now, calendar):
    return _make(_silent(now).filter(reminded_at=None), "remind", now)


def close_unanswered(now, calendar):
    silent = _silent(now).exclude(reminded_at=None)
    return _make(silent.filter(stage=Ticket.Stage.CLOSING), "close_unanswered", now) + _make(
        silent.exclude(stage=Ticket.Stage.CLOSING), "go_on", now
    )


def assume_agreement(now, calendar):
    sent = TicketEvent.objects.filter(
        ticket=OuterRef("pk"), to_stage=Ticket.Stage.DELIVERING
    ).order_by("-pk")
    proposed = Ticket.objects.filter(
        stage=Ticket.Stage.DELIVERING, agreement=Ticket.Agreement.PROPOSED
    ).annotate(proposed_at=Subquery(sent.values("at")[:1]))
    due = [t for t in proposed if calendar.add_working_days(t.proposed_at, 1) <= now]
    return _make(due, "assume_agreement", now)


def find_another_manager(now, calendar):
    """For escalations whose manager has left, or was never found."""
    orphaned = Escalation.objects.filter(state__in=people.UNSETTLED).exclude(
        to__in=people.managers()
    )
    tickets = Ticket.objects.open().filter(pk__in=orphaned.values("ticket"))
    return _make(tickets, "move_escalation", now)


def alert_about_escalations(now, calendar):
    """Past its target, an escalation is every manager's."""
    late = Escalation.objects.filter(
        state=Escalation.State.OPEN, due_at__lt=now, alerted_at=None
    ).select_related("ticket")
    done = 0
    for escalation in late:
        with transaction.atomic():
            is_ours = Escalation.objects.filter(pk=escalation.pk, alerted_at=None).update(
                alerted_at=now
            )
            if is_ours:
                mail.queue_alert(
                    "escalation-late", escalation.ticket, people.managers(), of=escalation
                )
        done += is_ours
    return done


TASKS = [
    return_tickets_of_those_who_left,
    mark_late,
    send_late_notices,
    remind_customers,
    close_unanswered,
    assume_agreement,
    find_another_manager,
    alert_about_escalations,
    known_issues.watch_next_updates,
    # Last, so that promises made above are seen in the same turn.
    remind_owners,
]


def _open_promises():
    return (
        Promise.objects.open()
        .exclude(ticket__stage=Ticket.Stage.CLOSED)
        .select_related("ticket__owner")
    )


def _silent(now):
    """Tickets whose customer has let the date pass."""
    return Ticket.objects.waiting_for_customer().filter(remind_at__lte=now, is_safety_concern=False)


@transaction.atomic
def _mark_late(promise, now):
    ticket = Ticket.objects.select_for_update().get(pk=promise.ticket_id)
    is_ours = Promise.objects.filter(
        pk=promise.pk, state=Promise.State.OPEN, due_at__lt=now
    ).update(state=Promise.State.LATE)
    if is_ours:
        ticket.events.create(
            type="promise_late",
            from_stage=ticket.stage,
            to_stage=ticket.stage,
            actor_kind="clock",
            at=now,
            data={"promise": promise.pk},
        )
        # Who has waited past a first date is seen, and served sooner.
        ticket.situation = situations.detect(ticket)
        ticket.priority = situations.priority(ticket)
        ticket.save(update_fields=["situation", "priority"])
    return is_ours


def _make(tickets, name, now):
    done = 0
    for ticket in tickets:
        try:
            move(ticket, name, actor="clock", now=now)
        except MoveRefused:
            continue  # somebody was quicker, or it is not yet due after all
        except Exception:
            # One broken ticket must not stop the clock for all others.
            log.exception("The clock could not %s ticket %s", name, ticket.pk)
            continue
        done += 1
    return done
