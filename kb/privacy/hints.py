"""Signs of a person nobody told us about: greetings, titles, signatures, pairs of capitals.

A hint is only ever a question to the author. What counts as a name is decided against the words
the text itself, the rest of the knowledge base and the language use in lower case.
"""

import re
from collections import Counter
from dataclasses import dataclass

from django.core.cache import cache

from kb.privacy.finding import Hit, Kind
from kb.privacy.plain import fold
from kb.privacy.words import AMBIGUOUS, GAP, GIVEN_NAMES, ORDINARY, is_sentence_start, one_of

_LETTER = r"[^\W\d_]"
# Latin, Greek and Cyrillic; other scripts have no capitals to go by.
_UPPER = "[" + "".join(c for c in map(chr, range(0x530)) if c.isupper()) + "]"
_LOWER_LETTER = "[" + "".join(c for c in map(chr, range(0x530)) if c.islower()) + "]"
# A word that begins with a capital and goes on: Maria, O'Brien, Müller-Lüdenscheidt, McDonald.
_CAPITAL = rf"(?:{_UPPER}{_LETTER}*(?:['-]{_LETTER}+)*)"
_PARTICLE = (
    r"(?:(?:(?:[Vv]an|[Vv]on|vom|zu|ter|de|der|den|del|dela|della|dalla|di|da|do|das|dos|la|le|"
    r"bin|ibn|ben|al|el|af|av|Mac|Ó)\s+){1,2}|[dl]')"
)
_NAME = rf"(?:{_PARTICLE})?{_CAPITAL}(?:\s+(?:{_PARTICLE})?{_CAPITAL}){{0,3}}"
_TITLE = (
    r"(?:M[rsx]|Mrs|Miss|Dr|Prof|Professor|Sir|Madam|Herrn?|Frau|Familie|[Mm]onsieur|[Mm]adame|Mme|"
    r"Mlle|[Ss]eñora?|[Ss]eñorita|Sra?|Srta|[Ss]ignora?|Sig|[Ss]enhora?|Dona|[Mm]eneer|[Mm]evrouw|"
    r"[Hh]eer|[Dd]hr|[Mm]evr|Panie?|Pani?|Panu|Herra|[Ff]ru|Dott|Dottoressa|Aunt|Uncle|Bapak|Ibu|"
    r"Kyrie|[Гг]осподин|[Гг]оспожа|Пан|Пані|[Κκ]ύριε|[Κκ]υρί[αο][ςν]?|κα?(?=\.))\b\.?"
)
_INTRODUCED = [
    # A greeting: Hi Maria,
    rf"(?:^|[\n.!?,]{GAP}){one_of('greetings.txt')}[\s,]{{1,9}}(?:{_TITLE}\s+)?({_NAME})",
    # An introduction: my name is Maria
    rf"\b{one_of('introductions.txt')}\s+({_NAME})",
    rf"\b(?i:this is|i'm|i am|ich bin|je suis|soy|sono|"
    rf"on behalf of|account of|named|called|spoke (?:to|with)|speaking (?:to|with)|talked to|"
    rf"c/o|attn:?|(?:addressed|registered|issued|made out|belongs?|thanks) to|told|asked|thanked|"
    rf"informed|assured|reminded|phoned|rang|(?:signed|sent|written|collected|ordered|paid) by|"
    rf"(?:my|your|her|his|their) (?:wife|husband|son|daughter|mother|father|brother|sister|"
    rf"colleague|partner|friend|neighbour|boss|assistant))\s*,?\s+({_NAME})",
    # A signature: Best regards, Maria
    rf"(?<!\w){one_of('farewells.txt')}(?:\s+(?i:again|everyone))?{GAP}[,!.\n-]{{1,9}}{GAP}"
    rf"({_NAME})",
    rf"\n{GAP}(?:LG|VG|MfG|Mvh|MVH|BR|KR|[xX]{{1,9}})[,.\s]{{1,9}}({_NAME})\s*(?:\n|$)",
    rf"\n{GAP}\n{GAP}[-~]\s?({_NAME})\s*(?:\n|$)",
    # Spoken to: Maria, please press it. Spoken of: Maria called
    rf"(?:^|\n|[.!?]\s)(?!\w+ly,)({_CAPITAL}),\s(?=(?:please|you|your|we|thanks?)\b)",
    rf"(?<![\w'-])({_CAPITAL})\s"
    rf"(?=(?:called|phoned|rang|wrote|complained|told us|asked us|said)\b)",
    rf"(?i:thanks|thank you),?\s({_NAME})(?=[,.!]|\s(?:for|and)\b)",
    # A field of a form: Name: Maria
    rf"(?:^|\n){GAP}(?i:name|customer|client|contact|kunde|nom|nombre|nome|naam)\s?:\s*({_NAME})",
    # A customer by name: customer Maria, Ms or not
    rf"\b(?i:customer|client|caller|user|colleague|buyer|recipient|owner|tenant|patient|"
    rf"kundin|kunde|cliente)\s+({_CAPITAL}\s+(?:{_PARTICLE})?{_CAPITAL})",
]
_INTRODUCED = [re.compile(pattern) for pattern in _INTRODUCED]
# After a title even an ordinary word is a name: Ms Park, Dr Brown, Frau Koch.
_TITLED = re.compile(rf"\b{_TITLE}\s+({_NAME})")
# Written small it is a name where nothing else can follow, or where a given name stands.
_SMALL = re.compile(
    rf"\b(?:{one_of('introductions.txt')}|(?i:this is|i am|i'm))"
    rf"\s+({_LOWER_LETTER}(?:{_LETTER}|['-])+)"
    rf"((?:\s{_LOWER_LETTER}(?:{_LETTER}|['-])+)?)"
)
# A greeting written small: hi dave,
_GREETED_SMALL = re.compile(
    rf"(?:^|\n|[.!?]\s){GAP}{one_of('greetings.txt')}\s"
    rf"({_LOWER_LETTER}(?:{_LETTER}|['-])+)\s?(?=[,!\n])"
)
# Initials leave no doubt: J. R. Hartley. At most 5 W. Then is a unit.
_INITIALS = re.compile(
    rf"(?<![\w.°])(?<![\d°] )(?:{_UPPER}\.\s?){{1,3}}{_CAPITAL}(?<=[^\W_]{{3}})(?!\w)"
)
_RUN = re.compile(
    rf"(?<![\w'@/.-]){_CAPITAL}(?:[ ](?:{_PARTICLE})?(?:[A-Z]\.[ ])?{_CAPITAL}){{0,3}}(?!\w)"
)
# One capital alone, where English speaks of somebody: as Maria wished, Maria's account.
_ALONE = re.compile(
    rf"(?:\b(?i:to|for|by|with|from|gave|give|ask|help|let|show|see|meet|about|as|that|and|when|if|"
    rf"because|since|like|than)\s({_UPPER}{_LOWER_LETTER}{{2,}}(?:-{_LETTER}+)?)"
    rf"(?='s\b|\s{_LOWER_LETTER}|[.,!?;:]|$)|"
    rf"\b({_UPPER}{_LOWER_LETTER}{{2,}}(?:-{_LETTER}+)?)(?='s\s{_LOWER_LETTER}))",
    re.M,
)
_WORD = re.compile(rf"{_LETTER}+(?:['-]{_LETTER}+)*")
_JOINT = re.compile(r"['-]")
_ENDINGS = ("s", "ed", "d", "ing", "er", "ly", "al", "ment", "able")
_LOWER = re.compile(rf"(?<![\w'-]){_LOWER_LETTER}(?:{_LETTER}|['-])+")


@dataclass(frozen=True)
class Vocabulary:
    """What the text at hand and the knowledge base say in passing, so no names."""

    words: frozenset = frozenset()
    pairs: frozenset = frozenset()

    def is_ordinary(self, word):
        """Whether every piece of the word is a word of the language, and so nobody's name."""
        pieces = [piece for piece in _JOINT.split(word.casefold()) if len(piece) > 1]
        return all(self._is_known(piece) for piece in pieces)

    def _is_known(self, word):
        stems = {word, *(word.removesuffix(end) for end in _ENDINGS)}
        stems |= {word[:-3] + "e"} if word.endswith("ing") else set()
        return any(stem in ORDINARY or stem in self.words for stem in stems)


def vocabulary_of(texts):
    """The words these texts use in lower case, together with those of the knowledge base."""
    own = {word for text in texts for word in _LOWER.findall(text or "")}
    words, pairs = _knowledge_base()
    return Vocabulary(frozenset(own | words), pairs)


def _knowledge_base():
    """Words and capitalised runs of the most wanted public articles, read once in ten minutes."""
    return cache.get_or_set("privacy-vocabulary", _read_knowledge_base, 600)


def _read_knowledge_base(most=400):
    from kb.models import Revision  # the models call the gate when a text is saved

    revisions = Revision.objects.filter(
        article__published_revision_id__isnull=False, state=Revision.State.PUBLISHED
    ).order_by("-article__demand", "-pk")[:most]
    words, pairs = set(), {}
    for revision in revisions:
        text = f"{revision.title}. {revision.text}"
        words.update(_LOWER.findall(text))
        for run in {match[0] for match in _RUN.finditer(text)}:
            pairs[run] = pairs.get(run, 0) + 1
    # One article may have let a name slip; two that say the same speak of a thing.
    return frozenset(words), frozenset(run for run, n in pairs.items() if n > 1)


def find(text, vocabulary):
    """Possible names, and amounts that belong to somebody."""
    finders = (_introduced, _capitals, _alone)
    return [hit for finder in finders for hit in finder(text, vocabulary)] + [*_amounts(text)]


def _introduced(text, vocabulary):
    for pattern in _INTRODUCED:
        for match in pattern.finditer(text):
            # The name without the ordinary words around it, as in "Dear Customer Maria".
            names = [
                word
                for word in _WORD.finditer(text, *match.span(1))
                if _may_be_name(word[0], vocabulary) or word[0].casefold() in AMBIGUOUS
            ]
            if names:
                yield Hit.of(Kind.PERSON, text, names[0].start(), names[-1].end())
    for match in _TITLED.finditer(text):
        yield Hit.of(Kind.PERSON, text, *match.span(1))
    for match in _INITIALS.finditer(text):
        if not vocabulary.is_ordinary(match[0].rsplit(".", 1)[1].strip()):
            yield Hit.of(Kind.PERSON, text, *match.span())
    for match in _GREETED_SMALL.finditer(text):
        if not Vocabulary().is_ordinary(match[1]):  # its own words hold the name itself
            yield Hit.of(Kind.PERSON, text, *match.span(1))
    for match in _SMALL.finditer(text):
        if _is_name_written_small(match):
            yield Hit.of(Kind.PERSON, text, match.start(1), match.end(2))


def _is_name_written_small(match):
    """ "my name is jonas weber" says a name; "this is leaking badly" does not."""
    first, second = match[1].casefold(), match[2].strip().casefold()
    if _is_given_name(first) or match[0].casefold().startswith(("this is", "i am ", "i'm")):
        return _is_given_name(first) or (first in AMBIGUOUS and second and second not in ORDINARY)
    return first in AMBIGUOUS or not Vocabulary().is_ordinary(first)


def _capitals(text, vocabulary):
    """Runs of capitals with a given name in them, or with two words that nobody else uses."""
    for match in _RUN.finditer(text):
        if match[0] in vocabulary.pairs:
            continue
        words = [word for word in _WORD.finditer(text, *match.span()) if word[0][0].isupper()]
        is_name = [_may_be_name(word[0], vocabulary) for word in words]
        for i, word in enumerate(words):
            follows = (
                i + 1 < len(words) and is_name[i + 1] and _stand_together(text, *words[i : i + 2])
            )
            if (
                _is_given_name(word[0])
                or (is_name[i] and follows)
                or _is_name_before_a_surname(text, word, words[i + 1 : i + 2])
            ):
                yield Hit.of(Kind.PERSON, text, word.start(), _end_of_name(words, is_name, i))
                break


def _stand_together(text, word, after):
    """ "Thandeka van Wyk" is one name; "Ablauf der Frist" and "Servicio al Cliente" are none."""
    between = text[word.end() : after.start()].strip()
    return between[:3] in ("", "van", "Van", "von") or between.endswith(".")


def _alone(text, vocabulary, most=2):
    """A word nobody else uses; what a text speaks of again and again is its subject."""
    times = Counter(match[0] for match in _WORD.finditer(text))
    for match in _ALONE.finditer(text):
        word = match[match.lastindex]
        said = times[word] + times[f"{word}'s"]
        if said <= most and word not in vocabulary.pairs and _may_be_name(word, vocabulary):
            yield Hit.of(Kind.PERSON, text, *match.span(match.lastindex))


def _is_name_before_a_surname(text, word, after):
    """Rose Harding is somebody; in "Will Swiftline bring it?" nobody is named."""
    if word[0].casefold() not in AMBIGUOUS or not after or after[0][0].casefold() in ORDINARY:
        return False
    return after[0][0].endswith("'s") or not is_sentence_start(text, word.start())


def _end_of_name(words, is_name, first):
    """The last word that may belong to it; the one after a given name may be Smith or Baker."""
    return max(
        word.end() for i, word in enumerate(words) if i >= first and (is_name[i] or i <= first + 1)
    )


def _is_given_name(word):
    return _JOINT.split(fold(word))[0] in GIVEN_NAMES


def _may_be_name(word, vocabulary):
    return _is_given_name(word) or (
        len(word) > 1
        and word[0].isupper()
        and not word.isupper()
        and not vocabulary.is_ordinary(word)
    )


_AMOUNT = re.compile(
    r"(?:[€$£¥]\s?\d{1,7}(?:[.,]\d{3})*(?:[.,]\d\d)?|\b\d{1,7}(?:[.,]\d{3})*(?:[.,]\d\d)?\s?"
    r"(?:€|£|\$|(?:EUR|USD|GBP|CHF|euros?|dollars|pounds)\b))"
)
_HERS = re.compile(
    r"\b(?:paid|charged|refund(?:ed)?|owe[ds]?|debited|credited|transferred|your (?:bill|balance|"
    r"payment|salary|refund|invoice)|outstanding|deducted|billed)\b[^.!?\n]{0,30}$",
    re.I,
)


def _amounts(text):
    """Money that changed hands; a price in a list is everybody's."""
    for match in _AMOUNT.finditer(text):
        if _HERS.search(text[max(0, match.start() - 60) : match.start()]):
            yield Hit.of(Kind.AMOUNT, text, *match.span())
