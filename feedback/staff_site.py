"""The site at /admin/: its first page is the desk, its head leads to the daily work."""

from functools import wraps

from django.contrib.admin import AdminSite
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from feedback import morning
from feedback.signed_out import keep_words

# What the head of every staff page leads to, where, and for whom.
NAVIGATION = [
    (_("Desk"), "admin:index", None),
    (_("Tickets"), "admin:feedback_ticket_changelist", "feedback.view_ticket"),
    (_("Articles"), "admin:kb_article_changelist", "kb.view_article"),
    (_("Gaps"), "admin:kb_contentgap_changelist", "kb.view_contentgap"),
    (_("Measures"), "measures:overview", "feedback.view_measures"),
    (_("Customers"), "admin:feedback_customer_changelist", "feedback.view_customer"),
    (_("Everything"), "admin:everything", None),
]


# How the page of everything is ordered; what is named nowhere stands under its app's name.
SHELVES = [
    (_("Who we are"), "Organisation ContactChannel OpeningHours Holiday ReplyRound ServiceTarget"),
    (_("Words we keep ready"), "CannedReply TonePair SurveyFactor KnownIssue Synonym"),
    (
        _("Work"),
        "Ticket Customer Promise Escalation OutboundEmail Article Picture ArticleFlag ContentGap",
    ),
    (
        _("What was written down"),
        "Message Note TicketEvent TicketArticleLink SurveyResponse SearchQuery AuditEntry Chore",
    ),
    (
        _("How answers are kept and found"),
        "Category Pin GradedQuery NumberShape PublicValue",
    ),
    (_("Who may come in"), "User Group UserSession Authenticator EmailAddress"),
]


# How much of what is typed into a list's search, or into a field that searches, is looked for:
# each word is one more condition on the rows, and a pasted letter would be thousands.
SEARCHED = ("q", "term")
MOST_CHARACTERS, MOST_WORDS = 200, 16


def search_briefly(view):
    """Show a list as for the first words of what was typed."""

    @wraps(view)
    def shortened(request, *args, **kwargs):
        for name in SEARCHED:
            words = request.GET.get(name, "")
            brief = " ".join(words[:MOST_CHARACTERS].split()[:MOST_WORDS])
            if len(brief) < len(words):
                request.GET = request.GET.copy()
                request.GET[name] = brief
        return view(request, *args, **kwargs)

    return shortened


class StaffSite(AdminSite):
    site_header = site_title = "Askwell"
    index_title = _("Desk")
    enable_nav_sidebar = False

    def admin_view(self, view, cacheable=False):
        """As Django's, but nobody who was signed out meanwhile loses what they wrote, and no
        search costs more than a few words do.
        """
        return keep_words(search_briefly(super().admin_view(view, cacheable)))

    def get_urls(self):
        everything = path("everything/", self.admin_view(self.everything), name="everything")
        # Django's leap from a number to the page it stands for asks nobody's permission, and the
        # page of a ticket is opened by its address alone.
        return [
            everything,
            *(u for u in super().get_urls() if getattr(u, "name", "") != "view_on_site"),
        ]

    def each_context(self, request):
        return super().each_context(request) | {"staff_nav": _navigation(request)}

    def index(self, request, extra_context=None):
        """The desk's home: what waits, for whom, until when."""
        return self._page(request, "admin/index.html", _("Desk"), morning.page(request.user))

    def everything(self, request):
        """All that can be looked up or edited, as Django lists it."""
        shelves = _on_shelves(self.get_app_list(request))
        return self._page(request, "admin/everything.html", _("Everything"), {"shelves": shelves})

    def _page(self, request, template, title, context):
        request.current_app = self.name
        return TemplateResponse(
            request, template, self.each_context(request) | {"title": title} | context
        )


def _on_shelves(app_list):
    """The models this person may see, on the shelves where one looks for them."""
    models = {model["object_name"]: model for app in app_list for model in app["models"]}
    shelves = []
    for title, names in SHELVES:
        found = [models.pop(name) for name in names.split() if name in models]
        shelves.append((title, found))
    for app in app_list:
        rest = [model for model in app["models"] if model["object_name"] in models]
        shelves.append((app["name"], rest))
    return [(title, found) for title, found in shelves if found]


def _navigation(request):
    items = []
    for title, name, permission in NAVIGATION:
        if permission and not request.user.has_perm(permission):
            continue
        url = reverse(name)
        is_current = request.path == url or (name != "admin:index" and request.path.startswith(url))
        items.append({"title": title, "url": url, "is_current": is_current})
    return items
