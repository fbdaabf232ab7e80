from django.db import models
from django.utils.translation import gettext_lazy as _


class VisitDay(models.Model):
    """What the visits of one past day came to, so that a year need not be read again."""

    day = models.DateField(_("day"), unique=True)
    counts = models.JSONField(_("counts"))
    # How far the traces had been written down: what came later is not in the counts.
    seen = models.JSONField(default=dict, db_default={})
    counted_at = models.DateTimeField(_("counted"))

    class Meta:
        verbose_name = _("day of visits")
        verbose_name_plural = _("days of visits")

    def __str__(self):
        return str(self.day)
