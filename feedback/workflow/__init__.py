"""The moves a ticket can make: one table, one function.

`table` says who may make which move from where; `guards` say what must be true first;
`staff`, `customer` and `clock` say what each leaves behind; `act` is one move while it happens.
"""

from feedback.workflow.engine import available_moves, move, note, why_not
from feedback.workflow.errors import MoveRefused, StaleTicket
from feedback.workflow.ownership import return_tickets_of
from feedback.workflow.table import MOVES

__all__ = [
    "MOVES",
    "MoveRefused",
    "StaleTicket",
    "available_moves",
    "move",
    "note",
    "return_tickets_of",
    "why_not",
]
