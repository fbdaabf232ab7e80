"""HTML as the text a reader sees, with the way back to the place each letter came from."""

import html
import re

_PIECE = re.compile(
    r"<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\"[^\"]*\"|'[^']*'|[^>\"'])*)>|&[#\w]+;|.", re.S
)
_TOLD_BY_A_TAG = re.compile(r"\b(?:href|alt|title)=\"([^\"]*)\"")
# These stand inside a line; a name may begin in one and end outside.
_INLINE = {"a", "strong", "b", "em", "i", "u", "s", "sub", "sup", "code", "span", "mark"}


class Readable:
    """The readable text of one field; `replace` changes the field without harming its tags."""

    def __init__(self, source):
        self.source = source
        self._places = []  # for each letter of the text: the letter, and where it stands
        self._attributes = []
        for piece in _PIECE.finditer(source):
            self._read(piece)
        self._places += self._attributes
        self.text = "".join(letter for letter, _start, _end in self._places)

    def _read(self, piece):
        if piece[2] is None:
            for letter in html.unescape(piece[0]):
                self._places.append((letter, *piece.span()))
            return
        if piece[2].lower() not in _INLINE:
            self._places.append(("\n", piece.end(), piece.end()))
        for value in _TOLD_BY_A_TAG.finditer(piece[0]):
            start = piece.start() + value.start(1)
            self._attributes.append(("\n", start, start))
            self._attributes += [
                (letter, start + i, start + i + 1) for i, letter in enumerate(value[1])
            ]

    def replace(self, changes):
        """The field with each (start, end, words) of its text exchanged; tags stay."""
        edits = []
        for start, end, words in changes:
            first, *rest = self._places[start:end]
            edits.append((first[1], first[2], html.escape(str(words))))
            edits += [(at, until, "") for _letter, at, until in rest if at < until]
        source = self.source
        for start, end, words in sorted(set(edits), reverse=True):
            source = source[:start] + words + source[end:]
        return source


def fields_of(revision):
    """Everything of a revision that could reach a reader, as readable text by field name."""
    fields = {part: Readable(getattr(revision, part)).text for part in revision.RICH_PARTS}
    for plain in ("title", "keywords", "change_note"):
        fields[plain] = getattr(revision, plain)
    for question in revision.article.alternate_questions.all():
        if question.hidden_reason:
            continue
        fields[f"question {question.pk}"] = question.text
    return fields
