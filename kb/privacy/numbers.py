"""Numbers that lead to a person: telephones, cards, and what follows the word "order"."""

import re

import phonenumbers
from stdnum import luhn

from kb.privacy.finding import Hit, Kind

# Nothing before that a number could be the rest of; scripts without blanks count as nothing.
_FREE = r"(?<![\da-zA-Z\u00c0-\u0dff_@#])(?<!\d[.,:])(?<![\da-zA-Z][-/])"
_END = r"(?![\da-zA-Z\u00c0-\u0dff_])"
# A run of digits as people write them: spaces, brackets, dots, dashes and slashes between.
_DIGITS = re.compile(
    rf"{_FREE}(?:\+\s?|00\s?)?\(?\d(?:[ ().\-/\u00b7]{{0,3}}\d){{5,22}}"
    rf"(?P<extension>\s?(?:(?:ext\.?|extension|Durchwahl)\s?|x)\d{{1,5}})?{_END}(?![.,:]\d)",
    re.I,
)
# One that goes on in the next line; it begins as only telephones do.
_BROKEN = re.compile(
    rf"{_FREE}(?=[+(0])[+(]?\d(?:[ ()\-/]{{0,3}}\d){{1,11}}\)?\n"
    rf"\(?\d(?:[ ()\-/]{{0,3}}\d){{2,11}}{_END}"
)
# Cards by the groups that are printed on them, whatever parts the groups and whatever follows.
_CARDS = [
    re.compile(rf"(?<![\da-zA-Z])(?=({form})(?!\w))")
    for form in (
        r"\d{12,19}",
        r"\d{4}(?:[\W_]{1,3}\d{4}){2}[\W_]{1,3}\d{2,4}",
        r"\d{4}(?:[\W_]{1,3}\d{4}){3}[\W_]{1,3}\d{1,3}",
        r"\d{4}[\W_]{1,3}\d{6}[\W_]{1,3}\d{4,5}",
    )
]
# How the numbers of the card schemes begin, and how long they are.
_SCHEME = re.compile(
    r"[2-9]\d{15}|4\d{12,18}|(?:5[06-9]|6\d)\d{10,17}|3\d{13,18}|(?:2131|1800)\d{11}"
)
_DATE = re.compile(
    r"(?:19|20)\d\d[-/. ]\d{1,2}[-/. ]\d{1,2}|\d{1,2}[-/. ]\d{1,2}[-/. ](?:19|20)?\d\d"
)
_DATES = re.compile(rf"(?:{_DATE.pattern})(?:\s?[-/]\s?(?:{_DATE.pattern}))*")
_YEARS = re.compile(r"(?:19|20)\d\d(?:\s?[-/ ]\s?(?:(?:19|20)\d\d|\d\d))+")
# Columns of a table: 67.500 30.000, or 2160 - 126.
_COLUMNS = re.compile(r"\d{1,3}\.\d{2,3}(?: \d{1,3}\.\d{2,3})+|\d{3,4} - \d{1,3}|\d{1,3}\) \d+")
_TIMES = re.compile(r"\d{1,2}\.\d\d\s?-\s?\d{1,2}\.\d\d")
_THOUSANDS = re.compile(
    r"\d{1,2}(?:\.\d{3}){2,}|\d{3}\.\d{3}\.000|\d{1,3}(?: 000)+|[1-9]0{5,}|[1-9]\d{0,2}(?: \d{3})"
)
_COUNT = re.compile(r"\d{1,2}(?: \d{1,2}){5,}")
# See kb.privacy.patterns.
_NETWORK = re.compile(r"(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}(?:/\d{1,2})?")
# A law is named by its year, and ports are opened by the thousand: 2019/771, 10000-20000.
_LAW_OR_RANGE = re.compile(r"(?:19|20)\d\d/\d{1,4}|\d+00 ?- ?\d+00")
_CALL = re.compile(
    r"(?:\b(?:phone|telephone|tel|mobile|cell|call|called|calling|ring|text|fax|whatsapp|sms|"
    r"handy|telefon|mobil|téléphone|appelez|teléfono|móvil|telefone|reach|contact|number is)\b)"
    r"[^\d.!?]{0,25}$",
    re.I,
)
# What is counted or sold has numbers too; those point at a thing everybody can buy.
_THING = re.compile(
    r"\b(?:error|code|model|version|firmware|part|article|item|sku|ean|isbn|issn|product|build|"
    r"step|page|form|kb|release|fault|zip|postcode)s?"
    r"(?:\s(?:number|no|nr|code|is))?\W{0,4}$",
    re.I,
)
_UNIT = re.compile(
    r"\s?(?:%|px|mm|cm|km|kg|ml|mb|gb|kb|kwh|mah|hz|dpi|[€$£¥]|eur|usd|gbp|°? ?[nsew])\b", re.I
)
_MONEY = re.compile(r"(?:[€$£¥]|\b(?:EUR|USD|GBP|CHF|Rs))\s?$")
_OWNED = (
    r"(?:orders?|invoices?|inv|accounts?|a/c|customers?|clients?|parcels?|packages?|tracking|shipments?|"
    r"consignment|delivery|bookings?|reservations?|contracts?|policy|members?|membership|loyalty|"
    r"references?|ref|cases?|tickets?|claims?|receipts?|serial|imei|passport|licen[cs]e|tax|vat|"
    r"insurance|social security|ssn|patient|student|employee|transaction|payment|subscription|"
    r"voucher|gift card|s/n|sn|rma|awb|login|user|e-?id|ni|nino|nhs|dni|nie|nif|cpf|cnpj|pesel|"
    r"hetu|cpr|bsn|avs|ahv|aadhaar|tfn|sin|ein|inn|personnummer|(?:reise)?pass|ausweis\w*|"
    r"steuer\w*|codice fiscale|fiscal|bestell\w*|auftrags?\w*|rechnungs?\w*|kunden\w*|"
    r"sendungs?\w*|vertrags?\w*|order(?:nr|nummer)|commande|facture|client|colis|pedido|factura|"
    r"cliente|ordine|fattura|bestelling|factuur|zamówieni\w*|faktur\w*|заказ\w*|замовлення)"
)
_OWNED_NUMBER = re.compile(
    rf"\b{_OWNED}(?![^\W\d_])"
    r"(?:[ -]?(?:numbers?|nummer|num|numéro|número|numero|name|no|nr|n[°º]|id|code))?\.?"
    r"(?:\s(?:is|was|ist|war|ending(?:\s(?:in|with))?))?\s?[:#\u2116°]{0,2}\s?[(\"']?"
    r"((?=[\w/-]*\d)[A-Z0-9][A-Z0-9]{0,12}(?:[-/_.]?[A-Z0-9]{1,12}){0,5})(?!\w)",
    re.I,
)
# Four figures that are no year, or capitals and a figure or two: XK4P9Z.
_NUMBER_OR_CODE = re.compile(
    r"(?!(?:19|20)\d\d$)(?:(?:.*?\d){4}.*|(?=[A-Z\d]{6,8}$)(?=.*\d)(?=.*[A-Z].*[A-Z]).*)"
)
_CODES = re.compile(
    r"(?<![\w-])(?:[A-Z]{2,6}[-_/#]\d{5,14}|[A-Z]{2,6}[-_/]\d{2,6}[-_/]\d{2,10}|"
    r"[A-Z]{1,3}\d{6,12}[A-Z]?|1Z[0-9A-Z]{16}|[A-Z]{2}\d{9}[A-Z]{2}|#\d{5,12}|"
    r"[A-Z]{2}\d{7,9}[A-Z]{2}|[A-Z]{5}\d{4}[A-Z]|[A-Z]{6}\d\d[A-Z]\d\d[A-Z]\d{3}[A-Z]|\d{7,10}-?[A-Z]|"
    r"[A-Z]{2}\s?\d\d\s\d\d\s\d\d\s?[A-D]|\d{6}[-+A]\d{3}[0-9A-Z]|"
    r"CS-[2-9B-Z]{4}-[2-9B-Z]{4})(?![\w-])"
)


# What somebody is called on a machine; a digit or a sign tells it from "your login page".
_HANDLE = re.compile(
    r"\b(?:user\s?-?(?:name|id)|login|handle|screen ?name|nick(?:name)?|benutzername|"
    r"nom d['’]utilisateur|usuario|nome utente)(?:\s(?:is|was|ist))?\s?[:=]?\s?[\"'(]?"
    r"(@?(?=[\w.-]*[\d_])[a-z][\w.-]{2,40})",
    re.I,
)
_MENTION = re.compile(r"(?<![\w.@/])@[A-Za-z][\w.]{2,30}(?!\w)")


def find(text):
    """Telephones, cards and other numbers of one text."""
    finders = (_cards, _digit_runs, _owned_numbers, _codes, _handles)
    return [hit for finder in finders for hit in finder(text)]


# A bank's sort code, and a car's plate, are told by the word before.
_TOLD = re.compile(
    r"\bsort code\W{0,3}(\d\d[- ]?\d\d[- ]?\d\d)(?!\d)|"
    r"\b(?:(?:licen[cs]e|number) plate|registration|kennzeichen|immatriculation|matrícula|targa)"
    r"(?:\s(?:number|no))?\.?(?:\sis)?\W{0,3}"
    r"((?=[\w -]{0,11}\d)[a-z]{1,3}[- ]?[a-z0-9]{1,4}[- ]?\w{0,4})\b",
    re.I,
)


def _handles(text):
    for pattern in (_HANDLE, _MENTION, _TOLD):
        for match in pattern.finditer(text):
            yield Hit.of(Kind.NUMBER, text, *match.span(match.lastindex or 0))


def _cards(text):
    for pattern in _CARDS:
        for match in pattern.finditer(text):
            before = text[max(0, match.start() - 40) : match.start()]
            if _is_card(re.sub(r"\D", "", match[1])) and not _THING.search(before):
                yield Hit.of(Kind.CARD, text, *match.span(1))


def _is_card(digits):
    return _SCHEME.fullmatch(digits) is not None and luhn.is_valid(digits)


def _digit_runs(text):
    for match in _DIGITS.finditer(text):
        kind = _kind(text, match)
        if kind:
            yield Hit.of(kind, text, *match.span())
    for match in _BROKEN.finditer(text):
        if 8 <= sum(map(str.isdigit, match[0])) <= 15:
            yield Hit.of(Kind.PHONE, text, *match.span())


def _kind(text, match):
    """What a run of digits is; None for dates, years, times, sizes and prices."""
    words = match[0].strip()
    digits = re.sub(r"\D", "", words.removesuffix(match["extension"] or ""))
    before, after = text[max(0, match.start() - 40) : match.start()], text[match.end() :][:8]
    is_called = _CALL.search(before) is not None
    if _is_card(digits) and not (_THING.search(before) or _COLUMNS.fullmatch(words)):
        return Kind.CARD
    if _is_plain_figure(words, before, after):
        return None
    if words.startswith("+") or is_called:
        return Kind.PHONE
    if _THING.search(before):
        return None
    if _OWNED_BEFORE.search(before):
        return Kind.NUMBER
    if words[0] in "(0" or not words.isdigit():
        return Kind.PHONE if len(digits) >= 7 and len(digits.lstrip("0")) <= 15 else Kind.NUMBER
    if _is_dialled_somewhere(digits):
        return Kind.PHONE
    return Kind.NUMBER if len(digits) >= 7 else None


_OWNED_BEFORE = re.compile(
    rf"\b{_OWNED}(?:[ -]?(?:numbers?|nummer|no|nr|id|code))?\.?(?:\sis|\swas)?\W{{0,4}}$", re.I
)


def _is_plain_figure(words, before, after):
    forms = (_NETWORK, _DATES, _YEARS, _TIMES, _THOUSANDS, _COUNT, _COLUMNS, _LAW_OR_RANGE)
    return (
        any(form.fullmatch(words) for form in forms)
        or _UNIT.match(after) is not None
        or _MONEY.search(before) is not None
    )


# Where a number at home begins with no zero.
_WITHOUT_A_ZERO = re.findall(r"\w+", "US ES PL PT IN CN NO DK SG RU CZ GR MX CO CL")


def _is_dialled_somewhere(digits):
    """Whether an unspaced run is a telephone number: ten digits in America, nine in Spain."""
    for region in _WITHOUT_A_ZERO if 8 <= len(digits) <= 11 else ():
        try:
            number = phonenumbers.parse(digits, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return True
    return False


def _owned_numbers(text):
    for match in _OWNED_NUMBER.finditer(text):
        if _NUMBER_OR_CODE.fullmatch(match[1]):
            yield Hit.of(Kind.NUMBER, text, *match.span(1))


def _codes(text):
    for match in _CODES.finditer(text):
        if not _THING.search(text[max(0, match.start() - 30) : match.start()]):
            yield Hit.of(Kind.NUMBER, text, *match.span())
