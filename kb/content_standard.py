"""The content standard checklist: what an article must have before customers read it.

A help for authors, not a score: each item says in a sentence what to do about it.
"""

import re
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from kb import links, markup
from kb.models import Article
from kb.privacy import gate

LONG = 400  # words; about one page
LONG_TITLE = 100  # letters; what a list of results shows whole
_IMAGE = re.compile(r"<img\b[^>]*>", re.I)
_ALT = re.compile(r"\balt=\"[^\"]*[^\"\s][^\"]*\"", re.I)


@dataclass(frozen=True)
class Item:
    """One line of the checklist. Advice does not stand in the way of publishing."""

    name: str
    problems: tuple
    is_advice: bool = False

    @property
    def is_met(self):
        return not self.problems


def checklist(revision):
    """Every item for this revision, the automatic part of the content standard."""
    article = revision.article
    return [
        Item(_("Title"), _title(revision)),
        Item(_("Unique"), _unique(revision)),
        Item(_("Resolution"), _resolution(revision)),
        Item(_("Category"), () if article.category_id else (_("Choose a category."),)),
        Item(_("Links"), _links(revision)),
        Item(_("Images"), _images(revision)),
        Item(_("No personal data"), tuple(gate.standing_in_the_way(revision))),
        Item(_("Length"), _length(revision), is_advice=True),
        Item(_("Title in one breath"), _long_title(revision), is_advice=True),
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


def _unique(revision):
    """Two public articles with the same title leave the reader guessing."""
    bare = revision.title.strip(" ?!.")
    spelt = Q(title__iexact=bare)
    for mark in "?!.":
        spelt |= Q(title__iexact=bare + mark)
    twin = Article.objects.public().exclude(pk=revision.article_id).filter(spelt).first()
    if bare and twin:
        return (_("%(number)s has the same title: improve that one.") % {"number": twin.number},)
    return ()


def _resolution(revision):
    if markup.has_content(revision.resolution):
        return ()
    return (_("Write down what to do: the resolution is empty."),)


def _links(revision):
    return tuple(
        _("This link leads nowhere public: %(href)s") % {"href": href}
        for href in links.dead_links(revision)
    )


def _images(revision):
    return tuple(
        problem
        for part in revision.RICH_PARTS
        for problem in silent_images(getattr(revision, part))
    )


def silent_images(text):
    """A sentence for each image that says nothing to those who do not see it."""
    return [
        _("An image has no text for those who do not see it: %(image)s") % {"image": image[:80]}
        for image in _IMAGE.findall(text)
        if not _ALT.search(image)
    ]


def _length(revision):
    words = len(revision.text.split())
    if words <= LONG:
        return ()
    return (_("%(n)d words: two short articles are found more easily.") % {"n": words},)


def _long_title(revision):
    if len(revision.title) <= LONG_TITLE:
        return ()
    return (_("Lists show about %(n)d letters of a title.") % {"n": LONG_TITLE},)
