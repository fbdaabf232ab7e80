from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Message(models.Model):
    """Something said between customer and us. The customer sees every one, with no exception."""

    class Direction(models.TextChoices):
        IN = "in", _("from the customer")
        OUT = "out", _("to the customer")

    class AuthorKind(models.TextChoices):
        CUSTOMER = "customer", _("customer")
        CSR = "csr", _("CSR")
        SYSTEM = "system", _("system")

    class Type(models.TextChoices):
        ORIGINAL = "original", _("original words")
        ACKNOWLEDGEMENT = "acknowledgement", _("acknowledgement")
        CLAIM_NOTE = "claim-note", _("taken on")
        QUESTION = "question", _("question to the customer")
        ADDITION = "addition", _("the customer adds")
        NEED = "need", _("what we understand")
        PLAN = "plan", _("plan")
        REPLY = "reply", _("reply")
        RESOLUTION = "resolution", _("resolution")
        VERIFICATION = "verification", _("did this settle it?")
        REMINDER = "reminder", _("reminder")
        LATE_NOTICE = "late-notice", _("late notice")
        ESCALATION = "escalation", _("a manager takes part")
        FINAL = "final", _("a manager's final answer")
        THANK_YOU = "thank-you", _("thank you")
        NEWS = "news", _("news")

    ticket = models.ForeignKey("feedback.Ticket", models.CASCADE, related_name="messages")
    direction = models.CharField(max_length=3, choices=Direction.choices)
    author_kind = models.CharField(max_length=8, choices=AuthorKind.choices)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    type = models.CharField(_("type"), max_length=15, choices=Type.choices)
    body = models.TextField(_("words"))
    channel = models.CharField(max_length=7, default="form")
    canned_reply = models.ForeignKey(
        "feedback.CannedReply", models.SET_NULL, null=True, related_name="+"
    )
    # What the calm composer found: [{"group", "words", "level", "kept"}], where what was not
    # kept had been edited away before it was sent.
    tone_report = models.JSONField(null=True)
    # One of up to three questions with choices, or options of a plan; see feedback.questions.
    choices = models.JSONField(null=True)
    at = models.DateTimeField(_("at"), default=timezone.now, db_index=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("message")
        verbose_name_plural = _("messages")

    def __str__(self):
        return f"{self.get_type_display()}: {self.body[:60]}"


class Note(models.Model):
    """What colleagues tell each other. A table of its own, so that no filter can leak it."""

    ticket = models.ForeignKey("feedback.Ticket", models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    body = models.TextField(_("note"))
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("note")
        verbose_name_plural = _("notes")

    def __str__(self):
        return self.body[:60]


class Attachment(models.Model):
    """A file a customer or a CSR sent. Its stored name is random; its own name is only text."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="attachments")
    file = models.FileField(max_length=200)
    name = models.CharField(_("name"), max_length=200)
    content_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    checksum = models.CharField(_("SHA-256"), max_length=64)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")

    def __str__(self):
        return self.name


class OutboundEmail(models.Model):
    """A mail to be sent. Written with what it tells of, sent by the worker afterwards."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENT = "sent", _("sent")
        FAILED = "failed", _("given up")

    ticket = models.ForeignKey("feedback.Ticket", models.CASCADE, null=True, related_name="emails")
    message = models.OneToOneField(
        Message, models.CASCADE, null=True, blank=True, related_name="email"
    )
    # Which mail this is, for example "acknowledgement"; once for each `once_key`.
    kind = models.CharField(_("kind"), max_length=30)
    once_key = models.CharField(max_length=120, unique=True, null=True, blank=True)
    to = models.EmailField(_("to"), max_length=254)
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    # The Message-ID header: a second sending carries the same one.
    header_id = models.CharField(max_length=200, unique=True)
    state = models.CharField(
        _("state"), max_length=6, choices=State.choices, default=State.QUEUED, db_index=True
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), default=timezone.now, db_index=True)
    leased_until = models.DateTimeField(null=True)
    last_error = models.TextField(_("last error"), blank=True)
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mail")

    def __str__(self):
        return f"{self.kind} {self.get_state_display()}"


class LinkRequest(models.Model):
    """Somebody has lost their links. The worker looks whether we know the address, and mails.

    The page itself looks nothing up: it takes as long for a stranger's address as for a customer's.
    """

    email = models.EmailField(_("e-mail"), max_length=254)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("wish for lost links")
        verbose_name_plural = _("wishes for lost links")

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M}"
