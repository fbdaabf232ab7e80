"""The words of the gate: what it knows, what it finds, and what it proposes instead."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class Severity(models.TextChoices):
    BLOCK = "block", _("must be replaced")
    CONFIRM = "confirm", _("to confirm")


class Kind(models.TextChoices):
    """What a place in a text may give away about a person."""

    NAME = "name", _("name of somebody we know")
    EMAIL = "email", _("e-mail address")
    PHONE = "phone", _("telephone number")
    CARD = "card", _("card number")
    IBAN = "iban", _("bank account")
    REFERENCE = "reference", _("number of this customer")
    PLACE = "place", _("address of this customer")
    COMPANY = "company", _("company of this customer")
    FILE = "file", _("name of a file they sent")
    NUMBER = "number", _("order, account or other number")
    LINK = "link", _("web address with personal parts")
    IP = "ip", _("network address")
    BIRTH = "birth", _("date of birth")
    ADDRESS = "address", _("postal address")
    PERSON = "person", _("possible name")
    AMOUNT = "amount", _("amount of money")
    DATE = "date", _("exact date")

    @property
    def severity(self):
        return Severity.BLOCK if self in _BLOCKING else Severity.CONFIRM

    @property
    def proposal(self):
        """Neutral words that say the same to everyone."""
        return _PROPOSALS[self]


_BLOCKING = {
    Kind.NAME, Kind.EMAIL, Kind.PHONE, Kind.CARD, Kind.IBAN,
    Kind.REFERENCE, Kind.PLACE, Kind.COMPANY, Kind.FILE,
}  # fmt: skip
_PROPOSALS = {
    Kind.NAME: _("the customer"),
    Kind.EMAIL: _("your e-mail address"),
    Kind.PHONE: _("your telephone number"),
    Kind.CARD: _("your card number"),
    Kind.IBAN: _("your bank account"),
    Kind.REFERENCE: _("your order number"),
    Kind.PLACE: _("your address"),
    Kind.COMPANY: _("your company"),
    Kind.FILE: _("your file"),
    Kind.NUMBER: _("your number"),
    Kind.LINK: _("the page"),
    Kind.IP: _("your network address"),
    Kind.BIRTH: _("your date of birth"),
    Kind.ADDRESS: _("your address"),
    Kind.PERSON: _("the customer"),
    Kind.AMOUNT: _("the amount"),
    Kind.DATE: _("the date"),
}


@dataclass(frozen=True)
class KnownValue:
    """Something we know about the person a text came from, to be found however it is written."""

    kind: Kind
    value: str
    proposal: str = ""


@dataclass(frozen=True)
class Hit:
    """A stretch of one field that may point at a person."""

    start: int
    end: int
    kind: Kind
    words: str
    severity: Severity
    proposal: str
    field: str = ""

    @classmethod
    def of(cls, kind, text, start, end, severity=None, proposal=""):
        return cls(
            start,
            end,
            kind,
            text[start:end],
            severity or kind.severity,
            str(proposal or kind.proposal),
        )
