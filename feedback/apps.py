from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeedbackConfig(AppConfig):
    name = "feedback"
    verbose_name = _("Requests")

    def ready(self):
        # Each of these adds itself to something below: reports, figures, the self-check.
        from feedback import gaps, grading, invariants, listeners, promotion  # noqa: F401
