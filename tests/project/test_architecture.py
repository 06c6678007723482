"""The shape of the code: lengths, docstrings, tests; the import contract is in pyproject.toml."""

import ast
from collections.abc import Iterable
from pathlib import Path

from support.checkout import ROOT

MODULES = sorted((ROOT / "northstar").rglob("*.py"))
TESTS = sorted(path for path in (ROOT / "tests").rglob("*.py") if "node_modules" not in path.parts)
ASSETS = sorted(path for kind in ("js", "css") for path in (ROOT / "assets").glob(f"*.{kind}"))
MAX_LINES = 400
MAX_FUNCTION_LINES = 60


def test_module_docstring() -> None:
    """Every module says what it is for."""
    silent = [path for path in MODULES if not ast.get_docstring(ast.parse(path.read_text()))]

    assert named(silent) == []


def test_no_test_imports_another() -> None:
    """What tests share is in tests/support."""
    assert named(path for path in TESTS if imports_a_test(path)) == []


def test_length() -> None:
    """At 400 lines there is a second noun in a file."""
    files = [ROOT / "app.py", *MODULES, *TESTS, *ASSETS]
    long = [path for path in files if len(path.read_text().splitlines()) > MAX_LINES]

    assert named(long) == []


def test_length_of_functions() -> None:
    """A function that is longer has parts with names of their own."""
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


def imports_a_test(path: Path) -> bool:
    """Return whether a file imports from a file of tests."""
    return any(
        isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[-1].startswith("test_")
        for node in ast.walk(ast.parse(path.read_text()))
    )


def named(paths: Iterable[Path]) -> list[str]:
    """Return the files as paths below the project's folder."""
    return [str(path.relative_to(ROOT)) for path in paths]
