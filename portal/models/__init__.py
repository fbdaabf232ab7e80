"""Who works here, what they did, and what keeps the house running."""

from portal.models.housekeeping import Chore, Probe
from portal.models.people import User
from portal.models.trail import AuditEntry, TrailEnd, WrittenOnce

__all__ = ["AuditEntry", "Chore", "Probe", "TrailEnd", "User", "WrittenOnce"]
