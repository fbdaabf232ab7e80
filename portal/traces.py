"""What readers' pages write into the journal; machines and colleagues leave no trace there."""

from kb import journal, visits, voting
from portal.viewers import viewer


def leave(request, kind, **facts):
    """One line about this visit, unless it is a machine's or a colleague's."""
    if not visits.is_bot(request) and viewer(request) is None:
        journal.record(kind, visit=visits.visit_key(request), **facts)


def vote(request, article, *, value, reason="", comment=""):
    """A reader's vote. What a colleague has to say is a flag, and counts for no customer."""
    colleague = viewer(request)
    if colleague is None:
        key = visits.visit_key(request)
        voting.cast(article, visit_key=key, value=value, reason=reason, comment=comment)
    elif reason or comment.strip():
        voting.flag(article, reason=reason, comment=comment.strip(), by=colleague)
