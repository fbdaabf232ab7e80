"""The staff's side of feedback: the queue, the desk of one ticket, and everything editable."""

from feedback.admin import organisation, records, ticket, words

__all__ = ["organisation", "records", "ticket", "words"]
