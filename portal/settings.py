"""Every setting of Askwell, read from top to bottom.

Deployments differ by environment variables only; README.md lists them all.
Each default is the safe one: what is not said is off.
"""

import atexit
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()

# --- Where things are -------------------------------------------------------

BASE_DIR = Path(__file__).resolve().parent.parent
TESTING = "pytest" in sys.modules
DATA_DIR = Path(env("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
if TESTING:  # never a folder that matters to somebody
    DATA_DIR = Path(tempfile.mkdtemp(prefix="askwell-tests-"))
    atexit.register(shutil.rmtree, DATA_DIR, ignore_errors=True)
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
INDEX_DIR = DATA_DIR / "index"
ATTACHMENT_DIR = DATA_DIR / "attachments"
PICTURE_DIR = DATA_DIR / "pictures"
MAIL_DIR = DATA_DIR / "mail"
JOURNAL_DIR = DATA_DIR / "journal"

# --- Who we are to the outside ----------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
PORT = env.int("PORT", default=8000)
SITE_URL = env("SITE_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
IS_HTTPS = SITE_URL.startswith("https://")
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=sorted({urlsplit(SITE_URL).hostname, "127.0.0.1", "localhost"})
)
CSRF_TRUSTED_ORIGINS = [SITE_URL]
# How many proxies of ours stand in front; 0 means the connection's own address counts.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
STAFF_MFA = env("STAFF_MFA", default="optional" if DEMO or TESTING else "required")
# The worker asks our own pages at SITE_URL every minute: what availability is counted from.
PROBES = env("PROBES", default="off" if TESTING else "on") != "off"
RATE_LIMITS = env("RATE_LIMITS", default="on") != "off"
if not (RATE_LIMITS or DEMO or TESTING):
    raise ImproperlyConfigured("RATE_LIMITS=off is accepted only with DEMO=1.")


def read_secret_key():
    """The key all signatures rest on: the variable, else the file `make run` wrote."""
    if key := env("SECRET_KEY", default=""):
        return key
    try:
        return (DATA_DIR / "secret_key").read_text().strip()
    except FileNotFoundError:
        if TESTING:
            return "only for tests, never for a server that listens"
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Give it a long random value and keep it secret; "
            "`make run` writes one for a first look."
        ) from None


SECRET_KEY = read_secret_key()
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

# --- The parts --------------------------------------------------------------

INSTALLED_APPS = [
    # Ours stand first, so that our admin templates and styles are the ones found.
    "portal",
    "portal.analytics",
    "feedback",
    "kb",
    "portal.admin_config.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "django.contrib.humanize",
    "django.forms",  # its templates; ours may stand in front of them
    "haystack",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_prose_editor",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]

MIDDLEWARE = [
    "portal.metrics.watched",
    "portal.middleware.client_address",
    "portal.middleware.browser_rules",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "portal.middleware.known_methods",
    "portal.middleware.without_nul",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.middleware.pictures",
    "portal.middleware.private_pages",
    "portal.middleware.PackedPages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.signin.sessions.staff_sessions",
    "portal.audit.viewed",
    "portal.middleware.Trouble",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context_processors.organisation",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False

# --- Data -------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'db.sqlite3'}")}
DATABASES["default"]["CONN_MAX_AGE"] = 60
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE: a transaction that will write takes its turn at the start, so that
    # none fails halfway with "locked". FULL: an acknowledged request is on the disk
    # before the acknowledgement leaves.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON",
        **DATABASES["default"].get("OPTIONS", {}),
    }
    if TESTING:
        # A file, as in production: in memory, a server under test and the test itself
        # would share one connection and step into each other's transactions.
        DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}
# ATOMIC_REQUESTS stays off: every page view would take the one write lock.
WEB_THREADS = env.int("WEB_THREADS", default=4)  # of each web process, as gunicorn.conf.py has it

CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://")}
CACHE_IS_SHARED = CACHES["default"]["BACKEND"].endswith("RedisCache")
if CACHE_IS_SHARED:  # a cache that is away must not hold a page up
    CACHES["default"]["OPTIONS"] = {"socket_timeout": 1, "socket_connect_timeout": 1}
    if TESTING:  # tests run side by side, and one of them empties its cache
        server, number = CACHES["default"]["LOCATION"].rsplit("/", 1)
        beside = env("PYTEST_XDIST_WORKER", default="gw0").removeprefix("gw")
        CACHES["default"]["LOCATION"] = f"{server}/{int(number) + int(beside)}"
# Readers' pages are kept ready for a minute, or until what they show changes (portal.kept).
KEEP_PAGES = not (DEBUG or TESTING)

HAYSTACK_CONNECTIONS = {
    # What visitors search: public articles only, so that internal words change nothing for them.
    "default": {"ENGINE": "kb.search.backend.Engine", "PATH": INDEX_DIR / "public"},
    # What staff search: internal articles and drafts too.
    "staff": {"ENGINE": "kb.search.backend.Engine", "PATH": INDEX_DIR / "staff"},
}
SEARCH_URL = env("SEARCH_URL", default="")
if SEARCH_URL:
    HAYSTACK_CONNECTIONS = {
        name: {"ENGINE": "kb.search.solr.Engine", "URL": f"{SEARCH_URL}/{core}"}
        for name, core in (("default", "askwell_public"), ("staff", "askwell_staff"))
    }
# A model of meaning multiplies small matrices; threads would only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
HAYSTACK_SIGNAL_PROCESSOR = "kb.search.keeping.ChangeRecorder"

# --- Mail -------------------------------------------------------------------

if EMAIL_URL := env("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
else:  # one file a mail, to be read with any mail program
    EMAIL_BACKEND = "feedback.mail.FolderBackend"
    EMAIL_FILE_PATH = MAIL_DIR
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=20)
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="help@askwell.example")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
MAIL_DOMAIN = DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")

# --- People -----------------------------------------------------------------

AUTH_USER_MODEL = "portal.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "portal.signin.passwords.NotOurName"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
LOGOUT_REDIRECT_URL = "account_login"
PASSWORD_RESET_TIMEOUT = 3600

# Sign-in of the staff: portal/signin says why. Limits are ours, shared by all processes.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "portal.signin.adapter.StaffAdapter"
ACCOUNT_FORMS = {
    "login": "portal.signin.forms.SignInForm",
    "reset_password": "portal.signin.forms.ResetForm",
    "change_password": "portal.signin.forms.NewPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_EMAIL_VERIFICATION = "none"  # addresses are given by whoever invites
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = False
MFA_ADAPTER = "portal.signin.adapter.SecondFactorAdapter"
MFA_FORMS = {
    "activate_totp": "portal.signin.forms.FirstCodeForm",
    "authenticate": "portal.signin.forms.CodeForm",
    "reauthenticate": "portal.signin.forms.CodeAgainForm",
    "authenticate_webauthn": "portal.signin.forms.SecondPasskeyForm",
    "login_webauthn": "portal.signin.forms.PasskeyForm",
    "reauthenticate_webauthn": "portal.signin.forms.PasskeyAgainForm",
    "add_webauthn": "portal.signin.forms.NewPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # a passkey alone is then both factors
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_HTTPS
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1
MFA_TOTP_ISSUER = urlsplit(SITE_URL).hostname

# Single sign-on, for those who were invited: needs requirements/scale.txt.
# The provider's name for itself, to the letter.
OIDC_SERVER = env("OIDC_SERVER", default="")
if OIDC_SERVER:
    INSTALLED_APPS += ["allauth.socialaccount", "allauth.socialaccount.providers.openid_connect"]
    SOCIALACCOUNT_ADAPTER = "portal.signin.single_sign_on.InvitedOnly"
    SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # a verified address finds the invited account
    SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
    OIDC_APP = {
        "provider_id": "staff",
        "name": env("OIDC_NAME", default="single sign-on"),
        "client_id": env("OIDC_CLIENT_ID"),
        "secret": env("OIDC_CLIENT_SECRET"),
        "settings": {"server_url": OIDC_SERVER.rstrip("/"), "oauth_pkce_enabled": True},
    }
    SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [OIDC_APP],
            "provider_class": "portal.signin.single_sign_on.Provider",
        }
    }

# --- Cookies and headers ----------------------------------------------------
# Customers get no cookie at all; these are the staff's.

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_NAME = "__Host-session" if IS_HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_HTTPS else "csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no third cookie
# A page left open over a new sign-in: what was typed is shown, not lost.
CSRF_FAILURE_VIEW = "feedback.signed_out.csrf_failure"
SESSION_COOKIE_AGE = 12 * 3600
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = ["^(healthz|readyz)$"]  # machines are answered or refused, never led on
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        # The nonce appears only on the few admin pages that ask for it.
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}

if OIDC_SERVER:  # the form that starts single sign-on leads there
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"].append(
        "{0.scheme}://{0.netloc}".format(urlsplit(OIDC_SERVER))
    )

# --- Languages, dates, files ------------------------------------------------

LANGUAGE_CODE = env("LANGUAGE_CODE", default="en")
TIME_ZONE = env("TIME_ZONE", default="UTC")
USE_TZ = True
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "portal.formats"

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = DEBUG or TESTING
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": ATTACHMENT_DIR},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# A ClamAV daemon that files are shown to before they are taken: /run/clamav/clamd.ctl or host:3310.
SCANNER = env("SCANNER", default="")
if SCANNER and not re.fullmatch(r"/.+|[^/:]+:\d+", SCANNER):
    raise ImproperlyConfigured("SCANNER is the path of a socket, or host:port.")
# An ask form may carry ten files of 10 MB; what is larger is refused before it is read whole.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 40
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- Logs: no personal datum, no search word, no token ------------------------

# Who hears of faults of ours by mail; and the word that opens /metrics. Both off when unset.
ERRORS_TO = env.list("ERRORS_TO", default=[])
METRICS_TOKEN = env("METRICS_TOKEN", default="")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "portal.logs.Line"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
        "gather": {"class": "portal.errors.Gather", "formatter": "line", "level": "ERROR"},
    },
    "root": {"handlers": ["stderr", *(["gather"] if ERRORS_TO else [])], "level": "WARNING"},
    # Django's own handlers would print addresses and words beside ours.
    "loggers": {"django": {"handlers": [], "level": "WARNING"}},
}
