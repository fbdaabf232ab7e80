from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

# No letter that reads like a digit, no vowel that makes words.
REFERENCE_ALPHABET = "23456789BCDFGHJKMNPQRTVWXYZ"
TOKEN_SALT = "feedback.ticket"


def new_reference():
    """CS-4F7K-9Q2M: easy to say on the telephone, and no key to anything."""
    letters = get_random_string(8, REFERENCE_ALPHABET)
    return f"CS-{letters[:4]}-{letters[4:]}"


class TicketQuerySet(models.QuerySet):
    def open(self):
        # Named one by one, so that an index leads to them past a hundred thousand closed ones.
        return self.filter(stage__in=[stage for stage in Ticket.Stage if stage != "closed"])

    def unclaimed(self):
        return self.open().filter(owner=None)

    def owned_by(self, user):
        return self.open().filter(owner=user)

    def waiting_for_customer(self):
        return self.open().filter(waiting_on=Ticket.WaitingOn.CUSTOMER)

    def visible_to(self, user):
        """Staff who may see tickets; what is about safety, or about oneself, is the managers'."""
        if user is None or not user.has_perm("feedback.view_ticket"):
            return self.none()
        if user.has_perm("feedback.manage_ticket"):
            return self
        return self.filter(is_safety_concern=False).exclude(about_person=user)

    def by_urgency(self):
        return self.order_by("-priority", "next_due_at", "received_at")

    def for_token(self, token):
        """The ticket a signed link opens; DoesNotExist for a wrong, old or unknown one."""
        try:
            pk, version = signing.Signer(salt=TOKEN_SALT).unsign_object(token)
        except (signing.BadSignature, TypeError, ValueError):
            raise Ticket.DoesNotExist from None
        return self.get(pk=pk, link_version=version)


class Ticket(models.Model):
    """One thing a customer brought to us. They call it their request; this is our handle on it."""

    class Kind(models.TextChoices):
        QUESTION = "question", _("question")
        COMPLAINT = "complaint", _("complaint")
        REQUEST = "request", _("request")
        COMPLIMENT = "compliment", _("compliment")

    class Stage(models.TextChoices):
        GREETING = "greeting", _("Greeting")
        UNDERSTANDING = "understanding", _("Understanding")
        AGREEING = "agreeing", _("Agreeing")
        DELIVERING = "delivering", _("Delivering")
        CLOSING = "closing", _("Closing")
        CLOSED = "closed", _("Closed")

    class WaitingOn(models.TextChoices):
        US = "us", _("us")
        CUSTOMER = "customer", _("the customer")
        MANAGER = "manager", _("a manager")

    class Priority(models.IntegerChoices):
        COMPLIMENT = 10, _("low")
        NORMAL = 20, _("normal")
        COMPLAINT = 30, _("raised")
        UPSET = 40, _("high")
        SAFETY = 50, _("safety")

    class Feeling(models.TextChoices):
        CALM = "calm", _("calm")
        WORRIED = "worried", _("worried")
        UPSET = "upset", _("upset")
        VERY_UPSET = "very-upset", _("very upset")

    class Situation(models.TextChoices):
        WAITING = "waiting", _("Has been waiting")
        UPSET = "upset", _("Upset")
        MISTAKE = "mistake", _("We made a mistake")

    class Outcome(models.TextChoices):
        SATISFIED = "satisfied", _("settled, the customer says")
        UNANSWERED = "unanswered", _("no answer to our question")
        FINAL = "final", _("a manager's final answer")
        THANKED = "thanked", _("thanked")
        WITHDRAWN = "withdrawn", _("withdrawn")
        DUPLICATE = "duplicate", _("the same as another")
        SPAM = "spam", _("spam")

    class Cause(models.TextChoices):
        """Why customers get angry: the eight causes of the client's course notes."""

        RUDE = "rude", _("somebody was rude")
        INDIFFERENT = "indifferent", _("indifference, a can't-do attitude")
        NOT_HEARD = "not-heard", _("no one listened")
        RUNAROUND = "runaround", _("sent from one to another")
        PRIOR = "prior", _("a bad experience before")
        MONEY = "money", _("loss of money")
        INCONVENIENCE = "inconvenience", _("inconvenience, lost time")
        CONTROL = "control", _("loss of control")

    class Knowledge(models.TextChoices):
        LINKED = "linked", _("solved by an article")
        DRAFTED = "drafted", _("written up")
        NOT_NEEDED = "not-needed", _("no article needed")

    class Agreement(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        ACCEPTED = "accepted", _("accepted")
        ADJUSTED = "adjusted", _("adjusted")
        ASSUMED = "assumed", _("assumed")

    class Channel(models.TextChoices):
        FORM = "form", _("form")
        PHONE = "phone", _("telephone")
        LETTER = "letter", _("letter")
        COUNTER = "counter", _("counter")
        EMAIL = "email", _("e-mail")

    reference = models.CharField(_("reference"), max_length=12, unique=True, default=new_reference)
    link_version = models.PositiveIntegerField(default=1)
    # Raised by one with each change, so that two people never overwrite each other.
    version = models.PositiveIntegerField(default=1)
    submission_key = models.CharField(max_length=64, unique=True, null=True, blank=True)
    customer = models.ForeignKey(
        "feedback.Customer", models.PROTECT, related_name="tickets", verbose_name=_("customer")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.QUESTION)
    channel = models.CharField(
        _("channel"), max_length=7, choices=Channel.choices, default=Channel.FORM
    )
    category = models.ForeignKey(
        "kb.Category",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="tickets",
        verbose_name=_("category"),
    )
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    original_words = models.TextField(_("the customer's words"))
    remedy_sought = models.TextField(_("what would put it right"), blank=True)
    order_number = models.CharField(_("order number"), max_length=60, blank=True)
    facts = models.TextField(_("facts"), blank=True)
    feeling = models.CharField(
        _("feeling"), max_length=10, choices=Feeling.choices, default=Feeling.CALM
    )
    personal_remarks = models.TextField(_("personal remarks"), blank=True)
    need_statement = models.TextField(_("what the customer needs"), blank=True)
    need_confirmed_at = models.DateTimeField(null=True)
    agreement = models.CharField(
        _("agreement"), max_length=8, choices=Agreement.choices, blank=True
    )
    customer_tasks = models.TextField(_("what we need from the customer"), blank=True)
    stage = models.CharField(
        _("stage"), max_length=13, choices=Stage.choices, default=Stage.GREETING, db_index=True
    )
    waiting_on = models.CharField(
        _("waiting for"), max_length=8, choices=WaitingOn.choices, default=WaitingOn.US
    )
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=Priority.choices, default=Priority.NORMAL
    )
    situation = models.CharField(
        _("situation"), max_length=8, choices=Situation.choices, blank=True
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tickets",
        verbose_name=_("owner"),
    )
    about_person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("complaint about"),
        help_text=_("This colleague cannot take the ticket."),
    )
    is_safety_concern = models.BooleanField(_("safety concern"), default=False)
    received_at = models.DateTimeField(_("received"), default=timezone.now, db_index=True)
    first_reply_due = models.DateTimeField(_("first reply due"), null=True)
    first_replied_at = models.DateTimeField(_("first reply"), null=True)
    # The earliest date somebody waits for: an open promise or a reminder. Kept by the workflow.
    next_due_at = models.DateTimeField(_("next date"), null=True, db_index=True)
    # While we wait for the customer: when we ask again, then when we stop waiting.
    remind_at = models.DateTimeField(null=True, db_index=True)
    reminded_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(_("closed"), null=True, db_index=True)
    reopen_until = models.DateTimeField(_("can be reopened until"), null=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, blank=True)
    complaint_cause = models.CharField(_("cause"), max_length=13, choices=Cause.choices, blank=True)
    knowledge = models.CharField(
        _("knowledge decision"), max_length=10, choices=Knowledge.choices, blank=True
    )
    knowledge_reason = models.CharField(_("because"), max_length=200, blank=True)
    follows = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="followed_by"
    )
    duplicate_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="duplicates"
    )
    known_issue = models.ForeignKey(
        "feedback.KnownIssue", models.SET_NULL, null=True, blank=True, related_name="tickets"
    )
    # What the customer had looked for and read before writing; see kb.SearchQuery.
    visit_key = models.CharField(max_length=32, blank=True, db_index=True)
    search_words = models.CharField(_("searched for"), max_length=200, blank=True)
    tried_article = models.ForeignKey(
        "kb.Article",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("had read"),
    )
    may_be_quoted = models.BooleanField(_("may be quoted without a name"), default=False)
    anonymised_at = models.DateTimeField(null=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        permissions = [
            ("work_ticket", _("Can claim and answer tickets")),
            ("manage_ticket", _("Can take escalations, reassign, undo and see safety concerns")),
            ("promote_ticket", _("Can write an answer up as an article")),
            ("view_measures", _("Can see the measures")),
            ("export_data", _("Can export data")),
        ]
        indexes = [
            models.Index(
                fields=["-priority", "next_due_at"],
                name="open_by_urgency",
                condition=~Q(stage="closed"),
            ),
            models.Index(fields=["owner", "stage"], name="ticket_of_owner"),
            models.Index(
                fields=["anonymised_at"],
                name="ticket_anonymised",
                condition=Q(anonymised_at__isnull=False),
            ),
            models.Index(fields=["customer", "-received_at"], name="ticket_of_customer"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(stage="closed") | ~Q(outcome=""), name="closed_has_an_outcome"
            ),
            models.CheckConstraint(
                condition=Q(about_person=None) | Q(owner=None) | ~Q(owner=models.F("about_person")),
                name="never_owned_by_whom_it_is_about",
            ),
        ]

    def __str__(self):
        return f"{self.reference} {self.subject}".strip()

    def get_absolute_url(self):
        return reverse("portal:ticket", args=[self.token])

    @property
    def is_open(self):
        return self.stage != self.Stage.CLOSED

    @property
    def token(self):
        """The signed key in the customer's link; a higher link version ends all older ones."""
        return signing.Signer(salt=TOKEN_SALT).sign_object([self.pk, self.link_version])


class TicketEvent(models.Model):
    """Something that happened to a ticket. Only ever added; all measures read from here."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="events")
    type = models.CharField(_("what"), max_length=30, db_index=True)
    from_stage = models.CharField(max_length=13, blank=True)
    to_stage = models.CharField(max_length=13, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    actor_kind = models.CharField(
        _("by"),
        max_length=8,
        choices=[
            ("customer", _("customer")),
            ("staff", _("staff")),
            ("clock", _("clock")),
            ("system", _("system")),
        ],
    )
    at = models.DateTimeField(_("at"), default=timezone.now, db_index=True)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("event")
        verbose_name_plural = _("events")

    def __str__(self):
        return f"{self.type} {self.at:%Y-%m-%d %H:%M}"


class TicketArticleLink(models.Model):
    """A ticket and an article have to do with each other, and how."""

    class Relation(models.TextChoices):
        SOLVED_BY = "solved-by", _("solved by")
        CREATED_FROM = "created-from", _("created from")
        RELATED = "related", _("related")
        SUGGESTED = "suggested", _("suggested")

    class Accuracy(models.TextChoices):
        UNCHECKED = "unchecked", _("not checked")
        RIGHT = "right", _("right")
        WRONG = "wrong", _("wrong")

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="article_links")
    article = models.ForeignKey("kb.Article", models.CASCADE, related_name="ticket_links")
    relation = models.CharField(_("relation"), max_length=12, choices=Relation.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now, db_index=True)
    article_existed_before = models.BooleanField(default=True)
    accuracy = models.CharField(max_length=9, choices=Accuracy.choices, default=Accuracy.UNCHECKED)
    told_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("article link")
        verbose_name_plural = _("article links")
        constraints = [
            models.UniqueConstraint(fields=["ticket", "article", "relation"], name="linked_once")
        ]

    def __str__(self):
        return f"{self.ticket_id} {self.relation} {self.article_id}"


class Draft(models.Model):
    """What a CSR has typed for a ticket and not yet sent; survives a closed tab."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="drafts")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    fields = models.JSONField(default=dict)
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        constraints = [models.UniqueConstraint(fields=["ticket", "author"], name="one_draft_each")]

    def __str__(self):
        return f"draft of {self.author_id} for {self.ticket_id}"
