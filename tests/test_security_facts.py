"""What the code never does, read from the code itself; and what a start with https brings."""

import ast
import re
from pathlib import Path

from tests.processes import environment, python
from tests.test_architecture import HOME, MODULES, _parse, imports

SCRIPTS = sorted(
    path.relative_to(HOME)
    for app in ("kb", "feedback", "portal")
    for path in (HOME / app).rglob("*.js")
)
# Backups of PostgreSQL call its own programs, with a list of arguments and no shell.
CALLS_PROGRAMS = {Path("portal/backup.py")}
# The malware scanner is the operator's, named by a variable; the monitor asks our own SITE_URL;
# the figures ask this machine for its name; single sign-on asks the operator's provider.
KNOWN_CALLERS = {
    Path("feedback/scanning.py"),
    Path("portal/probing.py"),
    Path("portal/metrics.py"),
    Path("portal/signin/single_sign_on.py"),
}


def called(path):
    """The bare names this module calls."""
    for node in ast.walk(_parse(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id


def importers(*names, besides=()):
    """The modules that import one of these, or something in it."""
    wanted = re.compile(rf"(?:{'|'.join(map(re.escape, names))})(?:\.|$)")
    return [
        str(path)
        for path in MODULES
        if path not in besides and any(wanted.match(name) for name in imports(path))
    ]


def holders(pattern, paths=MODULES):
    """The files in which this stands."""
    return [str(path) for path in paths if re.search(pattern, (HOME / path).read_text())]


def test_the_scripts_and_modules_are_found():
    assert len(SCRIPTS) > 3
    assert len(MODULES) > 150
    assert "kb/markup.py" in importers("nh3")
    assert "feedback/files.py" in holders(r"hashlib\.sha256")


def test_no_text_is_ever_run_as_code():
    runs = {"eval", "exec", "compile", "__import__"}
    assert [str(path) for path in MODULES if not runs.isdisjoint(called(path))] == []
    assert (
        importers("pickle", "marshal", "shelve", "yaml", "jinja2", "django.template.Template") == []
    )


def test_no_program_is_started_through_a_shell():
    assert importers("subprocess", besides=CALLS_PROGRAMS) == []
    assert holders(r"shell=True|os\.(system|popen|exec|spawn)") == []


def test_no_xml_of_strangers_is_parsed():
    assert importers("xml", "lxml", "xmltodict", "defusedxml") == []


def test_no_address_is_opened_because_somebody_typed_it():
    """Nothing here calls out by itself: the database, mail, cache, search server and provider are
    the operator's, and their libraries call them.
    """
    callers = ("requests", "httpx", "aiohttp", "socket", "ftplib", "urllib.request", "http.client")
    assert importers(*callers, besides=KNOWN_CALLERS) == []


def test_chance_is_the_systems_and_hashes_are_strong():
    demo = [path for path in MODULES if "demo" in path.parts]
    assert importers("random", besides=demo) == []
    assert holders(r"\b(md5|sha1|DES|ECB|RC4)\b\(") == []


def test_scripts_build_no_markup_from_text_and_keep_nothing():
    markup = r"(inner|outer)HTML\s*\+?=[^=]|insertAdjacentHTML|document\.write"
    assert holders(markup, SCRIPTS) == []
    assert holders(r"\beval\(|new Function|postMessage|addEventListener\(.message", SCRIPTS) == []
    assert holders(r"localStorage|sessionStorage|indexedDB|document\.cookie", SCRIPTS) == []
    assert holders(r"__proto__|Object\.assign\(Object\.prototype", SCRIPTS) == []


WITH_HTTPS = """
from django.conf import settings as s
from django.test import Client
print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,
      s.SESSION_COOKIE_HTTPONLY, s.CSRF_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE,
      s.SESSION_COOKIE_DOMAIN, s.SESSION_COOKIE_PATH, sep="|")
told = Client().get("/healthz", headers={"host": "help.example.com"}, secure=True)
print(told["Strict-Transport-Security"])
plain = Client().get("/faq/", headers={"host": "help.example.com"})
told = plain["Content-Security-Policy"]
print(plain.status_code, plain["Location"], "default-src 'none'" in told)
print(Client().get("/healthz", headers={"host": "help.example.com"}).status_code)
from portal.signin import devices
print(devices.COOKIE, s.MESSAGE_STORAGE.rpartition(".")[2])
"""


def test_with_https_cookies_are_bound_to_the_host_and_nothing_goes_in_the_clear(tmp_path):
    env = environment(tmp_path, SITE_URL="https://help.example.com")
    out, trouble = python(env, WITH_HTTPS).communicate(timeout=60)
    cookies, hsts, plain, machine, others = out.splitlines()
    assert cookies == "__Host-session|__Host-csrf|True|True|True|True|Lax|None|/", trouble
    assert hsts == "max-age=31536000; includeSubDomains; preload"
    assert plain == "301 https://help.example.com/faq/ True"
    assert machine == "200", "a probe in the clear is answered and never led on"
    assert others == "__Host-known SessionStorage"
