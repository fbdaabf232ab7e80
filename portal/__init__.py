"""The front of the house: settings, addresses, and the pages customers see."""

import sys

try:
    # Its SQLite lacks the WAL-reset bug that the system's may have (docs/decisions/pysqlite3.md).
    # It must stand in before Django looks for `sqlite3`, and Django's settings live in here.
    import pysqlite3
except ImportError:  # not Linux: portal.checks names the version in use
    pass
else:
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
