"""Where somebody lives: streets with a house number, and towns with their postcode."""

import re

from kb.privacy.finding import Hit, Kind
from kb.privacy.words import ORDINARY

_WAY = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Square|Sq|Way|"
    r"Place|Pl|Close|Terrace|Crescent|Gardens|Row|Hill|Highway|Hwy|Parkway|Pkwy|Mews|Circle|"
    r"Grove|Park|Parade|Walk|Quay|Rise|Vale|Esplanade|Wharf|Villas|Mount|Green|View|Trail)"
)
# A word with a capital, or the number of a street: Queen's, St., 34th.
_CAP = r"(?:[^\W\d_a-zà-ÿ][^\W\d_]*(?:['-][^\W\d_]+){0,4}[.]?)"
_NAMED = rf"(?:{_CAP}|\d{{1,3}}(?:st|nd|rd|th))"
_OF = r"(?:(?:de|du|des|la|le|les|d'|l')\s?){0,3}"
_STREETS = [
    rf"\b\d{{1,5}}(?:[a-zA-Z]|-\d{{1,4}})?,?\s(?:{_NAMED}\s){{1,4}}{_WAY}\b\.?",
    r"\b[A-ZÄÖÜØÅ][\w.-]{1,40}[ -]?(?:[Ss]traße|[Ss]trasse|[Ss]tr\.|[Ww]eg|[Pp]latz|[Gg]asse|"
    r"[Aa]llee|[- ]Ring|sring|damm|[Uu]fer|straat|laan|plein|gracht|kade|dijk|gatan|vägen|gade|"
    r"vej|veien|gata|katu|tie|kuja|polku|stigen|torget|[ -]utca|[ -]út|[ -]tér|"
    r"[ -]Caddesi|[ -]Sokak|[ -]náměstí|[ -]třída)"
    r"(?:\sNo:?)?\s\d{1,4}(?:\s?[a-z])?\b",
    rf"\b(?:Am|Im|An der|Auf dem|Auf der|In der|Zum|Zur|Unter den)"
    rf"\s{_CAP}(?:\s{_CAP})?\s\d{{1,3}}[a-z]?\b",
    r"\b\d{1,4}(?:\s?(?:bis|ter|quater))?,?\s"
    r"(?i:rue|avenue|av\.|boulevard|bd\.?|place|chemin|allée|impasse|quai|cours|route)"
    rf"\s{_OF}{_CAP}",
    rf"\b(?:Rue|Chemin|Quai|Allée|Strada|Boulevard)\s{_OF}{_CAP}(?:\s{_CAP})?,?\s\d{{1,4}}\b",
    r"\b(?:Calle|C/|Avenida|Avda\.?|Plaza|Paseo|Via|Viale|Piazza|Corso|Rua|ul\.|ulica|al\.|Av\.)"
    r"\s[\w .'-]{2,40}?,?\s(?:n[.º°]\s?)?\d{1,4}\b",
    r"\b(?:Calle|Carrera|Cra\.?|Cl\.?|Avenida|Diagonal)\s\d{1,3}[A-Z]?\s?(?:#|No\.?|n[.º°])\s?\d+",
    r"(?:ул\.|улица|пр\.|пр-т|проспект|вул\.|вулиця|бул\.|бульвар|пер\.|οδός|Οδός)"
    r"\s?[\w .-]{2,40}?,?\s(?:д\.|дом|буд\.)?\s?\d{1,4}",
    r"\b(?i:P\.?\s?O\.?\s?Box|Postfach|Apartado|Boîte postale|Postbus|skrytka)\s\d{1,6}\b",
    r"[\u4e00-\u9fff]{2,12}(?:路|街|巷|丁目|番地)\s?\d{1,5}(?:号|番)?",
    r"[\uac00-\ud7a3]{2,10}(?:로|길)\s?\d{1,4}(?:-\d{1,3})?",
    # What only a postal address has: a flat, a suite
    rf"\b{_CAP}(?:\s{_CAP}){{0,2}}\s(?:Apt|Apartment|Suite|Ste)\.?\s(?:No\.?\s)?\d{{1,4}}\b",
]
_TOWNS = [
    r"\b(?:[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}|[A-CEGHJ-NPR-TVXY]\d[A-Z]\s\d[A-Z]\d)\b",
    r"\b[A-Z]{2}\s\d{5}(?:-\d{4})?\b",
    r"(?<![\w.,/-])(?:[A-Z]{1,2}-)?\d{5}\s[A-ZÄÖÜ][a-zäöüßé]{2,}\b",
    r"\b\d{4}\s?(?!MB|GB|TB|KB|HD|HZ|MM|CM|KM|KG|KW|AM|PM|UK|US|EU|AD|BC|DP|ED|PX)[A-Z]{2}\b(?!-)",
    r"(?<![\w.-])(?:\d{3}\s\d\d|\d\d-\d{3}|\d{4}-\d{3}|\d{5}-\d{3})\s[^\W\d_a-z]\w{2,}",
    r"\b(?:NSW|VIC|QLD|WA|TAS|ACT)\s\d{4}\b",
    r"〒\s?\d{3}-?\d{4}",
    r"\b[AC-FHKNPRTV-Y]\d[\dW]\s(?=[A-Z]{0,3}\d)[\dAC-FHKNPRTV-Y]{4}\b",
]
# Four or six figures are a postcode only before a word that is no word of the language.
_SHORT_CODE = re.compile(
    r"(?<![\w.,/-])(?!19\d\d|20\d\d)(?:\d{4}|\d{6})\s([^\W\d_a-z][^\W\d_A-Z]{2,})\b"
)
_UNITS = {"euro", "euros", "gram", "kelvin", "litre", "lumen", "pixel", "volt", "watt"}
_ADDRESSES = [re.compile(pattern) for pattern in _STREETS + _TOWNS]


def find(text):
    for pattern in _ADDRESSES:
        for match in pattern.finditer(text):
            yield Hit.of(Kind.ADDRESS, text, *match.span())
    for match in _SHORT_CODE.finditer(text):
        if match[1].casefold() not in ORDINARY | _UNITS:
            yield Hit.of(Kind.ADDRESS, text, *match.span())
