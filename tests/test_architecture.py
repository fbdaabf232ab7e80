"""The house stays as drawn: arrows point down, and safe HTML is made in one place."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parent.parent
ABOVE = {"kb": ("feedback", "portal"), "feedback": ("portal",)}
MODULES = sorted(
    path.relative_to(HOME)
    for app in ("kb", "feedback", "portal")
    for path in (HOME / app).rglob("*.py")
    if "migrations" not in path.parts
)
TEMPLATES = sorted(path.relative_to(HOME) for path in (HOME / "templates").rglob("*.*"))
_parse = cache(lambda path: ast.parse((HOME / path).read_text(), str(path)))


def imports(path):
    """Every dotted name this module imports."""
    for node in ast.walk(_parse(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def strings(path):
    for node in ast.walk(_parse(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("path", [p for p in MODULES if p.parts[0] in ABOVE], ids=str)
def test_no_module_imports_from_an_app_above_it(path):
    above = ABOVE[path.parts[0]]
    assert [name for name in imports(path) if name.split(".")[0] in above] == []


@pytest.mark.parametrize("path", [p for p in MODULES if p.parts[0] in ABOVE], ids=str)
def test_no_module_names_a_model_of_an_app_above_it(path):
    reference = re.compile(rf"({'|'.join(ABOVE[path.parts[0]])})\.[A-Za-z]\w*")
    assert [text for text in strings(path) if reference.fullmatch(text)] == []


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_safe_html_is_made_only_in_markup(path):
    if path != Path("kb/markup.py"):
        made = {"django.utils.safestring.mark_safe", "django.utils.safestring.SafeString"}
        assert made.isdisjoint(imports(path))
        assert "django.utils.safestring" not in set(imports(path))


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_no_template_switches_escaping_off(path):
    text = (HOME / path).read_text()
    if path.suffix == ".html":
        assert not re.search(r"\|\s*safe(seq)?\b|{%\s*autoescape\s+off", text)


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_raw_sql_is_not_used(path):
    calls = {n.func.attr for n in ast.walk(_parse(path)) if _is_method_call(n)}
    assert calls.isdisjoint({"raw", "extra", "RawSQL"})


def _is_method_call(node):
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)


def test_requirements_hold_no_address():
    """A lock file says what to install, never from where."""
    for path in (HOME / "requirements").iterdir():
        assert "://" not in path.read_text(), path.name
