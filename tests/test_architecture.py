"""The shape of the code: lengths, docstrings, tests; the import contract is in pyproject.toml."""

import ast
from pathlib import Path

import pytest

from support.checkout import ROOT

MODULES = sorted((ROOT / "northstar").rglob("*.py"))
TESTS = sorted(path for path in (ROOT / "tests").rglob("*.py") if "node_modules" not in path.parts)
MAX_LINES = 400


def module_name(path: Path) -> str:
    """Return the dotted name of a file below the project's folder."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_module_docstring(path: Path) -> None:
    """Every module says what it is for."""
    assert ast.get_docstring(ast.parse(path.read_text()))


@pytest.mark.parametrize("path", TESTS, ids=module_name)
def test_no_test_imports_another(path: Path) -> None:
    """What tests share is in tests/support."""
    modules = [
        node.module or ""
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
    ]

    assert [module for module in modules if module.split(".")[-1].startswith("test_")] == []


@pytest.mark.parametrize(
    "path",
    [
        ROOT / "app.py",
        *MODULES,
        *TESTS,
        *sorted((ROOT / "assets").glob("*.js")),
        *sorted((ROOT / "assets").glob("*.css")),
    ],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_length(path: Path) -> None:
    """At 400 lines there is a second noun in a file."""
    assert len(path.read_text().splitlines()) <= MAX_LINES
