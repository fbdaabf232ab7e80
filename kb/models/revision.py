from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from kb import markup


class Revision(models.Model):
    """The text of an article as it once stood. Its words are written once, never edited."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("waiting for review")
        SCHEDULED = "scheduled", _("scheduled")
        PUBLISHED = "published", _("published")
        SUPERSEDED = "superseded", _("superseded")
        REJECTED = "rejected", _("sent back")

    # The parts of an article, in reading order. The rich ones hold safe HTML.
    RICH_PARTS = ("issue", "environment", "resolution", "cause")
    PARTS = ("title", *RICH_PARTS, "keywords")

    article = models.ForeignKey("kb.Article", models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField(_("number"))
    # Room for what an import brings; the form asks for less, see kb.content_standard.
    title = models.CharField(_("title"), max_length=500)
    issue = models.TextField(
        _("issue"), blank=True, help_text=_("The question, in the customer's words.")
    )
    environment = models.TextField(
        _("environment"), blank=True, help_text=_("When this applies: product, place, plan.")
    )
    resolution = models.TextField(
        _("resolution"), blank=True, help_text=_("What to do, the short answer first.")
    )
    cause = models.TextField(_("cause"), blank=True, help_text=_("Why it happens, if known."))
    keywords = models.CharField(_("keywords"), max_length=300, blank=True)
    change_note = models.CharField(_("change note"), max_length=300, blank=True)
    is_important = models.BooleanField(
        _("important change"), default=False, help_text=_("Readers see that it was corrected.")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(_("written"), auto_now_add=True)
    based_on = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.DRAFT, db_index=True
    )
    publish_at = models.DateTimeField(_("publish at"), null=True, blank=True)
    published_at = models.DateTimeField(_("published"), null=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    review_comment = models.TextField(_("reviewer's comment"), blank=True)

    class Meta:
        ordering = ["-number"]
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="revision_number_once"),
        ]

    def __str__(self):
        return f"{self.title} ({self.number})"

    def save(self, *args, **kwargs):
        # Whatever way a text comes in, by form, import or promotion, it is made safe here.
        for part in self.RICH_PARTS:
            setattr(self, part, markup.clean(getattr(self, part)))
        super().save(*args, **kwargs)

    @property
    def text(self):
        """All rich parts as plain text, for indexes, checks and comparisons."""
        return " ".join(
            filter(None, (markup.to_text(getattr(self, part)) for part in self.RICH_PARTS))
        )

    @property
    def as_text(self):
        """Each filled part as (label, plain text), to be read where no HTML belongs."""
        return [
            (self._meta.get_field(part).verbose_name, markup.to_text(getattr(self, part)))
            for part in self.PARTS
            if getattr(self, part)
        ]

    def same_words_as(self, other):
        return other is not None and all(
            getattr(self, part) == getattr(other, part) for part in self.PARTS
        )


class RedactionReport(models.Model):
    """What the privacy gate found in one revision, and whether it may be public."""

    revision = models.OneToOneField(Revision, models.CASCADE, related_name="redaction_report")
    pattern_version = models.CharField(_("pattern version"), max_length=20)
    is_passed = models.BooleanField(_("passed"), default=False)
    is_anonymous_confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text=_("Who said: a stranger reading this could not tell who asked."),
    )
    checked_at = models.DateTimeField(_("checked"), auto_now=True)

    class Meta:
        verbose_name = _("redaction report")
        verbose_name_plural = _("redaction reports")

    def __str__(self):
        return f"{self.revision}: {'passed' if self.is_passed else 'held'}"


class RedactionHit(models.Model):
    """One place in a revision that may point at a person. The words themselves are not kept."""

    class Severity(models.TextChoices):
        BLOCK = "block", _("must be replaced")
        CONFIRM = "confirm", _("to confirm")

    report = models.ForeignKey(RedactionReport, models.CASCADE, related_name="hits")
    kind = models.CharField(_("kind"), max_length=30)
    field = models.CharField(_("field"), max_length=30)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    severity = models.CharField(_("severity"), max_length=8, choices=Severity.choices)
    is_not_personal = models.BooleanField(_("not personal"), default=False)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["field", "start"]
        verbose_name = _("redaction hit")
        verbose_name_plural = _("redaction hits")

    def __str__(self):
        return f"{self.kind} in {self.field}"
