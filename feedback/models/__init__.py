"""What customers tell us: tickets, what was said and promised, and when we are there."""

from feedback.models.customer import Customer
from feedback.models.message import Attachment, LinkRequest, Message, Note, OutboundEmail
from feedback.models.organisation import (
    ContactChannel,
    Holiday,
    KnownIssue,
    KnownIssueFollower,
    OpeningHours,
    Organisation,
    ReplyRound,
    ServiceTarget,
)
from feedback.models.promise import Escalation, Promise
from feedback.models.survey import FactorAnswer, SurveyFactor, SurveyResponse
from feedback.models.ticket import Draft, Ticket, TicketArticleLink, TicketEvent
from feedback.models.words import CannedReply, TonePair

__all__ = [
    "Attachment",
    "CannedReply",
    "ContactChannel",
    "Customer",
    "Draft",
    "Escalation",
    "FactorAnswer",
    "Holiday",
    "KnownIssue",
    "KnownIssueFollower",
    "LinkRequest",
    "Message",
    "Note",
    "OpeningHours",
    "Organisation",
    "OutboundEmail",
    "Promise",
    "ReplyRound",
    "ServiceTarget",
    "SurveyFactor",
    "SurveyResponse",
    "Ticket",
    "TicketArticleLink",
    "TicketEvent",
    "TonePair",
]
