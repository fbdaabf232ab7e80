"""The content standard checklist: what an article must have before customers read it.

A help for authors, not a score: each item says in a sentence what to do about it.
"""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from kb import links, markup, pictures
from kb.models import Article, Revision
from kb.privacy import gate

LONG = 400  # words; about one page
MARKS = "?!."
LONG_TITLE = 100  # letters; what a list of results shows whole


@dataclass(frozen=True)
class Item:
    """One line of the checklist. Advice does not stand in the way of publishing."""

    key: str
    name: str
    problems: tuple
    is_advice: bool = False

    @property
    def is_met(self):
        return not self.problems


def checklist(revision):
    """Every item for this revision, the automatic part of the content standard."""
    dead = links.dead(links.to_our_pages(revision))
    return [
        *_of_the_text(revision),
        *_beside_others(_twin(revision), dead, gate.standing_in_the_way(revision)),
    ]


def checklists():
    """(article, its checklist) for all that customers read, in four queries.

    What is personal is told by the kept reports: they are renewed whenever the patterns change.
    """
    shown = Revision.objects.filter(pk__in=Article.objects.public().values("published_revision"))
    shown = shown.select_related("article", "redaction_report").iterator(chunk_size=500)
    kept = pictures.kept()
    read = [
        (
            revision.article,
            _of_the_text(revision, kept),
            links.to_our_pages(revision),
            _held(revision),
        )
        for revision in shown
    ]
    dead = links.dead(href for _article, _items, hrefs, _held in read for href in hrefs)
    titled = defaultdict(list)
    for article, *_rest in read:
        titled[_bare(article.title).casefold()].append(article)
    for article, items, hrefs, held in read:
        twins = titled[_bare(article.title).casefold()]
        twin = next((other for other in twins if other != article), None)
        yield article, [*items, *_beside_others(twin, dead.intersection(hrefs), held)]


def _of_the_text(revision, kept=None):
    """The items that a text answers alone."""
    has_category = revision.article.category_id is not None
    return [
        Item("title", _("Title"), _title(revision)),
        Item("resolution", _("Resolution"), _resolution(revision)),
        Item("category", _("Category"), () if has_category else (_("Choose a category."),)),
        Item("images", _("Images"), _images(revision, kept)),
        Item("length", _("Length"), _length(revision), is_advice=True),
        Item("breath", _("Title in one breath"), _long_title(revision), is_advice=True),
    ]


def _beside_others(twin, dead, personal):
    """The items for which one has to look elsewhere."""
    return [
        Item("unique", _("Unique"), _unique(twin)),
        Item("links", _("Links"), _links(dead)),
        Item("personal", _("No personal data"), tuple(personal)),
    ]


def problems(revision):
    """All that stands in the way of publishing this revision."""
    return [
        problem for item in checklist(revision) if not item.is_advice for problem in item.problems
    ]


def _title(revision):
    title = revision.title.strip()
    if not title:
        return (_("Give it a title: the question as a customer asks it."),)
    if title.isupper() and len(title) > 12:
        return (_("Write the title in ordinary letters; capitals alone are hard to read."),)
    return ()


def _unique(twin):
    """Two public articles with the same title leave the reader guessing."""
    if twin is None:
        return ()
    return (_("%(number)s has the same title: improve that one.") % {"number": twin.number},)


def _twin(revision):
    """Another public article with the same title, but for capitals and the marks around it."""
    bare = _bare(revision.title)
    spelt = Q(title__iexact=bare)
    for mark in MARKS:
        spelt |= Q(title__iexact=bare + mark)
    others = Article.objects.public().exclude(pk=revision.article_id)
    return others.filter(spelt).first() if bare else None


def _bare(title):
    return title.strip(f" {MARKS}")


def _resolution(revision):
    if markup.has_content(revision.resolution):
        return ()
    return (_("Write down what to do: the resolution is empty."),)


def _links(dead):
    return tuple(
        _("This link leads nowhere public: %(href)s") % {"href": href} for href in sorted(dead)
    )


def _held(revision):
    report = getattr(revision, "redaction_report", None)
    is_passed = report is not None and report.is_passed
    return () if is_passed else (_("The privacy gate has found something that may be personal."),)


def _images(revision, kept):
    return tuple(
        said
        for part in revision.RICH_PARTS
        for said in pictures.problems(getattr(revision, part), kept)
    )


def _length(revision):
    words = len(revision.text.split())
    if words <= LONG:
        return ()
    return (_("%(n)d words: two short articles are found more easily.") % {"n": words},)


def _long_title(revision):
    if len(revision.title) <= LONG_TITLE:
        return ()
    return (_("Lists show about %(n)d letters of a title.") % {"n": LONG_TITLE},)
