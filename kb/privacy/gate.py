"""The gate between a text and the public: a report for each revision, decided by people."""

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kb.models.revision import RedactionHit, RedactionReport, Revision
from kb.privacy.finding import Severity
from kb.privacy.readable import Readable, fields_of
from kb.privacy.scanning import pattern_version, public_values, scan

# An import publishes what its operator vouches for, and the gate reads it afterwards.
IMPORTED = "import"
PARTS = (*Revision.PARTS, "change_note")
_known_value_sources = []


class SettleRefused(Exception):
    """This finding can only be replaced, or the reason is missing."""


def add_known_values(source):
    """Let `source(article)` give the KnownValues of the people an article came from."""
    _known_value_sources.append(source)


def known_values_of(article):
    return [value for source in _known_value_sources for value in source(article)]


def findings(revision):
    """What the gate sees in this revision now, with the words themselves, for the screen."""
    return scan(fields_of(revision), known_values_of(revision.article))


def judged(revision):
    """Each finding of now with the decision that it is not personal, or None; writes nothing."""
    decided = {
        _place(hit): hit
        for hit in RedactionHit.objects.filter(report__revision=revision, is_not_personal=True)
    }
    return [
        (found, decided.get(_place(found)) if found.severity == Severity.CONFIRM else None)
        for found in findings(revision)
    ]


@transaction.atomic
def check(revision):
    """Write the report of exactly this revision; earlier decisions about it stay."""
    report, _is_new = RedactionReport.objects.get_or_create(
        revision=revision, defaults={"pattern_version": ""}
    )
    hits = [_hit(report, found, decision) for found, decision in judged(revision)]
    report.hits.all().delete()
    RedactionHit.objects.bulk_create(hits)
    report.pattern_version = pattern_version()
    report.is_passed = all(hit.is_not_personal for hit in hits)
    report.save()
    return report


def _hit(report, found, decision):
    return RedactionHit(
        report=report,
        kind=found.kind,
        field=found.field,
        start=found.start,
        end=found.end,
        severity=found.severity,
        is_not_personal=decision is not None,
        reason=decision.reason if decision else "",
        decided_by=decision.decided_by if decision else None,
    )


def _place(hit):
    return (hit.kind, hit.field, hit.start, hit.end)


@transaction.atomic
def settle(hit, *, by, reason):
    """Say that a finding is not personal; whoever says so cannot be the one who publishes."""
    if hit.severity == Severity.BLOCK:
        raise SettleRefused(_("This must be replaced."))
    if not reason.strip():
        raise SettleRefused(_("Say why it points at nobody."))
    if not by.has_perm("kb.override_redaction"):
        raise SettleRefused(_("A publisher decides about this."))
    hit.is_not_personal, hit.reason, hit.decided_by = True, reason.strip(), by
    hit.save()
    report = hit.report
    report.is_passed = not report.hits.filter(is_not_personal=False).exists()
    report.save()


def neutralise(revision, *, by, replacements=None):
    """A new revision with each open finding replaced by neutral words.

    `replacements` maps (field, start) to words of the author's own; the proposal stands in
    for what is not given. Alternate questions are hidden instead: they are never edited.
    """
    changes = {}
    for found, decision in judged(revision):
        if decision is None:
            words = (replacements or {}).get((found.field, found.start), found.proposal)
            changes.setdefault(found.field, []).append((found.start, found.end, words))
    for field in changes:
        if field not in PARTS:
            _hide_question(revision.article, field)
    text = {"change_note": revision.change_note} | _changed(revision, changes)
    return revision.article.write(
        by=by, based_on=revision, is_important=revision.is_important, **text
    )


def forget(article, values):
    """Take what is known of somebody out of every text the article ever had.

    The one time that a revision's words change: whoever is forgotten stands in no draft either.
    """
    for revision in article.revisions.all():
        changes = {}
        for found in scan(fields_of(revision), values):
            if found.severity == Severity.BLOCK and found.field in PARTS:
                edit = (found.start, found.end, found.proposal)
                changes.setdefault(found.field, []).append(edit)
        if changes:
            Revision.objects.filter(pk=revision.pk).update(**_changed(revision, changes))
            revision.refresh_from_db()
            check(revision)
            article.save(update_fields=["changed_at"])  # the index hears of a changed article


def _changed(revision, changes):
    """The fields of a revision with these stretches of each exchanged."""
    return {
        field: Readable(getattr(revision, field)).replace(edits)
        if field in Revision.RICH_PARTS
        else _replace(getattr(revision, field), edits)
        for field, edits in changes.items()
        if field in PARTS
    }


def _replace(text, edits):
    for start, end, words in sorted(edits, reverse=True):
        text = text[:start] + str(words) + text[end:]
    return text


def _hide_question(article, field):
    question = article.alternate_questions.get(pk=field.split()[1])
    question.hidden_reason = _("It named a person.")
    question.save()


def standing_in_the_way(revision):
    """The reasons, one a line, why this revision may not be public; empty when it may."""
    undecided = [found for found, decision in judged(revision) if decision is None]
    reasons = []
    blocked = [found for found in undecided if found.severity == Severity.BLOCK]
    if blocked:
        kinds = ", ".join(sorted({str(found.kind.label) for found in blocked}))
        reasons.append(_("Personal data must be replaced first: %(kinds)s.") % {"kinds": kinds})
    if len(undecided) > len(blocked):
        n = len(undecided) - len(blocked)
        words = ngettext(
            "One place may point at a person: replace it, or say why it does not.",
            "%(n)d places may point at a person: replace them, or say why they do not.",
            n,
        )
        reasons.append(words % {"n": n})
    return reasons


def is_overridden(revision):
    """Whether somebody marked a finding as not personal, which calls for a second person."""
    return RedactionHit.objects.filter(report__revision=revision, is_not_personal=True).exists()


def unread():
    """The reports of public texts that the patterns of today have not seen."""
    return RedactionReport.objects.filter(revision__state=Revision.State.PUBLISHED).exclude(
        pattern_version=pattern_version()
    )


def rescan(most=1000):
    """Look again at public texts whose report is older than the patterns; returns the held ones.

    The worker reads a slice every minute until all are read: a hundred thousand imported ones
    take two hours. What is found is flagged for a person to decide, never taken down by a machine.
    """
    stale = unread().select_related("revision__article")
    stale = stale.prefetch_related("revision__article__alternate_questions")[:most]
    public, clean, held = public_values(), [], []
    for report in stale:
        if not scan(fields_of(report.revision), _people_behind(report), public):
            clean.append(report.pk)
        elif not check(report.revision).is_passed:
            _flag(report.revision.article)
            held.append(report.revision)
    RedactionHit.objects.filter(report__in=clean).delete()
    RedactionReport.objects.filter(pk__in=clean).update(
        pattern_version=pattern_version(), is_passed=True
    )
    return held


def _people_behind(report):
    """Nobody is known behind what came from a file."""
    article = report.revision.article
    return () if report.pattern_version == IMPORTED else known_values_of(article)


def _flag(article):
    from kb import voting  # flags tell of a report, and votes are masked by this package

    voting.flag(
        article,
        reason="personal",
        comment=_("The privacy gate found something that may point at a person."),
    )
