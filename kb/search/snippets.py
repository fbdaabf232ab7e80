"""The best passage of an answer for a question, with the question's words marked.

An article is cut at its headings into sections and these into sentences; the stretch that
holds the most, and the rarest, of the question's terms is shown. When it stands under a
heading, the hit leads there.
"""

import re
from dataclasses import dataclass

from django.utils.html import escape, format_html_join
from django.utils.text import slugify

from kb import markup
from kb.search import analysis

LENGTH = 220  # characters of a passage
BEGINNING = 2  # letters that a word and its stem have in common,
CUT_IN_FRONT = {"id"}  # but not where prefixes are cut off too
_HEADING = re.compile(r"<h([2-4])[^>]*>(.*?)</h\1>", re.S)
_ROW = re.compile(r"<tr[^>]*>(.*?)</tr>", re.S)
_CELL_END = re.compile(r"</t[dh]>")
_SENTENCE_END = re.compile(r"(?<=[.!?\u3002\uff01\uff1f])\s+")


@dataclass(frozen=True)
class Passage:
    text: str
    heading: str = ""

    @property
    def anchor(self):
        return anchor(self.heading) if self.heading else ""


def anchor(heading):
    """The name by which a heading can be linked to."""
    return slugify(heading, allow_unicode=True) or "section"


def sections(html):
    """(heading, text) of each part of an article, the opening first with no heading."""
    pieces = _HEADING.split(_ROW.sub(_as_sentence, html or ""))
    yield "", markup.to_text(pieces[0])
    for heading, body in zip(pieces[2::3], pieces[3::3], strict=True):
        yield markup.to_text(heading), markup.to_text(body)


def _as_sentence(row):
    """A row of a table as it would be said: its cells with commas between them."""
    said = ", ".join(filter(None, map(markup.to_text, _CELL_END.split(row[1]))))
    return f" {escape(said)}{'' if said.endswith(('.', '!', '?')) else '.'} "


def passages(text):
    """Sentences joined until they fill a snippet; a very long sentence is cut at a space."""
    passage = ""
    for sentence in _SENTENCE_END.split(text):
        while len(sentence) > LENGTH:
            cut = sentence.rfind(" ", LENGTH // 2, LENGTH)
            cut = cut if cut > 0 else LENGTH
            yield from filter(None, (passage, sentence[:cut]))
            passage, sentence = "", sentence[cut:].strip()
        if len(passage) + len(sentence) >= LENGTH:
            yield passage
            passage = sentence
        else:
            passage = f"{passage} {sentence}".strip()
    if passage:
        yield passage


def best_passage(revision, weights, language):
    """The passage whose terms weigh most; the opening when none holds any."""
    best, best_weight = None, 0.0
    for part in revision.RICH_PARTS:
        for heading, text in sections(getattr(revision, part)):
            title = _weight(heading, _answering(heading, weights.keys(), language), weights) / 2
            answering = _answering(text, weights.keys(), language)
            for passage in passages(text):
                weight = _weight(passage, answering, weights) + title
                if weight > best_weight or best is None:
                    best, best_weight = Passage(passage, heading), weight
    return best or Passage("")


def _answering(text, terms, language):
    """The tokens of a text that answer to a term, and to which: mostly a handful."""
    beginnings, has_kept = {term[:BEGINNING] for term in terms}, language not in CUT_IN_FRONT
    held = {}
    for token in set(analysis.TOKEN.findall(text)):
        is_plain = has_kept and token.isascii() and token.isalpha()
        if is_plain and token[:BEGINNING].lower() not in beginnings:
            continue  # a stem begins as its word does: most words need not be stemmed
        if answered := analysis.token_terms(token, language) & terms:
            held[token] = answered
    return held


def _weight(text, answering, weights):
    """What the question's terms in this text weigh, each counted once."""
    if not any(token in text for token in answering):
        return 0.0
    tokens = set(analysis.TOKEN.findall(text)) & answering.keys()
    return sum(weights[term] for term in set().union(*map(answering.get, tokens)))


def highlight(text, terms, language):
    """Safe HTML of the text with each word marked that the question also has."""
    marked, end, answering = [], 0, _answering(text, terms, language)
    for token in analysis.TOKEN.finditer(text) if answering else ():
        for start, stop in _spans(token[0], terms, language) if token[0] in answering else ():
            marked.append((text[end : token.start() + start], token[0][start:stop]))
            end = token.start() + stop
    return format_html_join("", "{}<mark>{}</mark>", marked) + escape(text[end:])


def _spans(token, terms, language):
    """What of a token answers: all of it, or some characters of a text without spaces."""
    pieces = list(analysis.pieces(token))
    if len(pieces) == 1:
        return [(0, len(token))]
    spans = []
    for start, stop in pieces:
        if not terms & analysis.token_terms(token[start:stop], language):
            continue
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], stop)
        else:
            spans.append((start, stop))
    return spans
