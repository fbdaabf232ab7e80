"""Who we are to customers: name, ways to reach us, and when we are there."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Organisation(models.Model):
    """The company whose portal this is; one row."""

    name = models.CharField(_("name"), max_length=120, default="Askwell")
    tagline = models.CharField(_("tagline"), max_length=200, blank=True)
    privacy_text = models.TextField(_("privacy text"), blank=True)
    publishes_promises = models.BooleanField(
        _("show kept promises on the home page"), default=False
    )

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisation")

    def __str__(self):
        return self.name

    @classmethod
    def get(cls):
        return cls.objects.first() or cls()


class ContactChannelQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True)


class ContactChannel(models.Model):
    """A way to a person, shown in the footer of every page."""

    class Kind(models.TextChoices):
        EMAIL = "email", _("e-mail")
        PHONE = "phone", _("telephone")
        POST = "post", _("postal address")
        SOCIAL = "social", _("social media")

    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices)
    label = models.CharField(_("label"), max_length=60, blank=True)
    value = models.CharField(
        _("value"), max_length=300, help_text=_("The address or number; lines end with commas.")
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = ContactChannelQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("contact channel")
        verbose_name_plural = _("contact channels")

    def __str__(self):
        return self.value

    @property
    def href(self):
        """Where a press on it leads: mail program, telephone, web page; or nowhere."""
        if self.kind == self.Kind.EMAIL:
            return f"mailto:{self.value}"
        if self.kind == self.Kind.PHONE:
            return "tel:" + "".join(c for c in self.value if c.isdigit() or c == "+")
        return self.value if self.kind == self.Kind.SOCIAL else ""


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class OpeningHours(models.Model):
    """A stretch of one weekday when we work, in the organisation's time zone."""

    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday.choices)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))

    class Meta:
        ordering = ["weekday", "opens"]
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")

    def __str__(self):
        return f"{self.get_weekday_display()} {self.opens:%H:%M}-{self.closes:%H:%M}"

    def clean(self):
        if self.opens and self.closes and self.opens >= self.closes:
            raise ValidationError({"closes": _("Closing comes after opening on the same day.")})


class HolidayQuerySet(models.QuerySet):
    def upcoming(self):
        return self.filter(date__gte=timezone.localdate())


class Holiday(models.Model):
    """A day on which we are closed."""

    date = models.DateField(_("date"), unique=True)
    name = models.CharField(_("name"), max_length=80)

    objects = HolidayQuerySet.as_manager()

    class Meta:
        ordering = ["date"]
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")

    def __str__(self):
        return f"{self.name} ({self.date})"


class ReplyRound(models.Model):
    """A time of every working day by which the waiting requests are answered."""

    at = models.TimeField(_("at"), unique=True)

    class Meta:
        ordering = ["at"]
        verbose_name = _("reply round")
        verbose_name_plural = _("reply rounds")

    def __str__(self):
        return f"{self.at:%H:%M}"


class ServiceTarget(models.Model):
    """How fast we mean to be for one kind of request, in business minutes."""

    kind = models.CharField(_("kind"), max_length=10, unique=True)
    first_reply = models.PositiveIntegerField(_("first reply within (business minutes)"))
    update_interval = models.PositiveIntegerField(_("news at least every (business minutes)"))
    escalation_reply = models.PositiveIntegerField(
        _("manager writes within (business minutes)"), default=120
    )

    class Meta:
        verbose_name = _("service target")
        verbose_name_plural = _("service targets")

    def __str__(self):
        return self.kind


class KnownIssueQuerySet(models.QuerySet):
    def shown(self):
        """What customers see as a banner now."""
        return self.filter(state__in=[KnownIssue.State.ACTIVE, KnownIssue.State.MONITORING])

    def told(self):
        """What customers have been told of; its page outlives the trouble."""
        return self.exclude(state=KnownIssue.State.DRAFT)


class KnownIssue(models.Model):
    """A trouble many customers have at once, told to them before they ask."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        ACTIVE = "active", _("we are on it")
        MONITORING = "monitoring", _("mended, we keep watching")
        RESOLVED = "resolved", _("resolved")

    title = models.CharField(_("title"), max_length=160)
    text = models.TextField(_("who is affected, and what to do now"))
    article = models.ForeignKey(
        "kb.Article",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("workaround"),
    )
    categories = models.ManyToManyField(
        "kb.Category", blank=True, related_name="+", verbose_name=_("categories")
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    next_update_at = models.DateTimeField(_("next update"), null=True, blank=True)
    started_at = models.DateTimeField(_("since"), default=timezone.now)
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)

    objects = KnownIssueQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        verbose_name = _("known issue")
        verbose_name_plural = _("known issues")

    def __str__(self):
        return self.title

    def clean(self):
        if self.state == self.State.ACTIVE and not self.next_update_at:
            raise ValidationError({"next_update_at": _("Tell customers when they hear more.")})


class KnownIssueFollower(models.Model):
    """Somebody whom it affects too and who wants to hear when it is mended."""

    known_issue = models.ForeignKey(KnownIssue, models.CASCADE, related_name="followers")
    customer = models.ForeignKey("feedback.Customer", models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("follower")
        verbose_name_plural = _("followers")
        constraints = [
            models.UniqueConstraint(fields=["known_issue", "customer"], name="follows_once")
        ]

    def __str__(self):
        return f"{self.customer_id} follows {self.known_issue_id}"
