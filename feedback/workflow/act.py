"""One move while it happens."""

from datetime import timedelta
from functools import cached_property

from django.utils.translation import gettext as _

from feedback import files as file_store
from feedback import mail, placeholders, promises, situations, tone, wording
from feedback.hours import Calendar
from feedback.models import Escalation, Message, Promise, Ticket, TicketArticleLink
from feedback.people import UNSETTLED, is_manager
from feedback.workflow import guards
from feedback.workflow.errors import MoveRefused
from kb import demand

REMIND_AFTER_WORKING_DAYS = 3
REOPEN_DAYS = 30
MAX_BODY = 50_000

Stage, WaitingOn, Type = Ticket.Stage, Ticket.WaitingOn, Message.Type


class Act:
    """A locked ticket, who moves it, and what the move leaves behind.

    An effect says what happens through these verbs; `finish` then makes sure that an
    open ticket has a next date, and hands the mails to the outbox.
    """

    def __init__(self, ticket, name, *, by, actor, now, raised=()):
        self.ticket = ticket
        self.name = name
        self.by = by
        self.actor = actor
        self.now = now
        self.raised = raised
        self.target = None
        self.data = {}
        self.message = None
        self._mails = []
        self._created = []

    @cached_property
    def calendar(self):
        return Calendar.load()

    # What is written down

    def record(self, type, **data):
        """Write an event that changes no stage."""
        return self.enter(self.ticket.stage, type, **data)

    def enter(self, stage, type=None, **data):
        """Go on to a stage, with the event that says so."""
        event = self.ticket.events.create(
            type=type or self.name,
            from_stage=self.ticket.stage,
            to_stage=stage,
            actor=self.by,
            actor_kind=self.actor,
            at=self.now,
            data=data,
        )
        self.ticket.stage = stage
        return event

    # What is said

    def hear(self, body, files=(), type=Type.ADDITION):
        """The customer's words, kept as they are."""
        message = self.ticket.messages.create(
            direction=Message.Direction.IN,
            author_kind=Message.AuthorKind.CUSTOMER,
            type=type,
            body=body,
            channel=self.ticket.channel,
            at=self.now,
        )
        file_store.attach(message, files)
        self.data["heard"] = message.pk
        self.ticket.situation = situations.detect(self.ticket, body)
        return message

    def write(self, type, body, made=(), *, choices=None, canned_reply=None, files=(), articles=()):
        """A person's words to the customer: the word that keeps what a word can keep.

        `articles` are those the words point to; each use counts for them.
        """
        body = checked_body(body)
        guards.a_time_for_our_mistake(self.ticket, body, made, canned_reply)
        first = min((p["due_at"] for p in made), default=None)
        body = placeholders.fill_due(body, first or self.next_word_due)
        message = self._say(
            type,
            body,
            author=self.by,
            author_kind=Message.AuthorKind.CSR,
            choices=choices,
            canned_reply=canned_reply,
            tone_report=tone.report(body, self.raised),
        )
        self.data["message"] = message.pk
        file_store.attach(message, files)
        self.ticket.first_replied_at = self.ticket.first_replied_at or self.now
        self._keep_what_a_word_keeps()
        for promise in made:
            self.promise(**promise)
        for article in articles:
            self.link(article, TicketArticleLink.Relation.RELATED)
        return message

    def link(self, article, relation):
        """The ticket and the article have to do with each other from now on."""
        TicketArticleLink.objects.get_or_create(
            ticket=self.ticket,
            article=article,
            relation=relation,
            defaults={
                "by": self.by,
                "at": self.now,
                "article_existed_before": article.created_at <= self.ticket.received_at,
            },
        )
        demand.refresh(article)

    def say(self, type, body, *, mailed=True):
        """The system's own words; about a safety concern nothing goes out by itself."""
        mailed = mailed and not self.ticket.is_safety_concern
        return self._say(type, body, author_kind=Message.AuthorKind.SYSTEM, mailed=mailed)

    def _say(self, type, body, *, mailed=True, **fields):
        self.message = self.ticket.messages.create(
            direction=Message.Direction.OUT, type=type, body=body, at=self.now, **fields
        )
        if mailed:
            self._mails.append(self.message)
        return self.message

    # What is promised

    def promise(self, what, due_at, kind=Promise.Kind.ACTION, remedy="", steps=(), renews=None):
        promise = self.ticket.promises.create(
            kind=kind or Promise.Kind.ACTION,
            what=what[:300],
            due_at=due_at,
            remedy=remedy or "",
            steps=list(steps),
            made_by=self.by,
            made_at=self.now,
            message=self.message,
            renews=renews,
        )
        self.record("promise_made", promise=promise.pk, kind=promise.kind)
        return promise

    def promise_next_word(self, due_at=None):
        """By when the customer hears from us again, in the message just said."""
        what = wording.next_word(self.ticket.owner)
        self.promise(what, due_at or self.next_word_due, Promise.Kind.UPDATE)

    def _keep_what_a_word_keeps(self):
        kinds = list(promises.KEPT_BY_A_WORD)
        if is_manager(self.by):
            kinds.append(Promise.Kind.MANAGER)
        for promise in self.ticket.promises.open().filter(kind__in=kinds):
            self.settle(promise)

    def settle(self, promise):
        promises.settle(promise, self.now)
        self.record("promise_settled", promise=promise.pk, state=promise.state)

    def release_promises(self, reason=""):
        for promise in self.ticket.promises.open():
            promises.release(promise, self.now, reason)
            self.record("promise_released", promise=promise.pk)

    # Whose turn it is

    def wait_for_customer(self):
        self.ticket.waiting_on = WaitingOn.CUSTOMER
        self.ticket.remind_at = self.calendar.add_working_days(self.now, REMIND_AFTER_WORKING_DAYS)
        self.ticket.reminded_at = None

    def our_turn(self):
        """Ours again, or the manager's while one is to answer."""
        is_escalated = self.open_escalation() is not None
        self.ticket.waiting_on = WaitingOn.MANAGER if is_escalated else WaitingOn.US
        self.ticket.remind_at = self.ticket.reminded_at = None

    def take_on(self):
        """Whoever writes on an unclaimed ticket has it, and the history says so."""
        guards.not_about(self.ticket, self.by)
        if self.ticket.owner is None:
            self.ticket.owner = self.by
            is_new = self.ticket.stage == Stage.GREETING
            stage = Stage.UNDERSTANDING if is_new else self.ticket.stage
            self.enter(stage, "claim", owner=self.by.pk, via=self.name)
            if self.target == Stage.GREETING:
                self.target = Stage.UNDERSTANDING

    def open_escalation(self):
        return self.ticket.escalations.filter(state__in=UNSETTLED).first()

    def settle_escalations(self, outcome=""):
        for escalation in self.ticket.escalations.filter(state__in=UNSETTLED):
            escalation.state = Escalation.State.ANSWERED
            escalation.settled_at = self.now
            escalation.outcome = outcome[:200]
            escalation.save(update_fields=["state", "settled_at", "outcome"])
            self.record("escalation_settled", escalation=escalation.pk)

    def close(self, outcome):
        """What every closing has in common; the event is the table's."""

        self.release_promises()
        self.settle_escalations()
        self.ticket.escalations.exclude(state=Escalation.State.DONE).update(
            state=Escalation.State.DONE
        )
        self.ticket.outcome = outcome
        self.data["outcome"] = outcome
        self.ticket.closed_at = self.now
        self.ticket.reopen_until = self.now + timedelta(days=REOPEN_DAYS)
        self.ticket.waiting_on = WaitingOn.US
        self.ticket.remind_at = self.ticket.reminded_at = None

    def finish(self):
        if self.ticket.is_open:
            self._see_to_a_next_date()
        self.ticket.priority = situations.priority(self.ticket)
        self.ticket.next_due_at = self._earliest_date()
        self.ticket.version += 1
        self.ticket.save()
        for message in self._mails:
            mail.queue_message(
                self.ticket, message, now=self.now, is_automatic=self.actor == "clock"
            )

    @cached_property
    def next_word_due(self):
        return promises.next_word_due(self.ticket, self.now, self.calendar)

    def _see_to_a_next_date(self):
        """No open ticket without a date: what else is not promised, the next word is."""
        is_waiting = self.ticket.waiting_on == WaitingOn.CUSTOMER and self.ticket.remind_at
        is_promised = self.ticket.promises.filter(
            state=Promise.State.OPEN, due_at__gt=self.now
        ).exists()
        if is_waiting or is_promised:
            return
        if self.message is None:
            words = wording.heard if self.actor == "customer" else wording.you_will_hear
            self.say(Type.NEWS, words(self.ticket.owner, self.next_word_due), mailed=False)
        self.promise_next_word()

    def _earliest_date(self):
        if not self.ticket.is_open:
            return None
        dates = list(self.ticket.promises.open().values_list("due_at", flat=True))
        if self.ticket.remind_at:
            dates.append(self.ticket.remind_at)
        return min(dates, default=None)


def checked_body(body):
    """Words that may go out: some, not endless, without gaps."""

    body = (body or "").replace("\r\n", "\n").strip()
    if not body:
        raise MoveRefused(_("Write a line to the customer first."))
    if len(body) > MAX_BODY:
        raise MoveRefused(
            _("The message has %(n)s characters; up to %(max)s fit. Your words are kept.")
            % {"n": len(body), "max": MAX_BODY}
        )
    if "\x00" in body:
        raise MoveRefused(_("The message holds a character that no mail can carry (NUL)."))
    gaps = [gap for gap in placeholders.unresolved(body) if gap != "due"]
    if gaps:
        raise MoveRefused(
            _("Fill these gaps first: %s.") % ", ".join("{" + gap + "}" for gap in gaps)
        )
    return body
