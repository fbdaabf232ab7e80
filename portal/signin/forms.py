"""allauth's forms, with the names browsers know and codes that work once."""

from allauth.account.forms import ChangePasswordForm, LoginForm, ResetPasswordForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from portal import limits

LONGEST_NAME = 254  # an address signs in too


class SignInForm(LoginForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("User name")
        # The database compares names without regard to case only up to a length.
        self.fields["login"].validators.append(MaxLengthValidator(LONGEST_NAME))
        self.fields["login"].widget.attrs.update(autocomplete="username", autofocus=True)
        self.fields["password"].help_text = ""
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)

    def add_prefix(self, field_name):
        """The field is called `username`, as password managers and scripts expect."""
        return super().add_prefix("username" if field_name == "login" else field_name)

    def user_credentials(self):
        """One name for allauth to look for: an address given twice is hashed twice where we know
        it, and the time would tell.
        """
        return {
            name: value
            for name, value in super().user_credentials().items()
            if name in ("username", "password")
        }


class ResetForm(ResetPasswordForm):
    def clean_email(self):
        """Nobody's mailbox is filled by somebody else, whether or not we know the address."""
        limits.spend("reset", recipient=self.cleaned_data["email"])
        return super().clean_email()


class NewPasswordForm(ChangePasswordForm):
    def clean_oldpassword(self):
        """A browser left open is no place to guess."""
        limits.spend("code", recipient=f"password {self.user.pk}")
        return super().clean_oldpassword()


class _CodeOnce:
    """A code is guessed at slowly and used once, whichever process is asked."""

    def clean_code(self):
        limits.spend("code", recipient=str(self.user.pk))
        code = super().clean_code()
        if not limits.is_first(f"{self.user.pk} {code}", 120):
            self.add_error("code", _("This code has been used. The next one appears shortly."))
        return code


class _AnyShape:
    """What is sent in a passkey's stead may be anything at all, by anybody."""

    def full_clean(self):
        try:
            super().full_clean()
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
            self.add_error("credential", _("This is not what a passkey answers. Try once more."))


class PasskeyForm(_AnyShape, LoginWebAuthnForm):
    pass


class SecondPasskeyForm(_AnyShape, AuthenticateWebAuthnForm):
    pass


class PasskeyAgainForm(_AnyShape, ReauthenticateWebAuthnForm):
    pass


class NewPasskeyForm(_AnyShape, AddWebAuthnForm):
    pass


class FirstCodeForm(_CodeOnce, ActivateTOTPForm):
    pass


class CodeForm(_CodeOnce, AuthenticateForm):
    pass


class CodeAgainForm(_CodeOnce, ReauthenticateForm):
    pass
