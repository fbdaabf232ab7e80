"""What stands around an article's form: its report, its checklist, its history, its acts."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_POST, require_safe

from kb import content_standard, difference, links, publishing, voting
from kb.models import Article, ArticleFlag, EditConflict, PublishRefused, Revision
from kb.numbering import number
from kb.privacy import gate
from kb.privacy.finding import Severity
from kb.privacy.readable import fields_of

AROUND = 60  # letters of context on both sides of a finding


class ArticlePages:
    """Mixed into ArticleAdmin. Each act calls kb.publishing or the gate and says what became."""

    def get_urls(self):
        def page(route, view, name):
            return path(
                f"<int:pk>/{route}/", self.admin_site.admin_view(view), name=f"kb_article_{name}"
            )

        return [
            page("revisions", require_safe(self.revisions_page), "revisions"),
            page("difference", require_safe(self.difference_page), "difference"),
            page("preview", require_safe(self.preview_page), "preview"),
            page("act", require_POST(self.act), "act"),
            page("findings", require_POST(self.settle_findings), "findings"),
            *super().get_urls(),
        ]

    def beside(self, request, article):
        """Texts to read beside the article, as (title, url, text); the app above adds its own."""
        return []

    # --- The panel above the form --------------------------------------------

    def panel(self, request, article):
        latest = article.latest_revision
        if latest is None:
            return {"state": self.state_of(article)}
        return {
            "state": self.state_of(article),
            "latest": latest,
            "findings": findings(latest),
            "checklist": content_standard.checklist(latest),
            "needs_second_person": publishing.needs_second_person(latest),
            "needs_anonymous_word": publishing.needs_anonymous_word(article),
            "links_here": list(links.links_to(article)[:20]),
            "beside": self.beside(request, article),
            "flag_reasons": ArticleFlag.Reason.choices,
            "may_override": request.user.has_perm("kb.override_redaction"),
            "open_flags": list(article.flags.filter(state="open").select_related("raised_by")),
        }

    def settle_findings(self, request, pk):
        """Replace what has no reason beside it, and let stand what is said to be harmless."""
        article = self._article(request, pk)
        latest = article.latest_revision
        if str(latest.pk) != request.POST.get("revision"):
            self.message_user(
                request, _t("The text has changed meanwhile; look again."), messages.WARNING
            )
            return self._back(article)
        report, words = gate.check(latest), {}
        try:
            for hit in report.hits.filter(is_not_personal=False):
                mark = f"{hit.field}:{hit.start}"
                if reason := request.POST.get(f"reason:{mark}", "").strip():
                    gate.settle(hit, by=request.user, reason=reason)
                elif f"words:{mark}" in request.POST:
                    words[(hit.field, hit.start)] = request.POST[f"words:{mark}"].strip()
            if words:
                gate.neutralise(latest, by=request.user, replacements=words)
        except gate.SettleRefused as refused:
            self.message_user(request, str(refused), messages.ERROR)
        else:
            self.message_user(request, _t("Done. The report below is the new one."))
        return self._back(article)

    # --- Acts ------------------------------------------------------------------

    def act(self, request, pk):
        """One press on the page of an article; every rule is kb.publishing's."""
        article = self._article(request, pk)
        name = request.POST.get("act")
        acts = {
            "publish": self.do_publish,
            "submit": self.do_submit,
            "send-back": self._send_back,
            "schedule": self._schedule,
            "still-right": self._still_right,
            "flag": self._flag,
            "withdraw": self._withdraw,
            "archive": self._archive,
            "revive": self._revive,
            "restore": self._restore,
        }
        if name not in acts:
            raise Http404
        needs_publisher = {"send-back", "schedule", "withdraw", "archive", "revive"}
        if name in needs_publisher and not request.user.has_perm("kb.publish_article"):
            raise PermissionDenied
        try:
            said = acts[name](request, article)
        except PublishRefused as refused:
            for reason in refused.reasons:
                self.message_user(request, reason, messages.ERROR)
        except EditConflict as conflict:
            self.message_user(request, str(conflict), messages.WARNING)
        else:
            if said:
                self.message_user(request, said)
                self.log_change(request, article, str(said))
        return self._back(article)

    def _send_back(self, request, article):
        publishing.send_back(
            article.latest_revision, by=request.user, comment=request.POST.get("comment", "")
        )
        return _t("Sent back to the author with your words.")

    def _schedule(self, request, article):
        try:
            at = forms.DateTimeField().clean(request.POST.get("at", ""))
        except forms.ValidationError:
            raise PublishRefused([_t("Choose a day and an hour.")]) from None
        publishing.schedule(
            article.latest_revision,
            by=request.user,
            at=at,
            is_anonymous="is_anonymous" in request.POST,
        )
        return _t("It will be published at that hour.")

    def _still_right(self, request, article):
        article.checked(by=request.user)
        return _t("Noted: still right today.")

    def _flag(self, request, article):
        voting.flag(
            article,
            reason=request.POST.get("reason"),
            comment=request.POST.get("said", "").strip(),
            by=request.user,
        )
        return _t("Flagged. It is on the curators' list.")

    def _withdraw(self, request, article):
        publishing.withdraw(article, by=request.user)
        return _t("Withdrawn. Colleagues still read it.")

    def _archive(self, request, article):
        wanted = request.POST.get("replaced_by", "").strip().upper().removeprefix("KB-")
        successor = Article.objects.filter(pk=number(wanted)).first()
        if wanted and successor is None:
            raise PublishRefused([_t("There is no article with that number.")])
        publishing.archive(article, by=request.user, replaced_by=successor)
        return _t("Archived. Its address says so.")

    def _revive(self, request, article):
        publishing.revive(article, by=request.user)
        return _t("It is back among the colleagues' articles.")

    def _restore(self, request, article):
        revision = get_object_or_404(article.revisions, number=number(request.POST.get("number")))
        publishing.restore(revision, by=request.user)
        return _t("Its words are a new draft now.")

    # --- History -----------------------------------------------------------------

    def revisions_page(self, request, pk):
        article = self._article(request, pk)
        revisions = article.revisions.select_related("author", "published_by")
        return self._page(request, "revisions", article, {"revisions": revisions})

    def difference_page(self, request, pk):
        article = self._article(request, pk)
        after = self._revision(article, request.GET.get("after"), article.latest_revision)
        before = self._revision(
            article, request.GET.get("before"), article.published_revision or after.based_on
        )
        context = {
            "before": before,
            "after": after,
            "parts": difference.compare(before, after),
        }
        return self._page(request, "difference", article, context)

    def preview_page(self, request, pk):
        """The page as a customer will see it, with the newest text."""
        article = self._article(request, pk)
        revision = self._revision(article, request.GET.get("revision"), article.latest_revision)
        return TemplateResponse(
            request,
            "admin/kb/article/preview.html",
            {"article": article, "revision": revision},
        )

    # --- Helpers --------------------------------------------------------------------

    def _article(self, request, pk):
        article = get_object_or_404(
            Article.objects.select_related("latest_revision__author", "published_revision"), pk=pk
        )
        may = self.has_change_permission if request.method == "POST" else self.has_view_permission
        if not may(request, article):
            raise PermissionDenied
        return article

    def _revision(self, article, wanted, usual):
        if wanted is None:
            return usual or article.latest_revision
        return get_object_or_404(article.revisions.select_related("author"), number=number(wanted))

    def _page(self, request, name, article, context):
        context |= {"article": article, "opts": self.opts, "title": article.title}
        context |= self.admin_site.each_context(request) | {"media": self.media}
        request.current_app = self.admin_site.name
        return TemplateResponse(request, f"admin/kb/article/{name}.html", context)

    def _back(self, article):
        return HttpResponseRedirect(reverse("admin:kb_article_change", args=[article.pk]))


def findings(revision):
    """What the gate sees, each with the words around it, for the report at the top of the page."""
    fields = fields_of(revision)
    rows = []
    for hit, decision in gate.judged(revision):
        text = fields[hit.field]
        rows.append(
            {
                "hit": hit,
                "mark": f"{hit.field}:{hit.start}",
                "label": _label(revision, hit.field),
                "before": text[max(0, hit.start - AROUND) : hit.start].lstrip(),
                "after": text[hit.end : hit.end + AROUND].rstrip(),
                "must": hit.severity == Severity.BLOCK,
                "settled": decision,
            }
        )
    return {
        "rows": [row for row in rows if not row["settled"]],
        "settled": [row for row in rows if row["settled"]],
        "to_replace": sum(row["must"] for row in rows),
        "to_confirm": sum(not row["must"] and not row["settled"] for row in rows),
    }


def _label(revision, field):
    if field.startswith("question"):
        return _t("the same question in other words")
    return Revision._meta.get_field(field).verbose_name
