"""The queue: tickets in the order in which somebody should look at them."""

import re

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from feedback import lists
from feedback.models import Promise, Ticket

OPEN, ALL = "open", "all"
# However it is read over the telephone: CS-4F7K-9Q2M, cs4f7k9q2m.
REFERENCE = re.compile(r"CS[- ]?(\w{4})[- ]?(\w{4})", re.IGNORECASE)


def _with_dashes(term):
    return "CS-{}-{}".format(*(part.upper() for part in REFERENCE.fullmatch(term).groups()))


class InList(admin.SimpleListFilter):
    """Which of the desk's lists is shown; the tabs above the queue."""

    title = _("list")
    parameter_name = "list"

    def lookups(self, request, model_admin):
        desk = [(each.name, each.title) for each in lists.lists_for(request.user)]
        return [*desk, (OPEN, _("All open")), (ALL, _("All, closed too"))]

    def queryset(self, request, queryset):
        chosen = self.value()
        if chosen in lists.BY_NAME:
            condition = lists.BY_NAME[chosen].condition(request.user, timezone.now())
            return queryset.open().filter(condition)
        # Words, a reference or an address are looked for everywhere.
        if chosen == ALL or request.GET.get("q"):
            return queryset
        return queryset.open()

    def choices(self, changelist):
        """The tabs, each with how many rows it opens."""
        request = changelist.request
        counted = lists.counts(request.user)
        chosen = self.value() or ("" if changelist.query else OPEN)
        for name, title in self.lookup_choices:
            each = lists.BY_NAME.get(name)
            yield {
                "selected": chosen == name,
                "query_string": f"?list={name}",
                "display": title,
                "name": name,
                "count": counted.get(name),
                "empty": each.empty if each else _("No ticket here."),
            }


class QueueList(ChangeList):
    def __init__(self, request, *args, **kwargs):
        self.request = request
        super().__init__(request, *args, **kwargs)

    @cached_property
    def tabs(self):
        spec = next(spec for spec in self.filter_specs if isinstance(spec, InList))
        return list(spec.choices(self))

    @property
    def empty_words(self):
        return next((tab["empty"] for tab in self.tabs if tab["selected"]), _("No ticket here."))

    @property
    def is_narrowed(self):
        return any(spec.used_parameters for spec in self.narrowing)

    @property
    def narrowing(self):
        """The filters that are not tabs."""
        return [spec for spec in self.filter_specs if not isinstance(spec, InList)]


class Queue(admin.ModelAdmin):
    """What the queue shows and how it finds; the desk of one ticket builds on it."""

    list_display = ["reference"]
    list_filter = [InList, "kind", "stage", "category", "owner", "complaint_cause", "outcome"]
    search_fields = ["reference", "subject", "original_words", "customer__email", "customer__name"]
    search_help_text = _("Words, a reference, a name or an address; closed ones are found too.")
    list_per_page = 50
    show_full_result_count = False
    actions = None

    def get_changelist(self, request, **kwargs):
        return QueueList

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"title": _("Tickets")} | (extra_context or {}))

    def get_queryset(self, request):
        promises = Prefetch(
            "promises", Promise.objects.open().order_by("due_at"), to_attr="open_promises"
        )
        return (
            Ticket.objects.visible_to(request.user)
            .select_related("customer", "owner", "category")
            .prefetch_related(promises)
            .by_urgency()
        )

    def get_ordering(self, request):
        looks_back = request.GET.get("list") == ALL or request.GET.get("q")
        return ["-received_at"] if looks_back else ["-priority", "next_due_at", "received_at"]

    def get_search_results(self, request, queryset, search_term):
        """A reference and an address are keys; anything else is words."""
        term = search_term.strip()
        if "@" in term:
            return queryset.filter(customer__email=term.casefold()), False
        if REFERENCE.fullmatch(term):
            return queryset.filter(reference=_with_dashes(term)), False
        return super().get_search_results(request, queryset, term)
