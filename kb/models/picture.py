from functools import partial

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

from kb import markup


class Picture(models.Model):
    """A picture that articles can show, as kb.pictures has drawn it. Its name is its only key."""

    name = models.CharField(_("name"), max_length=60, unique=True, editable=False)
    alternative_text = models.CharField(
        _("alternative text"),
        max_length=300,
        help_text=_("What it shows, in a sentence, for those who do not see it."),
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("added by"),
    )
    uploaded_at = models.DateTimeField(
        _("added"), default=timezone.now, editable=False, db_index=True
    )

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def __str__(self):
        return self.alternative_text

    def delete(self, *args, **kwargs):
        deleted = super().delete(*args, **kwargs)
        transaction.on_commit(partial(self.path.unlink, missing_ok=True))
        return deleted

    @property
    def address(self):
        return f"{markup.PICTURES}{self.name}"

    @property
    def path(self):
        return settings.PICTURE_DIR / self.name

    @property
    def typed(self):
        """What an author types to show it."""
        return f'<img src="{self.address}" alt="{escape(self.alternative_text)}">'
