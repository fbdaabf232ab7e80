from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = _("Portal")

    def ready(self):
        from portal import audit, checks, kept, roles  # noqa: F401 (the checks register themselves)
        from portal.signin import sessions

        user_logged_in.connect(sessions.begin, dispatch_uid="portal.signin.begin")
        audit.listen()
        kept.watch()
        post_migrate.connect(roles.establish, sender=self, dispatch_uid="portal.roles")
