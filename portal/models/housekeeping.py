from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ChoreManager(models.Manager):
    def take(self, name, *, every, lease=timedelta(minutes=15)):
        """The chore if it is due and nobody else is at it, else None.

        One UPDATE decides, so any number of workers may ask at once. A worker that
        dies in the middle keeps the chore only until its lease runs out.
        """
        self.get_or_create(name=name)
        now = timezone.now()
        taken = (
            self.filter(Q(leased_until=None) | Q(leased_until__lte=now), name=name)
            .filter(Q(last_done_at=None) | Q(last_done_at__lte=now - every))
            .update(leased_until=now + lease)
        )
        return self.get(name=name) if taken else None


class Chore(models.Model):
    """A piece of housekeeping the workers share, and when it was last done."""

    # The one every worker does on every round: readyz tells from it that one is alive.
    PULSE = "pulse"

    name = models.CharField(_("what"), max_length=60, unique=True)
    last_done_at = models.DateTimeField(_("last done"), null=True)
    leased_until = models.DateTimeField(null=True)

    objects = ChoreManager()

    class Meta:
        verbose_name = _("chore")
        verbose_name_plural = _("chores")

    def __str__(self):
        return self.name

    def done(self):
        """It is finished; the next worker to find it due may take it."""
        self.last_done_at, self.leased_until = timezone.now(), None
        self.save(update_fields=["last_done_at", "leased_until"])


class Probe(models.Model):
    """Whether our pages answered at some minute, asked from outside."""

    at = models.DateTimeField(_("when"))
    silent = models.CharField(_("did not answer"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("probe")
        verbose_name_plural = _("probes")
        # Holds all that is ever counted.
        indexes = [models.Index(fields=["at", "silent"], name="probes_by_time")]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.silent}"
