from django.db import models
from django.utils.translation import gettext_lazy as _


class IndexChange(models.Model):
    """An article the index has yet to hear of; written in the article's own transaction.

    The row's number is the mark: an index that carries mark n has applied all rows up to n.
    """

    article_id = models.BigIntegerField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("index change")
        verbose_name_plural = _("index changes")

    def __str__(self):
        return f"{self.pk}: article {self.article_id}"


class Synonym(models.Model):
    """Words that mean the same to a customer; edited by curators, effective at once."""

    words = models.CharField(
        _("words"), max_length=300, help_text=_("Separated by commas: refund, money back")
    )
    is_one_way = models.BooleanField(
        _("one way"), default=False, help_text=_("Only the first word also finds the others.")
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("synonym")
        verbose_name_plural = _("synonyms")

    def __str__(self):
        return self.words


class Pin(models.Model):
    """The answer that comes first for certain words, because a curator says so."""

    words = models.CharField(
        _("words"),
        max_length=200,
        unique=True,
        help_text=_("As customers ask; small words and endings do not matter."),
    )
    article = models.ForeignKey(
        "kb.Article", models.CASCADE, related_name="pins", verbose_name=_("article")
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["words"]
        verbose_name = _("pinned answer")
        verbose_name_plural = _("pinned answers")

    def __str__(self):
        return self.words
