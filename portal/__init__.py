"""The front of the house: settings, addresses and the customer's pages."""

import sys

# Python's own sqlite3 module is bound to the system's library, which on most
# machines still carries the bug that can damage a WAL database (SQLite 3.51.3
# release notes). The wheel brings a mended one; it takes the module's place
# here because this is the first code of ours that any start-up imports.
try:
    import pysqlite3
    import pysqlite3.dbapi2
except ImportError:  # not built for this platform; portal.checks names the risk
    pass
else:
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
