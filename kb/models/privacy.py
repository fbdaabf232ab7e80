"""What a manager teaches the privacy gate about this company."""

import re

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

SHAPES = "privacy-shapes"  # where the gate keeps the shapes it has read


class NumberShape(models.Model):
    """What numbers that belong to one customer look like here, such as ORD-######."""

    name = models.CharField(_("name"), max_length=60, help_text=_("For example: order number"))
    shape = models.CharField(
        _("shape"),
        max_length=40,
        unique=True,
        help_text=_("# stands for a digit, @ for a letter, all else for itself: ORD-######"),
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("number shape")
        verbose_name_plural = _("number shapes")

    def __str__(self):
        return f"{self.name}: {self.shape}"

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        cache.delete(SHAPES)  # effective at once in this process, within a minute in the others

    def clean(self):
        if sum(self.shape.count(sign) for sign in "#@") < 4:
            raise ValidationError({"shape": _("Use at least four # or @, so that words pass.")})

    @property
    def pattern(self):
        """The shape as a regular expression of fixed length, which no text can slow down."""
        signs = {"#": r"\d", "@": r"[^\W\d_]"}
        return "".join(signs.get(sign, re.escape(sign)) for sign in self.shape)


class PublicValue(models.Model):
    """An address or number that everybody may know, such as a hotline; the gate lets it pass."""

    value = models.CharField(_("value"), max_length=200, unique=True)
    note = models.CharField(_("whose it is"), max_length=200)

    class Meta:
        verbose_name = _("public value")
        verbose_name_plural = _("public values")

    def __str__(self):
        return self.value
