"""The staff's side of feedback: the queue, the desk of one ticket, and everything editable."""

from feedback.admin import known_issues, organisation, records, ticket, words

__all__ = ["known_issues", "organisation", "records", "ticket", "words"]
