"""What allauth asks the house: who may come in, how secrets are kept, how mail leaves."""

import base64
import hashlib

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.http import url_has_allowed_host_and_scheme

from portal import limits
from portal.signin import devices, letters


class StaffAdapter(DefaultAccountAdapter):
    """Staff are invited; nobody signs up. Guessing is slowed down, never shut."""

    def is_open_for_signup(self, request):
        return False

    def is_safe_url(self, url):
        """Only a path leads on: to a browser each other name of ours is another site."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def pre_authenticate(self, request, **credentials):
        limits.spend("sign-in", request)
        name = credentials.get("username") or credentials.get("email") or ""
        # A browser this colleague has signed in with before is counted for itself,
        # so that nobody outside can use up their attempts.
        limits.spend("sign-in", recipient=f"{name} {devices.known(request, name)}")

    def send_mail(self, template_prefix, email, context):
        message = self.render_mail(template_prefix, email, context)
        letters.post(message.to[0], message.subject, message.body, kind="account")

    def format_email_subject(self, subject):
        return subject

    def get_reset_password_from_key_url(self, key):
        return letters.reset_address(key)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets of second factors lie encrypted in the database; the key is not in it."""

    def encrypt(self, text):
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        return _box().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator):
        """Where a second factor is required, the last one stays until another is there."""
        others = authenticator.user.authenticator_set.exclude(pk=authenticator.pk)
        return settings.STAFF_MFA != "required" or others.exclude(type="recovery_codes").exists()


def _box():
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    digests = (hashlib.sha256(b"portal.signin second factors" + key.encode()) for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(d.digest())) for d in digests])
