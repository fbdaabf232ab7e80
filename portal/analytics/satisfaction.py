"""Were they content, and what did we do when they were not? M27 to M36."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from feedback.models import Escalation, FactorAnswer, SurveyResponse, Ticket
from portal.analytics.cases import NOT_COUNTED
from portal.analytics.figures import (
    Figure,
    Part,
    Tally,
    measure,
    middle,
    once_a_window,
    share,
    share_where,
)

Outcome = Ticket.Outcome
CONTENT = 4
RUNAROUND = 2


@dataclass(slots=True, eq=False)
class Answer:
    """A survey that came back."""

    pk: int
    ticket_id: int
    score: int | None
    at: datetime


@dataclass(slots=True, eq=False)
class FactorSaid:
    pk: int
    factor_id: int
    sign: int
    at: datetime


@dataclass(slots=True, eq=False)
class Raised:
    """An escalation."""

    pk: int
    ticket_id: int
    reason: str
    raised_at: datetime
    acknowledged_at: datetime | None


def read_answers(start, end):
    rows = SurveyResponse.objects.filter(at__gte=start, at__lt=end).exclude(
        ticket__outcome__in=NOT_COUNTED
    )
    return [Answer(*row) for row in rows.values_list("pk", "ticket_id", "score", "at")]


def read_factors(start, end):
    rows = FactorAnswer.objects.filter(response__at__gte=start, response__at__lt=end)
    return [FactorSaid(*row) for row in rows.values_list("pk", "factor_id", "sign", "response__at")]


def read_escalations(start, end):
    rows = Escalation.objects.filter(raised_at__gte=start, raised_at__lt=end).exclude(
        ticket__outcome__in=NOT_COUNTED
    )
    return [
        Raised(*row)
        for row in rows.values_list("pk", "ticket_id", "reason", "raised_at", "acknowledged_at")
    ]


def closed_as(facts, window, *outcomes):
    return [case for case, closing in facts.cases.closed(window) if closing.outcome in outcomes]


def closed(facts, window):
    return [case for case, _closing in facts.cases.closed(window)]


def said_not_yet_in(case, window):
    return any(event.type == "not_yet" and event.at in window for event in case.events)


@measure(
    "M27",
    _("Confirmed satisfied"),
    _(
        "Closed because the customer said it is settled, of those, of final answers, and of "
        "tickets with a Not yet that are still open."
    ),
    is_about_people=True,
)
def confirmed_satisfied(facts, window):
    satisfied = closed_as(facts, window, Outcome.SATISFIED)
    final = closed_as(facts, window, Outcome.FINAL)
    moment = window.until_now(facts.now)
    counted = {case.pk for case in (*satisfied, *final)}
    still_open = [
        case
        for case in facts.cases.open_at(moment)
        if case.pk not in counted and said_not_yet_in(case, window)
    ]
    return share(satisfied, of=[*satisfied, *final, *still_open])


@measure(
    "M28",
    _("Closed without an answer"),
    _("Closed because the customer did not answer our question and its reminder, of all closed."),
    better=-1,
)
def closed_unanswered(facts, window):
    return share(closed_as(facts, window, Outcome.UNANSWERED), of=closed(facts, window))


@measure(
    "M29",
    _("Rated 4 or 5"),
    _("Ratings of 4 and 5, of all ratings given. Beside it how many of those asked answered."),
    is_about_people=True,
)
def rating(facts, window):
    rated = [a for a in facts.answers if a.at in window and a.score is not None]
    asked = closed_as(facts, window, Outcome.SATISFIED, Outcome.UNANSWERED, Outcome.FINAL)
    rate = len(rated) / len(asked) if asked else None
    return share_where(
        rated,
        lambda answer: answer.score >= CONTENT,
        beside=[Part("asked", _("answered, of surveys offered"), asked, rate, "percent")],
    )


def factors(facts, window):
    """(factor, tally) for each factor that was offered, in their order."""
    tallies = defaultdict(Tally)
    for said in facts.factors:
        if said.at in window:
            tally = tallies[said.factor_id]
            (tally.plus if said.sign > 0 else tally.minus if said.sign < 0 else tally.none).append(
                said
            )
    return [(one, tallies[one.pk]) for one in facts.survey_factors if one.pk in tallies]


@measure(
    "M30",
    _("What was praised and what was not"),
    _("For each factor: (plus - minus) / (plus + minus), and how often it was mentioned at all."),
    unit="count",
    better=0,
    is_about_people=True,
)
def factor_scores(facts, window):
    beside, mentioned = [], []
    for factor, tally in factors(facts, window):
        said, offered = [*tally.plus, *tally.minus], [*tally.plus, *tally.minus, *tally.none]
        mentioned += said
        label = _("%s: mentioned") % factor.name
        beside += [
            Part(f"factor-{factor.pk}", factor.name, said, tally.net, "net"),
            Part(f"asked-{factor.pk}", label, offered, len(said) / len(offered), "percent"),
        ]
    return Figure(len(mentioned), mentioned, beside=beside)


@measure(
    "M31",
    _("Escalations"),
    _("Tickets with an escalation opened in the window, for each ticket received in it."),
    better=-1,
)
def escalation_rate(facts, window):
    raised = [one for one in facts.escalations if one.raised_at in window]
    tickets = list({one.ticket_id: one for one in raised}.values())
    received = facts.cases.received(window)
    by_reason = [
        Part(f"for-{reason}", reason.label, [one for one in raised if one.reason == reason])
        for reason in Escalation.Reason
    ]
    seen = [
        (one, facts.work.minutes(one.raised_at, one.acknowledged_at))
        for one in raised
        if one.acknowledged_at
    ]
    rows = [one for one, _minutes in seen]
    until = Part("seen", _("minutes until a manager saw it"), rows, middle(seen).value, "minutes")
    return share(tickets, of=received, beside=[*by_reason, until])


@measure(
    "M32",
    _("Saved after a Not yet"),
    _("Tickets with a Not yet that ended settled, of tickets with a Not yet that were closed."),
    is_about_people=True,
)
def saved(facts, window):
    doubted = [(c, e) for c, e in facts.cases.closed(window) if c.has("not_yet", until=e.at)]
    return share(
        [case for case, end in doubted if end.outcome == Outcome.SATISFIED],
        of=[case for case, _end in doubted],
    )


@measure(
    "M33",
    _("Why customers complained"),
    _("Complaints that reached Closing, and the share of each cause among them."),
    unit="count",
    better=-1,
)
def causes(facts, window):
    reached = [
        case
        for case in facts.cases.all
        if case.kind == Ticket.Kind.COMPLAINT and case.reached_closing_in(window)
    ]
    beside = [
        _share_of(reached, f"cause-{cause}", cause.label, complaint_cause=cause)
        for cause in Ticket.Cause
    ]
    return Figure(len(reached), reached, beside=beside)


def _share_of(cases, name, label, *, complaint_cause):
    rows = [case for case in cases if case.complaint_cause == complaint_cause]
    return Part(name, label, rows, len(rows) / len(cases) if rows else None, "percent")


@measure(
    "M34",
    _("Sent from one to another"),
    _(
        "Closed after two or more changes of owner, or an “I already told you this”, of all "
        "closed; mean changes beside it."
    ),
    better=-1,
)
def runaround(facts, window):
    ended = closed(facts, window)
    mean = sum(case.owner_changes for case in ended) / len(ended) if ended else None
    return share_where(
        ended,
        lambda case: case.owner_changes >= RUNAROUND or case.has("told_already"),
        beside=[Part("mean", _("changes of owner for each"), ended, mean, "number")],
    )


@measure(
    "M35",
    _("Understood the first time"),
    _("Need statements confirmed without a correction, of those the customer answered."),
    is_about_people=True,
)
def understood(facts, window):
    answers = [
        (case, *answer)
        for case in facts.cases.all
        for answer in case.need_answers()
        if answer[0] in window
    ]
    return share(
        [case for case, _at, is_right in answers if is_right],
        of=[case for case, _at, _is_right in answers],
    )


@measure(
    "M36",
    _("Messages with words that anger"),
    _("Messages sent with at least one tone flag, of all a colleague wrote. Team level only."),
    better=-1,
    is_about_people=True,
)
def tone(facts, window):
    return share_where(_said(facts, window), lambda one: one.is_flagged)


@dataclass(slots=True, eq=False)
class ToneFlag:
    """Words the composer pointed at; the message they were meant for is its row."""

    pk: int
    is_kept: bool


@measure(
    "M36b",
    _("Words that anger, edited away"),
    _(
        "Tone flags replaced or edited away before the message was sent, of all that were "
        "raised while it was written. Team level only."
    ),
    is_about_people=True,
)
def edited_away(facts, window):
    flags = [
        ToneFlag(one.pk, hit.get("kept", True))
        for one in _said(facts, window)
        for hit in one.tone_report or ()
    ]
    return share_where(flags, lambda flag: not flag.is_kept)


@once_a_window
def _said(facts, window):
    """What colleagues wrote to customers."""
    return [one for case in facts.cases.all for one in case.said if one.at in window]
