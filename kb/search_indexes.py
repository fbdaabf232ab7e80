"""What a search engine is given to read of an article. Any engine of Haystack's can use it."""

import zlib

from haystack import indexes

from kb.models import Article, Revision


class ArticleIndex(indexes.SearchIndex, indexes.Indexable):
    """An article as its readers see it, the customers' own questions with it.

    The connection `default` holds what visitors may find and nothing else, so that internal
    words cannot change a count, an order or a spelling hint for them; `staff` holds the rest too.
    """

    text = indexes.CharField(document=True)
    title = indexes.CharField()
    questions = indexes.MultiValueField()
    language = indexes.CharField(model_attr="language")
    category = indexes.IntegerField(model_attr="category_id", null=True, faceted=True)
    article = indexes.IntegerField(model_attr="pk")
    stamp = indexes.IntegerField()

    def get_model(self):
        return Article

    def index_queryset(self, using=None):
        articles = Article.objects.active() if using == "staff" else Article.objects.public()
        return articles.select_related("published_revision", "latest_revision").prefetch_related(
            "alternate_questions"
        )

    def get_updated_field(self):
        return "changed_at"

    def prepare_text(self, article):
        revision = article.shown_revision
        return f"{revision.text} {revision.keywords}".strip() if revision else ""

    def prepare_title(self, article):
        return article.shown_revision.title if article.shown_revision else article.title

    def prepare_questions(self, article):
        return [
            question.text
            for question in article.alternate_questions.all()
            if not question.hidden_reason
        ]

    def prepare_stamp(self, article):
        revision = article.shown_revision
        size = sum(len(getattr(revision, part)) for part in Revision.PARTS) if revision else 0
        questions = sum(len(text) + 1 for text in self.prepared_data["questions"])
        return stamp(
            article.changed_at, article.category_id, getattr(revision, "pk", None), size, questions
        )


def stamp(changed_at, category, revision, size, questions):
    """A number that differs when the index has another state of an article than the database.

    Rows changed by hand carry no new time; nearly always they are of another length.
    """
    state = f"{changed_at.isoformat()} {category} {revision} {size} {questions}"
    return zlib.crc32(state.encode()) & 0x7FFFFFFF  # other engines keep 32 bits with a sign
