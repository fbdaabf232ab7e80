"""Documents that can drift are held to what they say."""

import re
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests.processes import environment, python

HOME = Path(__file__).resolve().parent.parent
README = (HOME / "README.md").read_text()
PROOF = re.compile(r"`(?:(tests/[\w/]+\.py)::)?(test_\w+)`")


def proofs():
    """The tests docs/asvs.md names; one without a file is of the file before it."""
    file = None
    for line in (HOME / "docs/asvs.md").read_text().splitlines():
        for named, test in PROOF.findall(line):
            file = named or file
            yield file, test


@pytest.mark.parametrize(("file", "test"), sorted(set(proofs())))
def test_each_proof_in_the_security_matrix_exists(file, test):
    assert f"def {test}(" in (HOME / file).read_text()


def test_every_variable_the_settings_read_stands_in_the_readme():
    source = (HOME / "portal/settings.py").read_text() + (HOME / "gunicorn.conf.py").read_text()
    read = set(re.findall(r'(?:env(?:\.\w+)?|environ\.get)\(\s*"([A-Z_]+)"', source))
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


def test_limits_are_switched_off_only_in_the_demo(tmp_path):
    env = environment(tmp_path, DEMO="0")
    _out, trouble = python(env, "").communicate(timeout=600)
    assert "RATE_LIMITS=off is accepted only" in trouble
