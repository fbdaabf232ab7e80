import unicodedata

from django.db import models
from django.utils.translation import gettext_lazy as _


class CustomerManager(models.Manager):
    def for_address(self, email, *, name=""):
        """The customer behind this address, made at the first contact."""
        customer, _is_new = self.get_or_create(
            email=email.strip().casefold(), defaults={"name": name}
        )
        return customer


class Customer(models.Model):
    """Somebody who has written to us. No password: a signed link in a mail is the key."""

    class Channel(models.TextChoices):
        EMAIL = "email", _("e-mail")
        PHONE = "phone", _("telephone")
        PAGE = "page", _("on my page here")

    class Detail(models.TextChoices):
        SHORT = "short", _("short and to the point")
        DETAILED = "detailed", _("with all details")

    name = models.CharField(_("name"), max_length=120, blank=True)
    call_me = models.CharField(_("what to call them"), max_length=60, blank=True)
    email = models.EmailField(_("e-mail"), max_length=254, unique=True, null=True, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    preferred_channel = models.CharField(
        _("wants to be answered by"), max_length=5, choices=Channel.choices, default=Channel.EMAIL
    )
    preferred_detail = models.CharField(
        _("likes answers"), max_length=8, choices=Detail.choices, blank=True
    )
    preferred_time = models.CharField(_("best time"), max_length=80, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    anonymised_at = models.DateTimeField(null=True, blank=True)

    objects = CustomerManager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")

    def __str__(self):
        return self.name or self.email or str(_("a former customer"))

    @property
    def greeting_name(self):
        """How to address them: as they asked, else by their first name, else by none.

        Whoever fills the form may name another's address: no link and no remark travels as a name.
        """
        first = self.name.split()[0] if self.name.split() else ""
        return self.call_me or (first if _reads_as_a_name(first) else "")


def _reads_as_a_name(word):
    """Letters of any script, joined as names are."""
    return len(word) <= 40 and all(
        unicodedata.category(letter)[0] in "LM" or letter in "'’-\u200c"
        for letter in word.removesuffix(".")
    )
