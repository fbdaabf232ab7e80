"""Who works here, and what keeps the house running."""

from portal.models.housekeeping import Chore
from portal.models.people import User

__all__ = ["Chore", "User"]
