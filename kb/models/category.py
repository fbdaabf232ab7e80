from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Governance(models.TextChoices):
    """Who may vouch for a text: whoever has experience of it, or a second person always."""

    EXPERIENCE = "experience", _("experience-based")
    COMPLIANCE = "compliance", _("compliance-based")


class CategoryQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self if user is not None and user.is_staff else self.filter(is_public=True)

    def top_level(self):
        return self.filter(parent=None)


class Category(models.Model):
    """A shelf of the knowledge base; at most two levels deep."""

    class BusinessArea(models.TextChoices):
        PRODUCT = "product", _("product")
        PRICE = "price", _("price")
        PLACEMENT = "placement", _("ordering, delivery, availability")
        PROMOTION = "promotion", _("offers")

    class Journey(models.TextChoices):
        BEFORE = "before", _("before buying")
        BUYING = "buying", _("buying")
        USING = "using", _("using")
        AGAIN = "again", _("again")

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("address"), max_length=80, unique=True, allow_unicode=True)
    description = models.CharField(_("description"), max_length=200, blank=True)
    icon = models.SlugField(
        _("icon"), blank=True, help_text=_("Name of an icon in static/portal/icons, without .svg.")
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("above it"),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    business_area = models.CharField(
        _("business area"),
        max_length=10,
        choices=BusinessArea.choices,
        default=BusinessArea.PRODUCT,
    )
    journey = models.CharField(_("journey"), max_length=10, choices=Journey.choices, blank=True)
    default_governance = models.CharField(
        _("default governance"),
        max_length=12,
        choices=Governance.choices,
        default=Governance.EXPERIENCE,
        help_text=_("Prices, legal matters, safety and guarantees need a second person."),
    )
    is_public = models.BooleanField(_("public"), default=True)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("portal:category", args=[self.slug])

    @property
    def path(self):
        """Its name with the one above it: Machines / Kettles."""
        return f"{self.parent.name} / {self.name}" if self.parent else self.name

    def clean(self):
        if self.parent and (self.parent.parent_id or self.parent_id == self.pk):
            raise ValidationError({"parent": _("Two levels are enough: choose a top category.")})
        if self.parent and self.pk and self.children.exists():
            raise ValidationError({"parent": _("It has categories below it and stays on top.")})
