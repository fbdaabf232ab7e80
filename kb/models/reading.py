"""How readers use what we know. No row here names a visitor."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class VisitSalt(models.Model):
    """The secret of one day that turns a network address into a visit key, then is thrown away."""

    day = models.DateField(unique=True)
    salt = models.BinaryField()

    class Meta:
        verbose_name = _("visit salt")
        verbose_name_plural = _("visit salts")

    def __str__(self):
        return str(self.day)


class JournalFile(models.Model):
    """A spool file whose lines have become rows, so that none is counted twice."""

    name = models.CharField(max_length=60, unique=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("journal file")
        verbose_name_plural = _("journal files")

    def __str__(self):
        return self.name


class HelpfulVote(models.Model):
    """ "Did this answer your question?" One for each visit and revision; it can be changed."""

    class Value(models.TextChoices):
        YES = "yes", _("yes, thank you")
        NO = "no", _("not yet")

    article = models.ForeignKey("kb.Article", models.CASCADE, related_name="votes")
    revision = models.ForeignKey("kb.Revision", models.CASCADE, related_name="votes")
    visit_key = models.CharField(max_length=32)
    value = models.CharField(_("vote"), max_length=3, choices=Value.choices)
    reason = models.CharField(_("reason"), max_length=30, blank=True)
    comment = models.TextField(_("comment"), max_length=2000, blank=True)
    at = models.DateTimeField(_("at"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("helpful vote")
        verbose_name_plural = _("helpful votes")
        constraints = [
            models.UniqueConstraint(fields=["revision", "visit_key"], name="one_vote_a_visit")
        ]

    def __str__(self):
        return f"{self.article}: {self.value}"


class ArticleFlag(models.Model):
    """Somebody says that an article needs work."""

    class Reason(models.TextChoices):
        WRONG = "wrong", _("wrong")
        OUTDATED = "outdated", _("outdated")
        UNCLEAR = "unclear", _("unclear")
        DUPLICATE = "duplicate", _("says the same as another")
        PERSONAL = "personal", _("names a person")
        OTHER = "other", _("something else")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        FIXED = "fixed", _("fixed")
        DECLINED = "declined", _("no change needed")

    article = models.ForeignKey("kb.Article", models.CASCADE, related_name="flags")
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    comment = models.TextField(_("comment"), blank=True)
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Empty when a visitor raised it."),
    )
    raised_at = models.DateTimeField(_("raised"), default=timezone.now)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="flags"
    )
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    class Meta:
        ordering = ["raised_at"]
        verbose_name = _("flag")
        verbose_name_plural = _("flags")

    def __str__(self):
        return f"{self.article}: {self.get_reason_display()}"


class SearchQuery(models.Model):
    """One search as it was typed, masked before it was written; no address, no person."""

    text = models.CharField(_("words"), max_length=200)
    normalised = models.CharField(_("normal form"), max_length=200, db_index=True)
    results_count = models.PositiveIntegerField(_("results"))
    clicked_article = models.ForeignKey(
        "kb.Article", models.SET_NULL, null=True, related_name="clicks"
    )
    clicked_position = models.PositiveSmallIntegerField(_("position"), null=True)
    clicked_at = models.DateTimeField(null=True)
    visit_key = models.CharField(max_length=32, db_index=True)
    audience = models.CharField(max_length=8, default="public")
    milliseconds = models.FloatField(_("milliseconds"), default=0)
    at = models.DateTimeField(_("at"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("search")
        verbose_name_plural = _("searches")
        indexes = [
            models.Index(fields=["visit_key", "at"], name="search_in_visit"),
            # What the visits are looked up by that did not find something.
            models.Index(
                fields=["at", "visit_key", "results_count"],
                name="search_without_result",
                condition=models.Q(results_count=0),
            ),
        ]

    def __str__(self):
        return self.text


class ArticleView(models.Model):
    """One reading of one article in one visit."""

    article = models.ForeignKey("kb.Article", models.CASCADE, related_name="views")
    visit_key = models.CharField(max_length=32, db_index=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")

    def __str__(self):
        return f"{self.article_id} {self.at:%Y-%m-%d %H:%M}"


class AnswerOffer(models.Model):
    """Answers shown to somebody who had begun to ask us; one of them may have been it."""

    visit_key = models.CharField(max_length=32, db_index=True)
    at = models.DateTimeField(_("at"), default=timezone.now, db_index=True)
    taken_at = models.DateTimeField(_("that answered it"), null=True)
    article = models.ForeignKey("kb.Article", models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("offer of answers")
        verbose_name_plural = _("offers of answers")

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M}"
