"""The questions the search answers worst, each with remedies of one press."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from kb import grading
from kb.models import Article, GradedQuery, SearchGrade
from kb.numbering import number
from kb.search import search


@admin.register(GradedQuery)
class GradedQueryAdmin(admin.ModelAdmin):
    list_display = ["text", "times", "place", "grade", "last_remedy"]
    search_fields = ["text"]
    change_form_template = "admin/kb/gradedquery/change_form.html"
    change_list_template = "admin/kb/gradedquery/change_list.html"
    actions = None

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).worst_first().prefetch_related("remedies")

    @admin.display(description=_("place of its answer"), ordering="rank")
    def place(self, query):
        return query.rank or _t("not among the first ten")

    @admin.display(description=_("grade"), ordering="ndcg")
    def grade(self, query):
        return f"{query.ndcg:.2f}"

    @admin.display(description=_("last remedy"))
    def last_remedy(self, query):
        return next(iter(query.remedies.all()), "")

    def get_urls(self):
        act = self.admin_site.admin_view(require_POST(self.act))
        return [path("<int:pk>/act/", act, name="kb_gradedquery_act"), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"grades": SearchGrade.objects.all()[:2]})

    def change_view(self, request, object_id, form_url="", extra_context=None):
        query = self.get_object(request, object_id)
        context = {}
        if query:
            times = {int(pk): n for pk, n in query.answers.items()}
            found = search(query.text, None).hits
            places = {hit.article.pk: place for place, hit in enumerate(found, 1)}
            answers = Article.objects.filter(pk__in=times)
            context = {
                "title": query.text,
                "answers": sorted(
                    ((times[a.pk], a, places.get(a.pk)) for a in answers),
                    key=lambda row: -row[0],
                ),
                "found": found,
                "remedies": query.remedies.select_related("by"),
                "may_mend": request.user.has_perm("kb.change_article"),
                "may_pin": request.user.has_perm("kb.add_pin"),
                "may_add_synonym": request.user.has_perm("kb.add_synonym"),
            }
        return super().change_view(request, object_id, form_url, context)

    def act(self, request, pk):
        query = get_object_or_404(GradedQuery, pk=pk)
        acts = {
            "question": ("kb.change_article", self._question),
            "pin": ("kb.add_pin", self._pin),
            "synonym": ("kb.add_synonym", self._synonym),
            "grade": ("kb.view_gradedquery", self._grade),
        }
        if request.POST.get("act") not in acts:
            raise Http404
        permission, act = acts[request.POST["act"]]
        if not request.user.has_perm(permission):
            raise PermissionDenied
        try:
            said = act(request, query)
        except grading.RemedyRefused as refused:
            self.message_user(request, str(refused), messages.WARNING)
        else:
            self.message_user(request, said)
            self.log_change(request, query, said)
        return HttpResponseRedirect(reverse("admin:kb_gradedquery_change", args=[pk]))

    def _article(self, request):
        return get_object_or_404(Article.objects.active(), pk=number(request.POST.get("article")))

    def _question(self, request, query):
        grading.add_question(query, self._article(request), by=request.user)
        return _t("The article knows these words now. Grade it again in a moment.")

    def _pin(self, request, query):
        grading.pin(query, self._article(request), by=request.user)
        return _t("Pinned: these words find it first.")

    def _synonym(self, request, query):
        grading.add_synonym(query, request.POST.get("words", ""), by=request.user)
        return _t("Every search knows these words now.")

    def _grade(self, request, query):
        grading.grade(query)
        return _t("Graded again.")
