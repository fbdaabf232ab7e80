from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from kb.models.category import Governance
from kb.models.revision import Revision


class EditConflict(Exception):
    """Somebody else has written a newer revision than the one this edit began from."""

    def __init__(self, latest):
        super().__init__(_t("Somebody else has changed this article meanwhile."))
        self.latest = latest


class PublishRefused(Exception):
    """The article may not go public yet; `reasons` says each thing that stands in the way."""

    def __init__(self, reasons):
        super().__init__(" ".join(map(str, reasons)))
        self.reasons = list(reasons)


class ArticleQuerySet(models.QuerySet):
    def public(self):
        return self.filter(
            audience=Article.Audience.PUBLIC,
            published_revision__isnull=False,
            confidence__in=[Article.Confidence.NOT_VALIDATED, Article.Confidence.VALIDATED],
        )

    def active(self):
        return self.exclude(confidence=Article.Confidence.ARCHIVED)

    def visible_to(self, user):
        """What this person may find and read; `None` is a visitor."""
        return self.active() if user is not None and user.is_staff else self.public()

    def sent_back_to(self, author):
        """Whose newest text a reviewer returned to this author, who has not written on yet."""
        return self.filter(
            latest_revision__state=Revision.State.DRAFT,
            latest_revision__review_comment__gt="",
            latest_revision__author=author,
        )

    def by_demand(self):
        """A curator's pin first, then what customers ask for most."""
        return self.order_by("-is_pinned", "-demand", "title")


class Article(models.Model):
    """A lasting answer with its own address; what it says is its revisions."""

    class Type(models.TextChoices):
        FAQ = "faq", _("frequent question")
        HOW_TO = "how-to", _("how-to")
        PROBLEM = "problem", _("problem")

    class Confidence(models.TextChoices):
        WIP = "wip", _("work in progress")
        NOT_VALIDATED = "not-validated", _("not validated")
        VALIDATED = "validated", _("validated")
        ARCHIVED = "archived", _("archived")

    class Audience(models.TextChoices):
        INTERNAL = "internal", _("internal")
        PUBLIC = "public", _("public")

    Governance = Governance

    slug = models.SlugField(_("address"), max_length=120, unique=True, allow_unicode=True)
    external_id = models.CharField(
        _("external id"), max_length=120, unique=True, null=True, blank=True
    )
    title = models.CharField(
        _("title"), max_length=500, help_text=_("Of the text readers see; kept by the revisions.")
    )
    type = models.CharField(_("type"), max_length=8, choices=Type.choices, default=Type.FAQ)
    category = models.ForeignKey(
        "kb.Category",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="articles",
        verbose_name=_("category"),
    )
    language = models.CharField(_("language"), max_length=10, default=settings.LANGUAGE_CODE)
    confidence = models.CharField(
        _("confidence"), max_length=13, choices=Confidence.choices, default=Confidence.WIP
    )
    audience = models.CharField(
        _("audience"), max_length=8, choices=Audience.choices, default=Audience.INTERNAL
    )
    governance = models.CharField(
        _("governance"),
        max_length=12,
        choices=Governance.choices,
        default=Governance.EXPERIENCE,
        help_text=_("Compliance-based articles are always published by a second person."),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="owned_articles",
        verbose_name=_("owner"),
    )
    published_revision = models.OneToOneField(
        Revision, models.PROTECT, null=True, blank=True, related_name="+"
    )
    latest_revision = models.OneToOneField(
        Revision, models.PROTECT, null=True, blank=True, related_name="+"
    )
    replaced_by = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="replaces",
        verbose_name=_("replaced by"),
    )
    is_pinned = models.BooleanField(_("pinned"), default=False)
    demand = models.FloatField(
        _("demand"),
        default=0,
        db_index=True,
        help_text=_("Uses, helpful votes and readings of the last 90 days."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    published_at = models.DateTimeField(_("first published"), null=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)
    review_by = models.DateField(_("review by"), null=True, blank=True)
    last_checked_at = models.DateTimeField(_("last checked"), null=True)
    last_checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = ArticleQuerySet.as_manager()

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        permissions = [
            ("publish_article", _("Can publish articles")),
            ("override_redaction", _("Can mark a privacy finding as not personal")),
        ]
        indexes = [
            models.Index(fields=["audience", "confidence", "-demand"], name="article_by_demand"),
            models.Index(fields=["category", "audience", "-demand"], name="article_in_category"),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("portal:article", args=[self.slug])

    @property
    def number(self):
        """The name people say aloud: KB-0042."""
        return f"KB-{self.pk:04d}"

    @property
    def is_public(self):
        return (
            self.audience == self.Audience.PUBLIC
            and self.published_revision_id is not None
            and self.confidence in (self.Confidence.NOT_VALIDATED, self.Confidence.VALIDATED)
        )

    @property
    def shown_revision(self):
        """The text readers get: the published one, or for colleagues the newest draft."""
        return self.published_revision or self.latest_revision

    @classmethod
    def start(cls, *, by, title, slug=None, **fields):
        """A new article with its first revision; rich parts and keywords go to the revision."""
        text = {part: fields.pop(part) for part in Revision.PARTS if part in fields}
        with transaction.atomic():
            article = cls.objects.create(
                title=title, slug=slug or cls.free_slug(title), owner=by, **fields
            )
            article.write(by=by, title=title, **text)
        return article

    @classmethod
    def free_slug(cls, title):
        """An address nobody has had before, so that no old link changes its meaning."""
        base = slugify(title, allow_unicode=True)[:100].strip("-") or "answer"
        slug, n = base, 1
        while (
            cls.objects.filter(slug=slug).exists() or FormerSlug.objects.filter(slug=slug).exists()
        ):
            n += 1
            slug = f"{base}-{n}"
        return slug

    @transaction.atomic
    def write(self, *, by, based_on=None, change_note="", is_important=False, **text):
        """A new draft with this text; parts not given stay as they were.

        `based_on` is the revision the writer began from: if a newer one exists,
        nothing is written and EditConflict carries it.
        """
        from kb.privacy import gate  # it keeps reports on revisions, so it is built upon this one

        Article.objects.select_for_update().get(pk=self.pk)
        self.refresh_from_db()
        latest = self.latest_revision
        if based_on is not None and latest is not None and based_on.pk != latest.pk:
            raise EditConflict(latest)
        parts = {part: getattr(latest, part) if latest else "" for part in Revision.PARTS} | text
        revision = Revision(
            article=self,
            number=latest.number + 1 if latest else 1,
            author=by,
            based_on=latest,
            change_note=change_note,
            is_important=is_important,
            **parts,
        )
        revision.save()
        self.revisions.filter(
            state__in=[Revision.State.DRAFT, Revision.State.SUBMITTED, Revision.State.SCHEDULED]
        ).exclude(pk=revision.pk).update(state=Revision.State.SUPERSEDED)
        self.latest_revision = revision
        if self.published_revision_id is None:
            self.title = revision.title
        if self.confidence == self.Confidence.WIP and revision.resolution:
            self.confidence = self.Confidence.NOT_VALIDATED
        self.save()
        gate.check(revision)
        return revision

    def publish(self, *, by, **options):
        """Let every visitor read the newest text, or raise PublishRefused; see kb.publishing."""
        from kb import publishing  # it moves articles, so it is built upon this module

        revision = publishing.publish(self, by=by, **options)
        self.refresh_from_db()
        return revision

    def add_question(self, text, *, source, by=None, known_values=()):
        """Let the article be found by these words too; what may name a person is blotted out."""
        from kb import privacy

        words = privacy.mask(" ".join(text.split()), known_values, keep=()).strip()[:300]
        if not any(c.isalnum() for c in words):
            return None
        question, is_new = self.alternate_questions.get_or_create(
            text=words, defaults={"source": source, "added_by": by}
        )
        if is_new:
            self.save(update_fields=["changed_at"])  # the index hears of a changed article
        return question

    def rename(self, slug):
        """Move to another address; the old one leads on for ever."""
        if slug != self.slug:
            with transaction.atomic():
                FormerSlug.objects.filter(slug=slug, article=self).delete()
                FormerSlug.objects.get_or_create(slug=self.slug, defaults={"article": self})
                self.slug = slug
                self.save(update_fields=["slug", "changed_at"])

    def checked(self, *, by):
        """A colleague has read it at the moment of use and says it is still right."""
        self.last_checked_at = timezone.now()
        self.last_checked_by = by
        self.save(update_fields=["last_checked_at", "last_checked_by", "changed_at"])


class FormerSlug(models.Model):
    """An address an article once had; it redirects to where the article is now."""

    slug = models.SlugField(max_length=120, unique=True, allow_unicode=True)
    article = models.ForeignKey(Article, models.CASCADE, related_name="former_slugs")

    class Meta:
        verbose_name = _("former address")
        verbose_name_plural = _("former addresses")

    def __str__(self):
        return self.slug


class AlternateQuestion(models.Model):
    """The same question in other words, mostly a customer's. Added and hidden, never edited."""

    class Source(models.TextChoices):
        TICKET = "ticket", _("a customer's request")
        SEARCH = "search", _("a search")
        EDITOR = "editor", _("an editor")
        IMPORT = "import", _("an import")

    article = models.ForeignKey(Article, models.CASCADE, related_name="alternate_questions")
    text = models.CharField(_("question"), max_length=300)
    source = models.CharField(
        _("source"), max_length=6, choices=Source.choices, default=Source.EDITOR
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    added_at = models.DateTimeField(_("added"), auto_now_add=True)
    hidden_reason = models.CharField(_("hidden because"), max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("alternate question")
        verbose_name_plural = _("alternate questions")
        constraints = [
            models.UniqueConstraint(fields=["article", "text"], name="alternate_question_once")
        ]

    def __str__(self):
        return self.text


class ArticleSource(models.Model):
    """Where an article came from. `reference` names it for staff; readers never see it."""

    class Kind(models.TextChoices):
        TICKET = "ticket", _("request")
        SEARCH_GAP = "gap", _("search gap")
        IMPORT = "import", _("import")

    article = models.ForeignKey(Article, models.CASCADE, related_name="sources")
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices)
    reference = models.CharField(_("reference"), max_length=120)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")

    def __str__(self):
        return f"{self.get_kind_display()} {self.reference}"
