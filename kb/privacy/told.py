"""What people tell of themselves in their own words: where they live, how to reach them."""

import re

from kb.privacy.finding import Kind, KnownValue
from kb.privacy.scanning import scan
from kb.privacy.words import LEGAL_FORM

_TELLING = {Kind.EMAIL: Kind.EMAIL, Kind.PHONE: Kind.PHONE, Kind.ADDRESS: Kind.PLACE}
_LABELLED = re.compile(
    r"^\W{0,3}(?:(?P<company>company|firm|firma|société|empresa|azienda|bedrijf|företag)|"
    r"(?P<place>(?:(?:my|new|old|home|postal|street|delivery|shipping|billing) )?address|adresse|"
    r"anschrift|dirección|indirizzo|adres|endereço))"
    r"\s?:\s?(?P<value>.{3,160})$",
    re.I | re.M,
)
_WORD = re.compile(r"[^\W\d_]{4}")
_FIRM = re.compile(
    rf"(?:[^\W\d_a-zà-ÿ][\w'’.-]{{1,30}}\s(?:(?:&|and|und|et|y|e)\s)?){{1,4}}{LEGAL_FORM}\b"
)


def told_in(*texts):
    """The KnownValues that people's own letters hold, beside those we asked for."""
    texts = [text for text in texts if text]
    values = [
        KnownValue(_TELLING[hit.kind], hit.words)
        for hit in scan(dict(enumerate(texts)))
        # A postcode alone looks too much like the number of a thing.
        if hit.kind in _TELLING and (hit.kind != Kind.ADDRESS or _WORD.search(hit.words))
    ]
    for text in texts:
        values += [KnownValue(Kind.COMPANY, match[0]) for match in _FIRM.finditer(text)]
        for match in _LABELLED.finditer(text):
            kind = Kind.COMPANY if match["company"] else Kind.PLACE
            values.append(KnownValue(kind, match["value"]))
    return list(dict.fromkeys(values))
