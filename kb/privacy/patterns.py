"""Things whose form gives them away: addresses, accounts, links. All run in linear time."""

import ipaddress
import re
from datetime import date

from stdnum import iban
from stdnum.iso7064 import mod_97_10

from kb.privacy import places
from kb.privacy.finding import Hit, Kind

_AT = r"(?:at|ät|arroba|chiocciola|arobase|małpa|zavináč|собака)"
_DOT = r"(?:dot|punkt|punto|ponto|point|kropka|tečka|точка)"
_LOCAL = r"(?<![\w.+-])(?:[\w.+%'-]{1,64}|\"[^\"\n]{1,60}\")"
_EMAIL = re.compile(
    rf"{_LOCAL}\s?(?:@|[(\[{{<]\s?(?:{_AT}|@)\s?[)\]}}>])\s?(?:\[[\d.:a-f]{{3,45}}\]|[\w-]{{1,63}}"
    rf"(?:(?:\.|\s\.\s?|\s?[(\[{{<]\s?(?:{_DOT}|\.)\s?[)\]}}>]\s?|\s{_DOT}\s)[\w-]{{1,63}}){{1,5}})",
    re.I,
)
# Said aloud: ana dot lee at mail dot com; or with a sign that tells it from "meet at example.com".
_SPOKEN_EMAIL = re.compile(
    rf"(?<![\w.])(?:[\w.+%'-]{{1,64}}\s(?:{_DOT}|underscore)\s){{0,3}}[\w.+%'-]{{1,64}}\s{_AT}\s"
    rf"[\w-]{{2,63}}(?:\s{_DOT}\s[\w-]{{2,63}}){{1,4}}\b|"
    rf"(?<![\w.])(?=[\w+-]{{1,40}}[._\d])(?=[\w.+-]{{0,40}}[^\W\d])[\w.+-]{{1,64}}\w\s{_AT}\s"
    r"[\w-]{2,63}(?:\.[\w-]{2,63}){1,4}\b",
    re.I,
)
_TEACHING_EMAIL = re.compile(r"(your)?(name|you|someone|user|me)@example\.(com|org|net)$", re.I)
_IBAN = re.compile(r"\b(?:IBAN)?([A-Z]{2}\s?\d{2}(?:[\s.-]?[A-Z0-9]){10,30})\b", re.I)
_URL = re.compile(
    r"\b(?:https?://|www\.|(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,12}/)[^\s<>\"']{4,500}", re.I
)
_PERSONAL_URL = re.compile(
    r"[?&;][^=&\s]{1,40}=[^&\s]|[/=#](?:[\w]+-)*(?=[a-zA-Z_]*\d)\w{16,}|/\d{6,}|//[^/\s]+@|"
    r"/(?:u|users?|profiles?|members?|people|~)/?[\w.-]*[\w-]"
)
# What only a machine writes: a session, a token, an identifier.
_TOKEN = re.compile(
    r"(?<![\w-])(?:[0-9a-f]{24,64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|"
    r"eyJ[\w-]{10,}(?:\.[\w-]+){0,2})(?![\w-])",
    re.I,
)
_HARDWARE = re.compile(
    r"(?<![\w:.-])(?:[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|"
    r"(?:[0-9a-f]{4}\.){2}[0-9a-f]{4})(?![\w:-])",
    re.I,
)
_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.]*\d)")
_VERSION = re.compile(r"\b(?:version|firmware|release|build|v)\W{0,2}$", re.I)
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{1,4}(?![\w:])", re.I)

_MONTH = (
    r"(?:jan|gen|ene|feb|fév|fev|mar|mär|apr|avr|abr|may|mai|mag|jun|juin|giu|jul|juil|lug|aug|ago|"
    r"août|sep|set|sept|oct|okt|ott|out|nov|dec|dez|déc|dic|stycz|lut|kwie|maj|czerw|lip|sierp|"
    r"wrze|paźd|listop|grud|янв|фев|мар|апр|мая|июн|июл|авг|сен|окт|ноя|дек)[^\W\d_]{0,8}\.?"
)
_DATE = re.compile(
    rf"(?<![\d./-])(?:\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}[-/.]\d{{1,2}}[-/.](?:19|20)\d\d|"
    rf"\d{{1,2}}(?:st|nd|rd|th|\.)?\s(?:(?:of|de)\s)?{_MONTH}\s(?:de\s)?(?:19|20)\d\d|"
    rf"\d{{1,2}}-{_MONTH}-(?:19|20)\d\d|(?:19|20)\d\d[年년]\s?\d{{1,2}}[月월]\s?\d{{1,2}}[日일]|"
    rf"{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?,?\s(?:19|20)\d\d)(?![\d/-])",
    re.I,
)
_BIRTH = (
    r"born(?:\s+on)?|date of birth|dob|d\.o\.b\.?|birthday|birth\s?date|geboren(?:\s+(?:am|op))?|"
    r"geb\.(?:\s+am)?|geburtsdatum|geburtstag|geboortedatum|née?\s+le|date de naissance|"
    r"fecha de nacimiento|nacid[oa]\s+el|nat[oa]\s+il|data di nascita|data de nascimento|"
    r"nascid[oa]\s+em|född|fødd?t?|f\.|ur\.|urodzon[ya]|data urodzenia|narozena?|született|"
    r"doğum tarihi|дата рождения|родил\w+|дата народження|生年月日[はが:]?|出生日期|생년월일"
)
_BORN = re.compile(
    rf"(?<![a-z])(?:{_BIRTH})\W{{0,4}}(?:is\s+|was\s+)?$",
    re.I,
)
# After such a word a year needs no century.
_SHORT_BIRTH = re.compile(
    rf"\b(?:{_BIRTH})\W{{0,4}}(?:is\s+|was\s+)?"
    r"(\d{1,2}[-/.]\s?\d{1,2}[-/.]\s?\d\d(?:\d\d)?)(?!\d)",
    re.I,
)
# A date that a rule speaks of belongs to everyone: "valid until 1 March 2027".
_RULE_DATE = re.compile(
    r"\b(?:since|from|until|till|by|before|after|effective|valid|updated|version|as of|starting|"
    r"revised|through|and|to)\W{1,3}$",
    re.I,
)


def find(text, shapes=()):
    """All that patterns find in one text, overlaps included."""
    return [
        hit
        for finder in (_emails, _ibans, _links, _networks, _dates, places.find)
        for hit in finder(text)
    ] + [
        Hit.of(Kind.NUMBER, text, *match.span())
        for shape in shapes
        for match in re.finditer(rf"(?<!\w){shape}(?!\w)", text, re.I)
    ]


def _emails(text):
    for pattern in (_EMAIL, _SPOKEN_EMAIL):
        for match in pattern.finditer(text):
            if not _TEACHING_EMAIL.match(match[0]):
                yield Hit.of(Kind.EMAIL, text, *match.span())


def _ibans(text):
    for match in _IBAN.finditer(text):
        # Words may follow an account; its true length is the one that checks out.
        signs = [i for i in range(*match.span(1)) if text[i].isalnum()]
        for length in range(len(signs), 13, -1):
            number = "".join(text[i] for i in signs[:length]).upper()
            end = signs[length - 1] + 1
            is_whole = signs[2] == signs[0] + 2 and not text[end : end + 1].isalnum()
            if iban.is_valid(number, check_country=False) or (is_whole and _adds_up(number)):
                yield Hit.of(Kind.IBAN, text, match.start(1), end)
                break


def _adds_up(number):
    """A country's own rules may be stricter than what people's banks print: the sum is enough."""
    return sum(map(str.isdigit, number)) >= 10 and mod_97_10.is_valid(number[4:] + number[:4])


def _links(text):
    for match in _URL.finditer(text):
        if _PERSONAL_URL.search(match[0]):
            yield Hit.of(Kind.LINK, text, *match.span())
    for match in _TOKEN.finditer(text):
        if any(map(str.isdigit, match[0])):
            yield Hit.of(Kind.LINK, text, *match.span())


def _networks(text):
    for match in _HARDWARE.finditer(text):
        yield Hit.of(Kind.IP, text, *match.span())
    for pattern in (_IPV4, _IPV6):
        for match in pattern.finditer(text):
            if _VERSION.search(text[max(0, match.start() - 20) : match.start()]):
                continue
            try:
                address = ipaddress.ip_address(match[0])
            except ValueError:
                continue
            # A router's 192.168.0.1 is everyone's.
            if address.is_global or not (address.is_private or address.is_unspecified):
                yield Hit.of(Kind.IP, text, *match.span())


def _dates(text):
    for match in _SHORT_BIRTH.finditer(text):
        yield Hit.of(Kind.BIRTH, text, *match.span(1))
    for match in _DATE.finditer(text):
        before = text[max(0, match.start() - 30) : match.start()]
        year = int(re.search(r"(?:19|20)\d\d", match[0])[0]) if _has_year(match[0]) else 0
        if _BORN.search(before) or 1900 <= year <= date.today().year - 12:
            yield Hit.of(Kind.BIRTH, text, *match.span())
        elif not _RULE_DATE.search(before):
            yield Hit.of(Kind.DATE, text, *match.span())


def _has_year(words):
    return re.search(r"(?:19|20)\d\d", words) is not None
