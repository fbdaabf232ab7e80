"""Articles from a file into the knowledge base, many at once.

A record that cannot go in is named with its place and the reason; all others go in. `id` is
kept as the external id, so that a second import brings the articles up to date.
"""

from kb.importing.files import read, size
from kb.importing.records import BadRecord, check
from kb.importing.writing import Outcome, run

__all__ = ["BadRecord", "Outcome", "check", "read", "run", "size"]
