"""allauth's forms, with the names browsers know and codes that work once."""

from allauth.account.forms import LoginForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django.utils.translation import gettext_lazy as _

from portal import limits


class SignInForm(LoginForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("User name")
        self.fields["login"].widget.attrs.update(autocomplete="username", autofocus=True)
        self.fields["password"].help_text = ""
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)

    def add_prefix(self, field_name):
        """The field is called `username`, as password managers and scripts expect."""
        return super().add_prefix("username" if field_name == "login" else field_name)


class _CodeOnce:
    """A code is guessed at slowly and used once, whichever process is asked."""

    def clean_code(self):
        limits.spend("code", recipient=str(self.user.pk))
        code = super().clean_code()
        if not limits.is_first(f"{self.user.pk} {code}", 120):
            self.add_error("code", _("This code has been used. The next one appears shortly."))
        return code


class CodeForm(_CodeOnce, AuthenticateForm):
    pass


class CodeAgainForm(_CodeOnce, ReauthenticateForm):
    pass
