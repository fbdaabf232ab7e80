"""The questions curators ask of the list of articles."""

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kb.models import Article, ArticleFlag, Revision


class WorkFilter(admin.SimpleListFilter):
    """What waits for somebody."""

    title, parameter_name = _("to do"), "todo"

    def lookups(self, request, model_admin):
        return [
            ("review", _("waiting for review")),
            ("mine", _("sent back to me")),
            ("flagged", _("flagged")),
            ("overdue", _("review overdue")),
            ("held", _("privacy findings")),
            ("uncategorised", _("without a category")),
        ]

    def queryset(self, request, articles):
        if self.value() == "mine":
            return articles.sent_back_to(request.user)
        narrowed = {
            "review": {"latest_revision__state": Revision.State.SUBMITTED},
            "flagged": {"flags__state": ArticleFlag.State.OPEN},
            "overdue": {
                "review_by__lt": timezone.localdate(),
                "audience": Article.Audience.PUBLIC,
            },
            "held": {"latest_revision__redaction_report__is_passed": False},
            "uncategorised": {"category": None},
        }.get(self.value())
        return articles.filter(**narrowed).distinct() if narrowed else articles
