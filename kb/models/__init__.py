"""What we know: articles, the texts they have had, and how readers use them."""

from kb.models.article import (
    AlternateQuestion,
    Article,
    ArticleSource,
    EditConflict,
    FormerSlug,
    PublishRefused,
)
from kb.models.category import Category
from kb.models.gap import ContentGap, GapPhrase
from kb.models.grade import GradedQuery, Remedy, SearchGrade
from kb.models.keeping import IndexChange, Pin, Synonym
from kb.models.picture import Picture
from kb.models.privacy import NumberShape, PublicValue
from kb.models.reading import (
    AnswerOffer,
    ArticleFlag,
    ArticleView,
    HelpfulVote,
    JournalFile,
    SearchQuery,
    VisitSalt,
)
from kb.models.revision import RedactionHit, RedactionReport, Revision

__all__ = [
    "AlternateQuestion",
    "AnswerOffer",
    "Article",
    "ArticleFlag",
    "ArticleSource",
    "ArticleView",
    "Category",
    "ContentGap",
    "EditConflict",
    "FormerSlug",
    "GapPhrase",
    "GradedQuery",
    "HelpfulVote",
    "IndexChange",
    "JournalFile",
    "NumberShape",
    "Picture",
    "Pin",
    "PublicValue",
    "PublishRefused",
    "RedactionHit",
    "RedactionReport",
    "Remedy",
    "Revision",
    "SearchGrade",
    "SearchQuery",
    "Synonym",
    "VisitSalt",
]
