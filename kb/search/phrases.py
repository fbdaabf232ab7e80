"""Quoted words stand side by side, or the quotes are set aside.

The index says which articles hold all words of a phrase; whether they stand together is read in
the articles themselves, best first.
"""

import numpy as np

from kb.models import Article
from kb.search import analysis
from kb.search.ranking import Found

READ_AT_MOST = 100


def only_with(found, question, ranking, user, keep=None):
    """Those that hold every phrase; everything found when there is none."""
    together = _holding_all(question.phrases, ranking)
    if keep is not None:
        together &= keep
    best = ranking.find(question.words, READ_AT_MOST, together)
    numbers = ranking.generation.column("article")[best.numbers]
    texts = _texts(numbers.tolist(), user)
    holding = np.array([_holds(texts.get(n, ""), question.phrases) for n in numbers], bool)
    if not holding.any():
        return found
    return Found(best.numbers[holding], best.scores[holding], int(holding.sum()))


def _holding_all(phrases, ranking):
    generation = ranking.generation
    holding = np.ones(generation.count, bool)
    for word in {word for phrase in phrases for word in phrase}:
        here = np.zeros(generation.count, bool)
        for part in generation.segments:
            if postings := part.postings("words", word):
                here[part.start : part.stop][postings[0]] = True
        holding &= here
    return holding


def _texts(numbers, user):
    articles = Article.objects.visible_to(user).filter(pk__in=numbers)
    articles = articles.select_related("published_revision", "latest_revision")
    return {
        article.pk: " ".join(
            analysis.words(f"{article.shown_revision.title} {article.shown_revision.text}")
        )
        for article in articles
    }


def _holds(text, phrases):
    return all(f" {' '.join(phrase)} " in f" {text} " for phrase in phrases)
