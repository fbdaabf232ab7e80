from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SurveyFactor(models.Model):
    """One of the things that make customers content; the ten of the course notes are shipped."""

    name = models.CharField(_("name"), max_length=120)
    kinds = models.JSONField(
        _("asked for these kinds"), default=list, blank=True, help_text=_("Empty: for all.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("survey factor")
        verbose_name_plural = _("survey factors")

    def __str__(self):
        return self.name


class SurveyResponse(models.Model):
    """What a customer said of how we handled their request."""

    ticket = models.OneToOneField("feedback.Ticket", models.CASCADE, related_name="survey")
    is_settled = models.BooleanField(_("settled"), null=True)
    score = models.PositiveSmallIntegerField(
        _("score"), null=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    comment = models.TextField(_("comment"), max_length=2000, blank=True)
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("survey answer")
        verbose_name_plural = _("survey answers")

    def __str__(self):
        return f"{self.score}/5"


class FactorAnswer(models.Model):
    """A factor that went well, or that we should improve; offered but left out has no sign."""

    class Sign(models.IntegerChoices):
        PLUS = 1, _("went well")
        NONE = 0, _("not mentioned")
        MINUS = -1, _("to improve")

    response = models.ForeignKey(SurveyResponse, models.CASCADE, related_name="factors")
    factor = models.ForeignKey(SurveyFactor, models.PROTECT, related_name="answers")
    sign = models.SmallIntegerField(choices=Sign.choices, default=Sign.NONE)

    class Meta:
        verbose_name = _("factor")
        verbose_name_plural = _("factors")
        constraints = [
            models.UniqueConstraint(fields=["response", "factor"], name="factor_answered_once")
        ]

    def __str__(self):
        return f"{self.factor_id}: {self.sign}"
