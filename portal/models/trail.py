import hashlib
import hmac
import json

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def seal(previous, entry, key=None):
    """A keyed hash over the entry and the seal before it."""
    facts = [
        previous,
        entry.number,
        entry.at.isoformat(timespec="microseconds"),
        entry.actor_id,
        entry.action,
        entry.target,
        entry.network,
        entry.outcome,
        entry.details,
    ]
    return _keyed_hash(facts, key)


def end_proof(length, last_seal, key=None):
    """A keyed hash that nobody but us can make for a trail cut short."""
    return _keyed_hash(["end", length, last_seal], key)


def _keyed_hash(facts, key):
    words = json.dumps(facts, sort_keys=True).encode()
    return hmac.new((key or settings.SECRET_KEY).encode(), words, hashlib.sha256).hexdigest()


def is_ours(told, make):
    """Was this hash made under today's key, or one of those that came before it?"""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(hmac.compare_digest(told, make(key)) for key in keys)


class WrittenOnce(Exception):
    """Somebody tried to change or remove what stands in the trail."""


class TrailQuerySet(models.QuerySet):
    def update(self, **fields):
        raise WrittenOnce("An entry of the audit trail is never changed.")

    def delete(self):
        raise WrittenOnce("An entry of the audit trail is never removed.")


class TrailEnd(models.Model):
    """The last seal of the trail. Locked while an entry is added, so the chain never forks.

    It is proven too, lest somebody cut off the last entries and say the trail ended there. The
    proof names its entry: a release before this one adds entries and leaves it as it is.
    """

    seal = models.CharField(max_length=64, blank=True)
    length = models.PositiveBigIntegerField(default=0)
    proven = models.PositiveBigIntegerField(default=0, db_default=0)
    proof = models.CharField(max_length=64, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("end of the audit trail")
        verbose_name_plural = _("end of the audit trail")

    def __str__(self):
        return f"{self.length} entries"

    def is_whole(self):
        """Does the entry that was last when the proof was made still stand where it stood?"""
        last = self.seal if self.proven == self.length else self._seal_of_proven()
        return is_ours(self.proof, lambda key: end_proof(self.proven, last, key))

    def _seal_of_proven(self):
        entry = AuditEntry.objects.filter(number=self.proven).only("seal").first()
        return entry.seal if entry else ""

    def move_to(self, entry):
        """What was cut short stays unproven, however many entries follow."""
        if self.length == 0 or self.is_whole():
            self.proven, self.proof = entry.number, end_proof(entry.number, entry.seal)
        self.seal, self.length = entry.seal, entry.number
        self.save()


class AuditEntry(models.Model):
    """Who did what, when, to which object, from where, and whether it went through.

    Each entry seals the one before it, so that a changed or missing one is noticed.
    """

    number = models.PositiveBigIntegerField(_("number"), unique=True)
    at = models.DateTimeField(_("at (UTC)"), default=timezone.now, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("who"),
    )
    action = models.CharField(_("what"), max_length=40, db_index=True)
    target = models.CharField(_("which object"), max_length=120, blank=True)
    network = models.CharField(_("from where"), max_length=64, blank=True)
    outcome = models.CharField(_("outcome"), max_length=20, default="done")
    details = models.JSONField(_("details"), default=dict)
    seal = models.CharField(max_length=64)

    objects = TrailQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        default_permissions = ("view",)
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.target}".strip()

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise WrittenOnce("An entry of the audit trail is never changed.")
        with transaction.atomic():
            end, _is_new = TrailEnd.objects.select_for_update().get_or_create(pk=1)
            self.number = end.length + 1
            self.seal = seal(end.seal, self)
            super().save(*args, **kwargs)
            end.move_to(self)

    def delete(self, *args, **kwargs):
        raise WrittenOnce("An entry of the audit trail is never removed.")
