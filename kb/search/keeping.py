"""The index follows the database: changes are written down where they happen, applied later.

An article's own transaction notes that it changed (`ChangeRecorder`). The worker takes the notes
in order (`apply_changes`), in whole batches, and the index itself carries the mark of how far it
came, so the two cannot disagree. What slips past, because rows were changed by hand or a backup
was put back, is found by `compare_and_mend`.
"""

import logging
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

import numpy as np
from django.db.models import Max, Sum
from django.db.models.functions import Coalesce, Length
from django.db.models.signals import post_delete, post_save
from django.utils import timezone
from haystack import connections
from haystack.signals import BaseSignalProcessor

from kb.models import AlternateQuestion, Article, IndexChange, Revision
from kb.search.backend import Backend
from kb.search.store import MAX_SEGMENTS
from kb.search_indexes import stamp

log = logging.getLogger(__name__)
BATCH = 200
WORN = 1 / 3  # of the documents deleted: time to write the index anew
# Transactions end in another order than they take their numbers: look back this far.
OVERLAP = timedelta(minutes=2)
KEPT = timedelta(days=1)


class ChangeRecorder(BaseSignalProcessor):
    """Notes, in the article's own transaction, that the index has to hear of it."""

    # Kept by the clockwork for ordering; the index does not hold them.
    UNSEEN = frozenset({"demand", "is_pinned", "last_checked_at", "last_checked_by", "review_by"})

    def setup(self):
        for signal in (post_save, post_delete):
            signal.connect(self.article_changed, sender=Article)
            signal.connect(self.question_changed, sender=AlternateQuestion)

    def teardown(self):
        for signal in (post_save, post_delete):
            signal.disconnect(self.article_changed, sender=Article)
            signal.disconnect(self.question_changed, sender=AlternateQuestion)

    def article_changed(self, instance, update_fields=None, **kwargs):
        if not update_fields or not self.UNSEEN.issuperset(update_fields):
            IndexChange.objects.create(article_id=instance.pk)

    def question_changed(self, instance, **kwargs):
        IndexChange.objects.create(article_id=instance.article_id)


def backends() -> Iterator[Backend]:
    """The connections we keep ourselves; an engine that is a server of its own is not ours."""
    return (backend for backend in followers() if isinstance(backend, Backend))


def followers():
    """Every connection that follows the database: ours, and the cores of a search server."""
    for alias in connections.connections_info:
        backend = connections[alias].get_backend()
        if hasattr(backend, "index"):
            yield backend


def search_index(backend):
    return connections[backend.connection_alias].get_unified_index().get_index(Article)


# --- Changes -------------------------------------------------------------------------


def apply_changes():
    """Bring each index up to the database; returns how many articles were taken."""
    return _with_each(_apply_to)


def _with_each(do):
    """The sum over all indexes; a server that is away hears of it in a later round."""
    done = 0
    for backend in followers():
        try:
            done += do(backend)
        except ConnectionError as error:
            log.warning("The index %s waits: %s", backend.connection_alias, error)
    return done


def _apply_to(backend):
    is_first = backend.index.applied is None  # the worker has just started
    if trouble := backend.index.trouble(thoroughly=is_first):
        log.warning("The index %s is made anew: %s", backend.connection_alias, trouble)
        return rebuild(backend)
    if is_first:
        backend.index.applied = set()
        _mend(backend)
    taken, applied = 0, backend.index.applied
    while changes := _pending(backend.index.mark, applied):
        _write(backend, {change.article_id for change in changes}, changes[-1].pk)
        applied.update(change.pk for change in changes)
        taken += len(changes)
    if taken:
        applied.intersection_update(_recent().values_list("pk", flat=True))
        backend.index.tidy()
    return taken


def _recent():
    return IndexChange.objects.filter(at__gt=timezone.now() - OVERLAP)


def _pending(mark, done):
    rows = (IndexChange.objects.filter(pk__gt=mark) | _recent()).order_by("pk")
    return list(islice((row for row in rows.iterator() if row.pk not in done), BATCH))


def waiting_after(mark):
    """How many changes an index with this mark has yet to hear of."""
    return IndexChange.objects.filter(pk__gt=mark).count()


def _newest_change():
    return IndexChange.objects.aggregate(newest=Max("pk"))["newest"] or 0


def _documents(backend, articles):
    """What the index shall hold of these articles, and which of them it shall not hold."""
    index = search_index(backend)
    found = index.index_queryset(using=backend.connection_alias).filter(pk__in=articles)
    documents = list(backend.prepare(index, found))
    return documents, set(articles) - {document["article"] for document in documents}


def _write(backend, articles, mark=None):
    """Put these articles into the index as they are now, or take them out."""
    backend.index.apply(*_documents(backend, articles), mark)


# --- Rebuilding and mending --------------------------------------------------------------


def rebuild(backend, progress=lambda done: None):
    """Make the whole index anew beside the one that is served, then switch; returns its size."""
    if not isinstance(backend, Backend):
        return _rewrite(backend, progress)
    with backend.index.lock("rebuild"):
        mark = _newest_change()
        done = {change.pk for change in IndexChange.objects.filter(pk__lte=mark)}
        store = backend.index.start_anew()
        store.write(_all_documents(backend, progress))
        # What was published meanwhile went into the old one; it must not vanish for a moment.
        while changes := _pending(mark, done):
            changed = {change.article_id for change in changes}
            backend.index.write_beside(store, *_documents(backend, changed))
            done.update(change.pk for change in changes)
            mark = changes[-1].pk
        backend.index.switch_to(store, mark)
    return backend.ranking.generation.live


def _rewrite(backend, progress):
    """Send a server every article and drop what it has beside: shown with the last message."""
    mark, written = _newest_change(), set()
    documents = _all_documents(backend, progress)
    while batch := list(islice(documents, BATCH)):
        backend.index.add(batch)
        written.update(document["article"] for document in batch)
    backend.index.apply([], backend.index.state().keys() - written, mark)
    return len(written)


def _all_documents(backend, progress):
    index = search_index(backend)
    articles = index.index_queryset(using=backend.connection_alias).order_by("pk")
    documents = backend.prepare(index, articles.iterator(chunk_size=500))
    for done, document in enumerate(documents, 1):
        yield document
        progress(done)


def compare_and_mend():
    """Compare index and database and mend what differs; returns how many articles did."""
    mended = _with_each(lambda backend: (rebuild if _is_worn(backend) else _mend)(backend))
    _forget_old_changes()
    return mended


def _is_worn(backend):
    """Damaged, a third of it deleted, or in more pieces than are merged by the way."""
    if backend.index.trouble(thoroughly=True):
        return True
    if not isinstance(backend, Backend):
        return False
    generation = backend.ranking.generation
    many = len(generation.segments) > MAX_SEGMENTS
    return many or len(generation.dead) > WORN * generation.count


def _mend(backend):
    in_database, in_index = database_state(backend), index_state(backend)
    differing = {pk for pk, _ in in_database.items() ^ in_index.items()}
    if len(differing) > max(BATCH, len(in_index) // 2):  # one pass is quicker
        return rebuild(backend)
    for batch in batched(sorted(differing), BATCH):
        _write(backend, batch)
    return len(differing)


def database_state(backend):
    """The stamp of each article that the index ought to hold."""
    articles = search_index(backend).index_queryset(using=backend.connection_alias)
    rows = (
        articles.select_related(None)
        .prefetch_related(None)
        .annotate(revision=Coalesce("published_revision", "latest_revision"))
        .annotate(size=Coalesce(_size("published_revision"), _size("latest_revision"), 0))
        .values_list("pk", "changed_at", "category_id", "revision", "size")
    )
    shown = AlternateQuestion.objects.filter(hidden_reason="").order_by().values("article_id")
    questions = dict(shown.annotate(size=Sum(Length("text") + 1)).values_list("article_id", "size"))
    return {pk: stamp(*parts, questions.get(pk, 0)) for pk, *parts in rows.iterator()}


def _size(revision):
    """How many characters a revision's words are; nothing where there is no revision."""
    return sum(Length(f"{revision}__{part}") for part in Revision.PARTS)


def index_state(backend):
    """The stamp of each article that the index holds."""
    if not isinstance(backend, Backend):
        return backend.index.state()
    generation = backend.ranking.generation
    articles, stamps = generation.column("article"), generation.column("stamp")
    live = np.delete(np.arange(generation.count), generation.dead)
    return dict(zip(articles[live].tolist(), stamps[live].tolist(), strict=True))


def _forget_old_changes():
    try:
        marks = [backend.index.mark for backend in followers()]
    except ConnectionError:  # it has yet to hear of them
        return
    if marks:
        IndexChange.objects.filter(pk__lte=min(marks), at__lt=timezone.now() - KEPT).delete()


def batched(items, size):
    for start in range(0, len(items), size):
        yield items[start : start + size]
