"""How much the privacy gate finds, and how often it cries wolf.

    python -m benchmarks privacy

Answers are made from sentences a CSR would write, with one datum planted in each: telephones,
accounts and cards in the formats of many countries, addresses, and names, known and unknown.
The clean controls are the demo shop's own articles. The seed is fixed, so runs compare.
"""

import os
import random
import time
from collections import defaultdict
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ.setdefault("SECRET_KEY", "only for the benchmark")
django.setup()

import phonenumbers  # noqa: E402
from stdnum import luhn  # noqa: E402
from stdnum.iso7064 import mod_97_10  # noqa: E402

from kb import markdown, privacy  # noqa: E402
from kb.privacy import Kind, KnownValue, hints, scanning  # noqa: E402
from kb.privacy.readable import Readable  # noqa: E402

ARTICLES = Path(__file__).resolve().parent.parent / "portal" / "demo" / "articles"
N = 400
REGIONS = [
    "GB",
    "IE",
    "DE",
    "AT",
    "CH",
    "FR",
    "BE",
    "NL",
    "LU",
    "ES",
    "PT",
    "IT",
    "SE",
    "NO",
    "DK",
    "FI",
    "IS",
    "PL",
    "CZ",
    "SK",
    "HU",
    "RO",
    "BG",
    "GR",
    "HR",
    "SI",
    "EE",
    "LV",
    "LT",
    "UA",
    "TR",
    "US",
    "CA",
    "MX",
    "BR",
    "AR",
    "CL",
    "CO",
    "AU",
    "NZ",
    "IN",
    "PK",
    "CN",
    "JP",
    "KR",
    "TH",
    "VN",
    "ID",
    "MY",
    "SG",
    "PH",
    "ZA",
    "NG",
    "KE",
    "GH",
    "EG",
    "MA",
    "IL",
    "AE",
    "SA",
]
IBANS = {
    "DE": 18, "AT": 16, "CH": 17, "FR": 23, "BE": 12, "NL": 14, "ES": 20, "PT": 21, "IT": 23,
    "SE": 20, "NO": 11, "DK": 14, "FI": 14, "PL": 24, "CZ": 20, "GB": 18, "IE": 18, "GR": 23,
}  # fmt: skip
NAMES = (
    """
Maria Lindqvist|Tom Baker|Anna-Lena Müller|José García López|Siobhán O'Brien|Wojciech Kowalski
Olumide Adeyemi|Thandiwe Nkosi|Yuki Tanaka|Nguyễn Văn Minh|Priyanka Ramachandran|Aarav Patel
Fatima Al-Hashimi|Jean-Pierre Dubois|Chiara Bianchi|Ingrid Sørensen|Zoltán Kovács|Pekka Virtanen
Dmitri Volkov|Ωλγα Παπαδοπούλου|Иван Петров|Mehmet Yılmaz|Aoife Gallagher|Gareth Llewellyn
Mateus Oliveira|Xiomara Fuentes|Kwabena Osei|Leilani Kealoha|Björn Þórsson|Élodie Lefèvre
Marek Novotný|Ruxandra Ionescu|Lars van der Berg|Hendrik de Vries|Rosa Parks|Grace Okonkwo
Mark Jenkins|Victoria Hughes|Haruto Watanabe|Soo-jin Park|Wei Zhang|Amara Diallo|Tariq Mahmood
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
INTRODUCED = [
    "Hi {first},\n\nplease press the button twice.",
    "Dear {full},\n\nthe parcel is on its way.",
    "Hello {first}, that is easily mended.",
    "The machine belongs to {full} and has to be sent in.",
    "We spoke with {full} about the delivery.",
    "Mr {last} needs a new filter.",
    "Ms. {last} may return it within 30 days.",
    "Dr {last} wanted the invoice again.",
    "Press the button twice.\n\nBest regards,\n{full}",
    "Press the button twice.\n\nThanks,\n{first}",
    "My name is {full} and the kettle leaks.",
    "This is {first}, my kettle leaks.",
    "On Monday {full} called about it.",
    "Please ask for {full} at the counter.",
    "It was sent to {full} by mistake.",
    "Frau {last} bekommt eine neue Kanne.",
]
KNOWN = [
    "We sent {it} a new one.",
    "That is {it}'s order.",
    "For {it}, the lid was replaced.",
    "{it} can use the tracking link.",
    "Ask whether {it}, who wrote before, has the receipt.",
]
PLANTED = [
    "You can reach us about this: {it}.",
    "We noted {it} for the return.",
    "Please use {it} from now on.",
    "It says {it} on the label, so choose Save.",
    "The refund goes to {it} within five days.",
    "({it})",
]


def run():
    chance = random.Random(20_260)
    _without_database()
    print(f"{'what':34}{'planted':>9}{'found':>9}{'recall':>9}{'bar':>8}")
    for label, bar, cases in (
        ("known values of the customer", 1.0, _known(chance)),
        ("e-mail addresses", 0.99, _planted(chance, _email, {Kind.EMAIL})),
        ("telephone numbers, many countries", 0.99, _planted(chance, _phone, {Kind.PHONE})),
        ("bank accounts, 18 countries", 0.99, _planted(chance, _iban, {Kind.IBAN})),
        ("payment cards", 0.99, _planted(chance, _card, {Kind.CARD})),
        ("names nobody told us", 0.9, _names(chance)),
    ):
        _report(label, bar, cases)
    _report_clean()


def _without_database():
    """The gate as it stands on an empty installation: no shapes, no vocabulary to lean on."""
    scanning._shapes = list
    scanning.public_values = set
    hints._knowledge_base = lambda: (frozenset(), frozenset())


def _report(label, bar, cases):
    missed = defaultdict(list)
    found = planted = 0
    for text, datum, kinds, known in cases:
        planted += 1
        start = text.index(datum)
        hits = privacy.scan({"resolution": text}, known)
        if any(h.kind in kinds and h.start < start + len(datum) and h.end > start for h in hits):
            found += 1
        else:
            missed[label].append(text.replace("\n", " / "))
    recall = found / planted
    mark = "" if recall >= bar else "  BELOW THE BAR"
    print(f"{label:34}{planted:9}{found:9}{recall:9.3f}{bar:8.2f}{mark}")
    if os.environ.get("SHOW"):
        for text in missed[label][:25]:
            print("      missed:", text)


def _report_clean():
    alarms, slowest, began = [], 0, time.perf_counter()
    paths = sorted(ARTICLES.rglob("*.md"))
    for path in paths:
        fields, body = markdown.front_matter(path.read_text(encoding="utf-8"))
        parts = {k: Readable(v).text for k, v in markdown.to_parts(body).items()}
        start = time.perf_counter()
        alarms.append(len(privacy.scan({"title": fields["title"], **parts})))
        slowest = max(slowest, time.perf_counter() - start)
    each = 1000 * (time.perf_counter() - began) / len(paths)
    print(
        f"\nclean articles: {len(paths)}, alarms for each {sum(alarms) / len(alarms):.2f} "
        f"(bar 1), with two or more {sum(n > 1 for n in alarms)}; "
        f"{each:.1f} ms each, slowest {1000 * slowest:.0f} ms"
    )


# --- What is planted ------------------------------------------------------------------


def _planted(chance, make, kinds):
    for _n in range(N):
        datum = make(chance)
        yield chance.choice(PLANTED).format(it=datum), datum, kinds, ()


def _email(chance):
    first, last = chance.choice(["maria", "t.baker", "o_brien", "yuki77", "info+x"]), "lind"
    host = chance.choice(["example.org", "mail.se", "post.co.uk", "uni-ulm.example", "a-b.com.br"])
    text = f"{first}.{last}{chance.randrange(99)}@{host}"
    return chance.choice([text, text.upper(), text.replace("@", " (at) "), text.title()])


def _phone(chance):
    region = chance.choice(REGIONS)
    kind = chance.choice([phonenumbers.PhoneNumberType.MOBILE, None])
    number = (
        phonenumbers.example_number_for_type(region, kind)
        if kind is not None
        else phonenumbers.example_number(region)
    )
    form = chance.choice(
        [
            phonenumbers.PhoneNumberFormat.INTERNATIONAL,
            phonenumbers.PhoneNumberFormat.NATIONAL,
            phonenumbers.PhoneNumberFormat.E164,
        ]
    )
    text = phonenumbers.format_number(number, form)
    return chance.choice(
        [text, text, text.replace(" ", "-"), text.replace(" ", "."), text.replace("+", "00", 1)]
    )


def _iban(chance):
    country = chance.choice(sorted(IBANS))
    head = {"GB": "WEST", "IE": "AIBK", "NL": "INGB", "IT": "X"}.get(country, "")
    digits = "".join(chance.choice("0123456789") for _ in range(IBANS[country] - len(head)))
    check = mod_97_10.calc_check_digits(head + digits + country)
    text = f"{country}{check}{head}{digits}"
    spaced = " ".join(text[i : i + 4] for i in range(0, len(text), 4))
    return chance.choice([text, spaced, spaced.lower()])


def _card(chance):
    length, head = chance.choice([(16, "4"), (16, "52"), (15, "37"), (16, "6011")])
    body = head + "".join(chance.choice("0123456789") for _ in range(length - 1 - len(head)))
    text = body + luhn.calc_check_digit(body)
    groups = " ".join(text[i : i + 4] for i in range(0, len(text), 4))
    return chance.choice([text, groups, groups.replace(" ", "-")])


def _names(chance):
    for _n in range(N):
        full = chance.choice(NAMES)
        first, last = full.split()[0], full.split()[-1]
        text = chance.choice(INTRODUCED)
        shown = next(form for form in ("full", "first", "last") if "{" + form + "}" in text)
        datum = {"full": full, "first": first, "last": last}[shown]
        yield text.format(full=full, first=first, last=last), datum, {Kind.PERSON}, ()


def _known(chance):
    for _n in range(N):
        kind, value, written = chance.choice([_a_name, _an_order, _a_number, _a_mail])(chance)
        text = chance.choice(KNOWN).format(it=written)
        blocking = {k for k in Kind if k.severity == privacy.Severity.BLOCK}
        yield text, written, blocking, (KnownValue(kind, value),)


def _a_name(chance):
    name = chance.choice(NAMES)
    part = chance.choice([name, name.split()[0], name.split()[-1], name.upper()])
    plain = part.translate(str.maketrans("üöäéñØøþÞ", "uoaenOopP"))
    return Kind.NAME, name, chance.choice([part, part, plain if plain.isascii() else part])


def _an_order(chance):
    number = f"{chance.choice(['ORD-', 'TK', '', '#'])}{chance.randrange(10_000, 9_999_999)}"
    bare = number.lstrip("#")
    return Kind.REFERENCE, number, chance.choice([bare, bare.lower(), bare.replace("-", " ")])


def _a_number(chance):
    region = chance.choice(REGIONS)
    number = phonenumbers.example_number(region)
    write = phonenumbers.format_number
    form = phonenumbers.PhoneNumberFormat
    known = write(number, form.E164)
    return Kind.PHONE, known, write(number, chance.choice([form.INTERNATIONAL, form.NATIONAL]))


def _a_mail(chance):
    address = f"{chance.choice(['m.lind', 'yuki.t', 'kowalski77'])}@mail.example"
    return Kind.EMAIL, address, chance.choice([address, address.upper(), address.split("@")[0]])
