"""How Whoosh holds an article: which fields, and what of them is stored."""

from collections import Counter

from haystack.constants import DJANGO_CT, DJANGO_ID, ID
from whoosh import fields, formats

from kb.search import analysis

# The title counts in a field of its own and again inside the text: even for sites whose
# titles say much and for those whose titles say little (measured in docs/search.md).
TITLE_IN_TEXT = 3


class TermField(fields.FieldType):
    """Terms that our own analysis has already counted, or text for it to count."""

    def __init__(self, stored=False):
        # The weight of a posting says how often, so there is nothing else to keep with it.
        super().__init__(
            formats.Existence(), _Analyzer(), scorable=True, stored=stored, multitoken_query="or"
        )

    def index(self, value, **kwargs):
        counts = value if isinstance(value, Counter) else Counter(analysis.terms(value))
        for term, count in counts.items():
            yield term.encode(), count, float(count), b""

    def process_text(self, text, mode="", **kwargs):
        return iter(analysis.terms(text))


class _Analyzer:
    """Lets Whoosh's query parser see our terms."""

    def __call__(self, value, **kwargs):
        from whoosh.analysis import Token

        token = Token()
        for position, term in enumerate(analysis.terms(value)):
            token.text, token.pos, token.boost = term, position, 1.0
            yield token

    def __eq__(self, other):
        return isinstance(other, _Analyzer)

    __hash__ = object.__hash__


def make():
    number = {"stored": True, "sortable": True}
    return fields.Schema(
        **{
            ID: fields.ID(stored=True, unique=True),
            DJANGO_CT: fields.ID(stored=True),
            DJANGO_ID: fields.ID(stored=True),
        },
        text=TermField(stored=True),
        title=TermField(stored=True),
        questions=TermField(stored=True),
        # Every word as it is written, for spelling, beginnings of words and exact phrases.
        words=TermField(),
        language=fields.ID(stored=True),
        article=fields.NUMERIC(int, 64, shift_step=0, **number),
        category=fields.NUMERIC(int, 64, shift_step=0, **number),
        category_exact=fields.NUMERIC(int, 64, shift_step=0, **number),
        stamp=fields.STORED(),
    )


def document(prepared):
    """Whoosh's document for what Haystack has prepared of an article."""
    language = prepared["language"]
    title, text = prepared["title"], prepared["text"]
    questions = list(prepared["questions"])
    title_terms = Counter(analysis.terms(title, language))
    text_terms = Counter(analysis.terms(text, language))
    for term, count in title_terms.items():
        text_terms[term] += TITLE_IN_TEXT * count
    question_terms = Counter()
    for question in questions:
        question_terms.update(analysis.terms(question, language))
    words = Counter(set(analysis.words(" ".join([title, text, *questions]))))
    kept = {name: prepared[name] for name in (ID, DJANGO_CT, DJANGO_ID, "language", "article")}
    kept |= {name: prepared[name] for name in ("category", "stamp") if prepared.get(name)}
    if prepared.get("category"):
        kept["category_exact"] = prepared["category"]
    return kept | {
        "title": title_terms,
        "_stored_title": title,
        "text": text_terms,
        "_stored_text": text,
        "questions": question_terms,
        "_stored_questions": questions,
        "words": words,
    }
