"""Mail to colleagues, through the same outbox as all mail; and the links they carry."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import make_msgid
from django.urls import reverse
from django.utils.translation import gettext as _

from feedback.models import OutboundEmail


def post(to, subject, text, *, kind):
    """Write the mail; the worker sends it."""
    OutboundEmail.objects.create(
        kind=kind,
        to=to,
        subject=" ".join(subject.split())[:200],
        text=text,
        header_id=make_msgid(domain=settings.MAIL_DOMAIN),
    )


def reset_address(key):
    """The page for a new password, on SITE_URL: the Host header of a request is nobody's word."""
    path = reverse("account_reset_password_from_key", args=key.split("-", 1))
    return settings.SITE_URL + path


def first_link(user):
    """The link with which a colleague chooses a password: works once, for an hour."""
    return reset_address(f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}")


def invite(user, *, by=None):
    """Ask a new colleague in."""
    text = _(
        "Hello {name},\n\nan account at {site} is ready for you. Choose your password here; "
        "the link works once and for one hour:\n\n{link}\n\nYour user name is {username}.\n"
    ).format(
        name=user.get_short_name(),
        site=settings.SITE_URL,
        link=first_link(user),
        username=user.username,
    )
    post(user.email, _("Your account is ready"), text, kind="invitation")
