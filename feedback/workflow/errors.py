from django.utils.translation import gettext as _


class MoveRefused(Exception):
    """A move that may not be made now; the message says what to do instead."""


class StaleTicket(MoveRefused):
    """Somebody else has changed the ticket meanwhile; `ticket` is how it stands now."""

    def __init__(self, ticket):
        super().__init__(
            _("Something new has happened on this ticket. Your words are kept: look, then send.")
        )
        self.ticket = ticket
