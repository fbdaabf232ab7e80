"""What people tell of themselves in their own words: where they live, how to reach them."""

import re

from kb.privacy.finding import Kind, KnownValue
from kb.privacy.scanning import scan

_TELLING = {Kind.EMAIL: Kind.EMAIL, Kind.PHONE: Kind.PHONE, Kind.ADDRESS: Kind.PLACE}
_LABELLED = re.compile(
    r"^\W{0,3}(?:(?P<company>company|firm|firma|société|empresa|azienda|bedrijf|företag)|"
    r"(?P<place>(?:\w{1,12} )?address|adresse|anschrift|dirección|indirizzo|adres|endereço))"
    r"\s?:\s?(?P<value>.{3,160})$",
    re.I | re.M,
)
_LEGAL_FORM = (
    r"(?:Ltd|LTD|Limited|Inc|LLC|LLP|PLC|plc|Corp|GmbH|AG|KG|UG|S\.A|SA|SARL|SAS|S\.?[rR]\.?[lL]|"
    r"S\.?p\.?A|S\.?L|B\.?V|N\.?V|A/S|ApS|AB|Oyj?|Kft|[sS]\.r\.o|[sS]p\. z o\.o)\b"
)
_FIRM = re.compile(
    rf"(?:[^\W\d_a-zà-ÿ][\w'’.-]{{1,30}}\s(?:(?:&|and|und|et|y|e)\s)?){{1,4}}{_LEGAL_FORM}"
)


def told_in(*texts):
    """The KnownValues that people's own letters hold, beside those we asked for."""
    texts = [text for text in texts if text]
    found = scan(dict(enumerate(texts)))
    values = [KnownValue(_TELLING[hit.kind], hit.words) for hit in found if hit.kind in _TELLING]
    for text in texts:
        values += [KnownValue(Kind.COMPANY, match[0]) for match in _FIRM.finditer(text)]
        for match in _LABELLED.finditer(text):
            kind = Kind.COMPANY if match["company"] else Kind.PLACE
            values.append(KnownValue(kind, match["value"]))
    return list(dict.fromkeys(values))
