"""How gunicorn serves Askwell; every figure can be set by a variable."""

import os

from gunicorn.http import message

bind = os.environ.get("BIND") or f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", min(4, os.cpu_count() or 1)))
# Threads let a page that waits for the disk or the write lock leave the others alone.
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", 4))
# Each process loads the code itself, so that a reload (HUP) brings a new release in.
preload_app = False
# A writer may wait 20 s for the database; the server must outlast that.
timeout = 60
graceful_timeout = 30
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
# Somebody may paste a whole letter into the search box: ten thousand letters of any script are
# answered. gunicorn itself would turn them away with a page that is not ours.
message.MAX_REQUEST_LINE = limit_request_line = 128 * 1024
# Longer headers than any page of ours needs are refused unread.
limit_request_fields = 60
limit_request_field_size = 8190
# gunicorn would open a control socket in the home folder by default.
control_socket_disable = True
# Nobody needs the client's address twice: the application reads it, TRUSTED_PROXIES says how.
forwarded_allow_ips = "127.0.0.1"
accesslog = "-" if os.environ.get("ACCESS_LOG") else None
logger_class = "portal.logs.MaskedAccessLog"
access_log_format = "%(t)s %(m)s %(U)s %(s)s %(B)s %(D)s"
