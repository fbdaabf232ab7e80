from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class GapQuerySet(models.QuerySet):
    def waiting(self):
        """Nobody has dealt with them yet."""
        return self.filter(state__in=[ContentGap.State.NEW, ContentGap.State.ACCEPTED])

    def uncovered(self):
        """Readers still find nothing there."""
        return self.exclude(state__in=[ContentGap.State.VERIFIED, ContentGap.State.DECLINED])

    def by_weight(self):
        return self.order_by("-recent", "-evidence", "-last_seen")


class ContentGap(models.Model):
    """Something people ask for and do not find; closed only when they do find it."""

    class State(models.TextChoices):
        NEW = "new", _("new")
        ACCEPTED = "accepted", _("accepted")
        DRAFTED = "drafted", _("being written")
        PUBLISHED = "published", _("published, to be verified")
        VERIFIED = "verified", _("verified")
        DECLINED = "declined", _("declined")

    label = models.CharField(_("what is missing"), max_length=200)
    state = models.CharField(
        _("state"), max_length=9, choices=State.choices, default=State.NEW, db_index=True
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="gaps",
        verbose_name=_("taken by"),
    )
    article = models.ForeignKey(
        "kb.Article",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="gaps",
        verbose_name=_("article"),
    )
    reason = models.CharField(_("declined because"), max_length=200, blank=True)
    # Counted by kb.gaps.gather from the last 90 days.
    evidence = models.PositiveIntegerField(_("times"), default=0)
    recent = models.PositiveIntegerField(_("last 28 days"), default=0)
    earlier = models.PositiveIntegerField(_("28 days before"), default=0)
    requests = models.PositiveIntegerField(_("requests that followed"), default=0)
    first_seen = models.DateTimeField(_("first seen"))
    last_seen = models.DateTimeField(_("last seen"))
    counted_at = models.DateTimeField(_("counted"), null=True)
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    published_at = models.DateTimeField(_("published"), null=True)
    checked_at = models.DateTimeField(_("checked"), null=True)
    verified_at = models.DateTimeField(_("verified"), null=True)
    reopened = models.PositiveSmallIntegerField(_("times reopened"), default=0)

    objects = GapQuerySet.as_manager()

    class Meta:
        verbose_name = _("knowledge gap")
        verbose_name_plural = _("knowledge gaps")

    def __str__(self):
        return self.label

    @property
    def trend(self):
        """Is it asked more often than it was? 1, 0 or -1."""
        return (self.recent > self.earlier) - (self.recent < self.earlier)


class GapPhrase(models.Model):
    """One way people put it, masked as it was recorded, and whether it finds the answer by now."""

    class Source(models.TextChoices):
        EMPTY = "empty", _("search without a result")
        UNCLICKED = "unclicked", _("search nobody opened a result of")
        NOT_YET = "not-yet", _("read an article and said not yet")
        TICKET = "ticket", _("request answered without an article")

    gap = models.ForeignKey(ContentGap, models.CASCADE, related_name="phrases")
    text = models.CharField(_("words"), max_length=200)
    normalised = models.CharField(_("normal form"), max_length=200)
    source = models.CharField(_("seen as"), max_length=9, choices=Source.choices)
    times = models.PositiveIntegerField(_("times"), default=0)
    last_seen = models.DateTimeField(_("last seen"))
    rank = models.PositiveSmallIntegerField(
        _("place of the answer"), null=True, help_text=_("Among the first results; empty: not.")
    )
    checked_at = models.DateTimeField(_("checked"), null=True)

    class Meta:
        ordering = ["-times", "text"]
        verbose_name = _("phrase")
        verbose_name_plural = _("phrases")
        constraints = [
            models.UniqueConstraint(fields=["normalised", "source"], name="phrase_in_one_gap")
        ]

    def __str__(self):
        return self.text

    @property
    def is_found(self):
        return self.rank is not None and self.rank <= 3
