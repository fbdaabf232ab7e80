"""What readers' pages write into the journal; machines and colleagues leave no trace there."""

from kb import journal, visits
from portal.viewers import viewer


def leave(request, kind, **facts):
    """One line about this visit, unless it is a machine's or a colleague's."""
    if not visits.is_bot(request) and viewer(request) is None:
        journal.record(kind, visit=visits.visit_key(request), **facts)
