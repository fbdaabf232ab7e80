from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PromiseChanged(Exception):
    """Somebody tried to change what was promised. Settle it, or renew it by another."""


class PromiseQuerySet(models.QuerySet):
    def open(self):
        """Not settled yet, whether in time or late."""
        return self.filter(state__in=[Promise.State.OPEN, Promise.State.LATE])

    def late(self):
        return self.filter(state=Promise.State.LATE)


class Promise(models.Model):
    """We told a customer in writing what will be done and by when.

    Once sent it never changes; it is only settled, or renewed by another.
    """

    class Kind(models.TextChoices):
        FIRST_REPLY = "first-reply", _("first reply")
        UPDATE = "update", _("the next word")
        ACTION = "action", _("something done")
        DECISION = "decision", _("a decision")
        MANAGER = "manager", _("a manager writes")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        KEPT = "kept", _("kept")
        RENEWED = "renewed", _("renewed")
        LATE = "late", _("late")
        KEPT_LATE = "kept-late", _("kept late")
        RELEASED = "released", _("released")

    class Remedy(models.TextChoices):
        APOLOGY = "apology", _("apology")
        REPLACEMENT = "replacement", _("replacement")
        REFUND = "refund", _("refund")
        CREDIT = "credit", _("credit")
        CORRECTION = "correction", _("correction")
        EXPLANATION = "explanation", _("explanation")

    ticket = models.ForeignKey("feedback.Ticket", models.CASCADE, related_name="promises")
    kind = models.CharField(_("kind"), max_length=11, choices=Kind.choices, default=Kind.ACTION)
    what = models.CharField(_("what"), max_length=300)
    due_at = models.DateTimeField(_("by when"), db_index=True)
    remedy = models.CharField(_("remedy"), max_length=11, choices=Remedy.choices, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    message = models.ForeignKey(
        "feedback.Message", models.PROTECT, null=True, related_name="promises"
    )
    state = models.CharField(
        _("state"), max_length=9, choices=State.choices, default=State.OPEN, db_index=True
    )
    done_at = models.DateTimeField(_("settled"), null=True)
    renews = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="renewed_by"
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    reminded_at = models.DateTimeField(_("owner reminded"), null=True)
    notice_sent_at = models.DateTimeField(_("late notice"), null=True)
    # Steps of a longer promise: [{"what", "due", "done_at"}]; progress is shown to the customer.
    steps = models.JSONField(default=list)

    # What a customer has in writing.
    SENT = ("ticket_id", "kind", "what", "due_at", "made_at", "message_id")

    objects = PromiseQuerySet.as_manager()

    class Meta:
        ordering = ["due_at"]
        verbose_name = _("promise")
        verbose_name_plural = _("promises")

    def __str__(self):
        return f"{self.what} ({self.get_state_display()})"

    def save(self, *args, **kwargs):
        if getattr(self, "_sent", None) not in (None, self._as_sent()):
            raise PromiseChanged(self.pk)
        super().save(*args, **kwargs)
        self._sent = self._as_sent()

    @classmethod
    def from_db(cls, db, field_names, values):
        promise = super().from_db(db, field_names, values)
        promise._sent = promise._as_sent()
        return promise

    def _as_sent(self):
        # Only what was read: a deferred field is not asked for here.
        return {name: self.__dict__[name] for name in self.SENT if name in self.__dict__}


class Escalation(models.Model):
    """A ticket that needs a manager, why, and by when they write."""

    class Reason(models.TextChoices):
        AUTHORITY = "authority", _("beyond my authority")
        INFORMATION = "information", _("not enough information")
        SAFETY = "safety", _("legal or safety")
        CUSTOMER_ASKED = "customer-asked", _("the customer asked")
        NOT_SATISFIED = "not-satisfied", _("the customer says not yet")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        ACKNOWLEDGED = "acknowledged", _("acknowledged")
        ANSWERED = "answered", _("answered")
        DONE = "done", _("done")

    ticket = models.ForeignKey("feedback.Ticket", models.CASCADE, related_name="escalations")
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text=_("Empty when the customer raised it."),
    )
    reason = models.CharField(_("reason"), max_length=14, choices=Reason.choices)
    tried = models.TextField(_("what was tried"), blank=True)
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="escalations"
    )
    raised_at = models.DateTimeField(_("raised"), default=timezone.now)
    due_at = models.DateTimeField(_("due"))
    state = models.CharField(
        _("state"), max_length=12, choices=State.choices, default=State.OPEN, db_index=True
    )
    acknowledged_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    alerted_at = models.DateTimeField(_("managers alerted"), null=True)
    outcome = models.CharField(_("outcome"), max_length=200, blank=True)

    class Meta:
        ordering = ["due_at"]
        verbose_name = _("escalation")
        verbose_name_plural = _("escalations")

    def __str__(self):
        return f"{self.get_reason_display()} ({self.get_state_display()})"
