from django.db import models
from django.utils.translation import gettext_lazy as _


class CannedReply(models.Model):
    """A reply written beforehand, with gaps such as {customer_name} to be filled."""

    title = models.CharField(_("title"), max_length=120)
    body = models.TextField(_("words"), help_text=_("Gaps: {customer_name}, {reference}, …"))
    kind = models.CharField(_("for this kind"), max_length=10, blank=True)
    stage = models.CharField(_("in this stage"), max_length=13, blank=True)
    situation = models.CharField(_("in this situation"), max_length=8, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["title"]
        verbose_name = _("canned reply")
        verbose_name_plural = _("canned replies")

    def __str__(self):
        return self.title


class TonePair(models.Model):
    """Words that anger, and the calm ones to offer instead."""

    class Level(models.TextChoices):
        CONFIRM = "confirm", _("ask before sending")
        ADVISE = "advise", _("advice only")

    group = models.PositiveSmallIntegerField(_("group"))
    triggers = models.TextField(_("triggers"), help_text=_("One a line."))
    exceptions = models.TextField(
        _("harmless in"), blank=True, help_text=_("One a line: I can't wait")
    )
    calm = models.TextField(_("calm words"), help_text=_("One a line; the first is offered."))
    why = models.CharField(_("why"), max_length=200)
    level = models.CharField(_("level"), max_length=7, choices=Level.choices, default=Level.CONFIRM)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["group", "pk"]
        verbose_name = _("tone pair")
        verbose_name_plural = _("tone pairs")

    def __str__(self):
        return self.triggers.splitlines()[0] if self.triggers else str(self.pk)
