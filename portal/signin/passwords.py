"""What a password may not be, beyond Django's own rules."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from feedback.models import Organisation


class NotOurName:
    """The name of the house is the first thing somebody guesses."""

    def validate(self, password, user=None):
        names = {"askwell", Organisation.get().name, settings.MAIL_DOMAIN.partition(".")[0]}
        rest = password.casefold()
        for name in names:
            rest = rest.replace(name.casefold(), "")
        if len(rest) < len(password) and len(rest) < 8:
            raise ValidationError(_("Our own name is easily guessed; take other words."))

    def get_help_text(self):
        return _("Words that have nothing to do with us are best.")
