from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeedbackConfig(AppConfig):
    name = "feedback"
    verbose_name = _("Requests")

    def ready(self):
        from feedback import gaps  # noqa: F401 (it adds itself to the knowledge base's report)
