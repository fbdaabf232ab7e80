"""Documents that can drift are held to what they say."""

import json
import re
import subprocess
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command, get_commands

from tests.processes import environment, python

HOME = Path(__file__).resolve().parent.parent
README = (HOME / "README.md").read_text()
PROOF = re.compile(r"`(?:(tests/[\w/]+\.py)::)?(test_\w+)`")


def proofs(document):
    """The tests a document names; one without a file is of the file before it."""
    file = None
    for line in (HOME / document).read_text().splitlines():
        for named, test in PROOF.findall(line):
            file = named or file
            yield file, test


@pytest.mark.parametrize("document", ["docs/asvs.md", "docs/faults.md"])
def test_each_test_a_document_names_exists(document):
    gone = [
        f"{file}::{test}"
        for file, test in sorted(set(proofs(document)))
        if f"def {test}(" not in (HOME / file).read_text()
    ]
    assert gone == []


# How many requirements each chapter of ASVS 5.0.0 has at levels 1 and 2.
CHAPTERS = {1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9,
            13: 13, 14: 9, 15: 13, 16: 16, 17: 7}  # fmt: skip


def requirements():
    """Each row of the matrix: its numbers, and what stands in its last column."""
    for row in (HOME / "docs/asvs.md").read_text().splitlines():
        cells = [cell.strip() for cell in row.strip("|").split(" | ")]
        if re.match(r"\| \d", row):
            yield cells[0].split(", "), cells[-1]


def test_the_security_matrix_names_every_requirement_once():
    named = [number for numbers, _proof in requirements() for number in numbers]
    assert len(named) == len(set(named)) == 253
    assert Counter(int(number.partition(".")[0]) for number in named) == CHAPTERS


def test_each_requirement_has_a_proof_or_says_what_it_has_instead():
    for numbers, proof in requirements():
        assert len(proof) > 5, numbers


def test_the_security_matrix_says_how_many_are_proven_and_how():
    page = (HOME / "docs/asvs.md").read_text()
    proofs_of = [row.rpartition(" | ")[2] for row in re.findall(r"\| [\d.]+ \| \d \| .*", page)]
    counted = Counter(
        "test" if "::test_" in proof else re.match(r"(operator|otherwise|open)?", proof)[0]
        for proof in proofs_of
    )
    told = re.search(
        r"(\d+) are proven by a test.* (\d+) by a document, (\d+) are the operator's and (\d+) are",
        " ".join(page.split()),
    )
    kinds = ("test", "", "operator", "otherwise")
    assert [int(number) for number in told.groups()] == [counted[kind] for kind in kinds]
    assert counted["open"] == 0
    assert "253, of which 53 do not apply and 200 do" in page
    assert counted.total() == 200


def test_the_list_of_parts_names_each_with_version_and_licence():
    out = StringIO()
    call_command("sbom", stdout=out)
    bill = json.loads(out.getvalue())
    parts = {part["name"]: part for part in bill["components"]}
    assert bill["bomFormat"] == "CycloneDX"
    assert {"django", "gunicorn", "nh3", "pillow"} <= set(parts)
    assert parts["django"]["purl"].startswith("pkg:pypi/django@5.2")
    assert parts["django"]["licenses"]


def test_every_variable_the_settings_read_stands_in_the_readme():
    source = (HOME / "portal/settings.py").read_text() + (HOME / "gunicorn.conf.py").read_text()
    read = set(re.findall(r'(?:env(?:\.\w+)?|environ\.get)\(\s*"([A-Z_]+)"', source))
    read.discard("PYTEST_XDIST_WORKER")  # set by those who run the tests, not the portal
    assert {name for name in read if f"`{name}`" not in README} == set()


def test_every_command_in_the_readme_exists():
    table = README.partition("## Commands")[2].partition("## Variables")[0]
    named = re.findall(r"`([a-z_]+)[ `]", table)
    assert len(named) > 10
    assert set(named) <= set(get_commands())


def test_every_link_to_a_file_leads_to_one():
    for page in [*HOME.glob("*.md"), *HOME.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_nothing_tracked_names_this_machine_or_where_packages_come_from():
    tracked = subprocess.run(
        ["git", "ls-files", "*.py", "*.md", "*.txt", "*.in", "*.toml", "Makefile", ".ci/run"],
        cwd=HOME, capture_output=True, text=True, check=False,
    ).stdout.split()  # fmt: skip
    here = re.compile(r"/(?:root|home|work|tmp/wt)/\w|find-links =|extra-index-url =")
    for name in tracked:
        if (HOME / name).is_file() and name != "tests/test_documents.py":
            assert not here.search((HOME / name).read_text()), name


def test_passwords_are_hashed_by_argon2():
    source = (HOME / "portal/settings.py").read_text()
    assert source.index("Argon2PasswordHasher") < source.index("PBKDF2PasswordHasher")


def test_what_is_not_said_is_off(tmp_path):
    """A server started with nothing but a key and a name is a safe one."""
    env = environment(tmp_path, SECRET_KEY="x" * 60, SITE_URL="https://help.example.com")
    for name in ("DEMO", "RATE_LIMITS", "DEMO_PASSWORD"):
        env.pop(name)
    code = (
        "from django.conf import settings as s\n"
        "print(s.DEBUG, s.DEMO, s.RATE_LIMITS, s.STAFF_MFA, s.SESSION_COOKIE_SECURE, "
        "s.SESSION_COOKIE_NAME, s.TRUSTED_PROXIES, s.ALLOWED_HOSTS)"
    )
    out, trouble = python(env, code).communicate(timeout=600)
    assert out.split()[:7] == [
        "False",
        "False",
        "True",
        "required",
        "True",
        "__Host-session",
        "0",
    ], trouble
    assert "*" not in out


def test_a_start_without_a_key_stops_and_names_the_variable(tmp_path):
    env = environment(tmp_path)
    env.pop("SECRET_KEY")
    _out, trouble = python(env, "").communicate(timeout=600)
    assert "SECRET_KEY is not set" in trouble


def test_a_start_with_a_scanner_nobody_can_reach_stops_and_names_the_variable(tmp_path):
    _out, trouble = python(environment(tmp_path, SCANNER="clamav"), "").communicate(timeout=600)
    assert "SCANNER is the path of a socket, or host:port" in trouble


def test_limits_are_switched_off_only_in_the_demo(tmp_path):
    env = environment(tmp_path, DEMO="0")
    _out, trouble = python(env, "").communicate(timeout=600)
    assert "RATE_LIMITS=off is accepted only" in trouble
