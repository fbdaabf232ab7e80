"""Two taps and a line: what a customer says of how we handled their request."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from feedback.models import FactorAnswer, SurveyFactor, SurveyResponse, Ticket
from feedback.workflow import MoveRefused

MAX_FACTORS = 6


def offered(ticket) -> list[SurveyFactor]:
    """The factors that have to do with this kind of request, six at most."""
    factors = SurveyFactor.objects.filter(is_active=True)
    return [f for f in factors if not f.kinds or ticket.kind in f.kinds][:MAX_FACTORS]


def is_open(ticket) -> bool:
    """Whether this customer is asked: after our answer; never for kind words or about safety."""
    answered = [
        "",
        Ticket.Outcome.SATISFIED,
        Ticket.Outcome.UNANSWERED,
        Ticket.Outcome.FINAL,
    ]
    return (
        ticket.stage in (Ticket.Stage.CLOSING, Ticket.Stage.CLOSED)
        and ticket.outcome in answered
        and not ticket.is_safety_concern
    )


@transaction.atomic
def record(ticket, *, score=None, is_settled=None, signs=None, comment="") -> SurveyResponse:
    """Keep the one answer of this ticket; answering again changes it.

    `signs` maps a factor's id to 1 (went well) or -1 (to improve). Factors that were
    offered and left out are kept as not mentioned, so that shares have their base.
    """
    if not is_open(ticket):
        raise MoveRefused(_("This opens once your request has been answered."))
    if score is not None and score not in range(1, 6):
        raise MoveRefused(_("Choose from one to five."))
    Ticket.objects.select_for_update().get(pk=ticket.pk)
    response, is_new = SurveyResponse.objects.update_or_create(
        ticket=ticket,
        defaults={
            "score": score,
            "is_settled": is_settled,
            "comment": comment.replace("\x00", "").strip()[:2000],
            "at": timezone.now(),
        },
    )
    _keep_factors(response, offered(ticket), signs or {})
    ticket.events.create(
        type="survey",
        from_stage=ticket.stage,
        to_stage=ticket.stage,
        actor_kind="customer",
        data={"score": score, "is_first": is_new},
    )
    return response


def _keep_factors(response, factors, signs):
    chosen = {int(pk): int(sign) for pk, sign in signs.items()}
    response.factors.exclude(factor__in=factors).delete()
    for factor in factors:
        sign = chosen.get(factor.pk, 0)
        FactorAnswer.objects.update_or_create(
            response=response,
            factor=factor,
            defaults={"sign": (sign > 0) - (sign < 0)},
        )
