from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KbConfig(AppConfig):
    name = "kb"
    verbose_name = _("Knowledge base")

    def ready(self):
        # Each adds itself to something: gaps hear of publications, proofs join the self-check.
        from kb import gaps, proofs  # noqa: F401
