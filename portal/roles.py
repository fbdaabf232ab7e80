"""Who may do what: one table, from role to permissions.

The groups in the database are made from it after every migration, and
`tests/portal/test_roles.py` asks every page about every cell of it.
"""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions


def _all(app, *models):
    return {f"{app}.{verb}_{model}" for model in models for verb in ("add", "change", "view")}


def _with_delete(app, *models):
    return _all(app, *models) | {f"{app}.delete_{model}" for model in models}


def _view(app, *models):
    return {f"{app}.view_{model}" for model in models}


WRITING = (
    _all("kb", "article", "alternatequestion", "picture")
    | _view("kb", "revision", "category", "contentgap")
    | {"kb.change_contentgap"}
)

CSR = (
    {"feedback.work_ticket", "feedback.promote_ticket"}
    | _view("feedback", "ticket", "customer", "message", "note", "attachment", "promise")
    | _view("feedback", "ticketevent", "escalation", "outboundemail", "knownissue")
    | _view("feedback", "cannedreply", "tonepair", "surveyresponse", "ticketarticlelink")
    | WRITING
    | _all("kb", "articleflag")
)

CONTRIBUTOR = WRITING | _all("kb", "articleflag")

PUBLISHER = (
    CONTRIBUTOR
    | {"kb.publish_article", "kb.override_redaction"}
    | _with_delete("kb", "category", "synonym", "pin", "alternatequestion", "picture")
    | _with_delete("kb", "numbershape", "publicvalue")
    | _view("kb", "searchquery", "helpfulvote", "redactionreport", "formerslug", "articlesource")
    | _view("kb", "gradedquery", "searchgrade")
)

MANAGER = (
    CSR
    | PUBLISHER
    | {"feedback.manage_ticket", "feedback.view_measures", "feedback.export_data"}
    | _all("feedback", "organisation", "servicetarget", "knownissue")
    | _with_delete("feedback", "contactchannel", "openinghours", "holiday", "replyround")
    | _with_delete("feedback", "cannedreply", "tonepair", "surveyfactor")
    | _view("portal", "chore")
)

ROLES = {
    "CSR": CSR,
    "KB contributor": CONTRIBUTOR,
    "KB publisher": PUBLISHER,
    "Manager": MANAGER,
}


def establish(*, using="default", apps=installed, **_signal):
    """Make the groups be what the table says; run after every migration."""
    for label in ("portal", "feedback", "kb"):
        create_permissions(installed.get_app_config(label), verbosity=0, using=using)
    group_model = apps.get_model("auth", "Group")
    permission_model = apps.get_model("auth", "Permission")
    known = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in permission_model.objects.using(using).select_related("content_type")
    }
    for name, codes in ROLES.items():
        group, _is_new = group_model.objects.using(using).get_or_create(name=name)
        group.permissions.set([known[code] for code in codes])
