"""The shape of the code: lengths, docstrings, tests; the import contract is in pyproject.toml."""

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest

from support.checkout import ROOT

MODULES = sorted((ROOT / "northstar").rglob("*.py"))
TESTS = sorted(path for path in (ROOT / "tests").rglob("*.py") if "node_modules" not in path.parts)
ASSETS = sorted(path for kind in ("js", "css") for path in (ROOT / "assets").glob(f"*.{kind}"))
MAX_LINES = 400
MAX_FUNCTION_LINES = 60


def test_module_docstring() -> None:
    """Every module has a docstring."""
    silent = [path for path in MODULES if not ast.get_docstring(ast.parse(path.read_text()))]

    assert named(silent) == []


def test_no_test_imports_another() -> None:
    """What tests share is in tests/support."""
    assert named(path for path in TESTS if imports_a_test(path.read_text())) == []


@pytest.mark.parametrize(
    "code",
    [
        "from web.test_app import ask",
        "from web.test_app.parts import ask",
        "from web import app, test_app",
        "from . import test_app",
        "import os, web.test_app",
        "def ask():\n    import test_app as app",
    ],
)
def test_import_of_a_test(code: str) -> None:
    """Each way to import a file of tests is found."""
    assert imports_a_test(code)


def test_import_of_a_helper() -> None:
    """What is named otherwise is no file of tests."""
    assert not imports_a_test("import contest\nfrom support.latest_test import pytest as test")


def test_length() -> None:
    """No file has more than 400 lines."""
    files = [ROOT / "app.py", *MODULES, *TESTS, *ASSETS]
    long = [path for path in files if len(path.read_text().splitlines()) > MAX_LINES]

    assert named(long) == []


def test_length_of_functions() -> None:
    """No function is longer than the limit."""
    functions = [
        (path, node)
        for path in [ROOT / "app.py", *MODULES, *TESTS]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    long = [
        f"{path.relative_to(ROOT)}: {function.name}"
        for path, function in functions
        if (function.end_lineno or 0) - function.lineno >= MAX_FUNCTION_LINES
    ]

    assert long == []


def imports_a_test(code: str) -> bool:
    """Return whether a file imports a file of tests, or from one."""
    return any(
        part.startswith("test_")
        for node in ast.walk(ast.parse(code))
        for name in imported(node)
        for part in name.split(".")
    )


def imported(node: ast.AST) -> list[str]:
    """Return the modules that a statement may import; of `from x import y`, `x` and `y`."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or "", *(alias.name for alias in node.names)]
    return []


def named(paths: Iterable[Path]) -> list[str]:
    """Return the files as paths relative to the project's folder."""
    return [str(path.relative_to(ROOT)) for path in paths]
