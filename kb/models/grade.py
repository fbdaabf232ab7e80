from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SearchGrade(models.Model):
    """How well the search did on one day, on questions whose answer is known."""

    day = models.DateField(_("day"), unique=True)
    queries = models.PositiveIntegerField(_("questions"))
    recall = models.FloatField(_("answers among the first ten"))
    ndcg = models.FloatField(_("how high they stand (nDCG)"))
    graded_at = models.DateTimeField(_("graded"))

    class Meta:
        ordering = ["-day"]
        verbose_name = _("search grade")
        verbose_name_plural = _("search grades")

    def __str__(self):
        return f"{self.day}: {self.ndcg:.2f}"


class GradedQueryQuerySet(models.QuerySet):
    def worst_first(self):
        """What costs most readers most: often asked, and answered low or not at all."""
        return self.annotate(
            cost=models.ExpressionWrapper(
                models.F("times") * (1.0 - models.F("ndcg")), output_field=models.FloatField()
            )
        ).order_by("-cost", "text")


class GradedQuery(models.Model):
    """A question people have typed, and the articles that turned out to answer it."""

    text = models.CharField(_("words"), max_length=200)
    normalised = models.CharField(_("normal form"), max_length=200, unique=True)
    # Article number to how often it was opened from these words, or solved a request with them.
    answers = models.JSONField(_("answers"), default=dict)
    times = models.PositiveIntegerField(_("times"), default=0)
    recall = models.FloatField(_("recall"), default=0)
    ndcg = models.FloatField(_("nDCG"), default=0)
    rank = models.PositiveSmallIntegerField(_("place of the best answer"), null=True)
    graded_at = models.DateTimeField(_("graded"), null=True)

    objects = GradedQueryQuerySet.as_manager()

    class Meta:
        verbose_name = _("graded question")
        verbose_name_plural = _("graded questions")

    def __str__(self):
        return self.text


class Remedy(models.Model):
    """What a curator did so that a question finds its answer, and what it did to the grade."""

    class Kind(models.TextChoices):
        QUESTION = "question", _("alternate question")
        SYNONYM = "synonym", _("synonym")
        PIN = "pin", _("pinned answer")

    query = models.ForeignKey(GradedQuery, models.CASCADE, related_name="remedies")
    kind = models.CharField(_("remedy"), max_length=8, choices=Kind.choices)
    what = models.CharField(_("what"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("when"), auto_now_add=True)
    ndcg_before = models.FloatField(_("before"))
    rank_before = models.PositiveSmallIntegerField(null=True)
    ndcg_after = models.FloatField(_("after"), null=True)
    rank_after = models.PositiveSmallIntegerField(null=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("remedy")
        verbose_name_plural = _("remedies")

    def __str__(self):
        return f"{self.get_kind_display()}: {self.what}"
