"""The dependencies: ranges in pyproject.toml, locked with checksums, and all documented."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from support.checkout import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
DIRECT: dict[str, Requirement] = {
    canonicalize_name(requirement.name): requirement
    for requirement in map(Requirement, PROJECT["project"]["dependencies"])
}
EXTRA = {
    canonicalize_name(Requirement(text).name)
    for texts in PROJECT["project"]["optional-dependencies"].values()
    for text in texts
}
LOCKS = (
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-build.txt",
    "requirements-font.txt",
)
LOCKED = re.compile(r"([a-z0-9-]+)==(\S+)(?: ; [^\\]+)?((?: \\\n    --hash=sha256:[0-9a-f]{64})+)")
# Pinned exactly by a direct dependency.
PART_OF = {"pydantic-core": "pydantic"}


def locked(name: str) -> set[tuple[str, str]]:
    """Return the packages of a lock file with their versions."""
    return {(package, version) for package, version, _ in LOCKED.findall((ROOT / name).read_text())}


@pytest.mark.parametrize("name", LOCKS)
def test_lock(name: str) -> None:
    """Every package has checksums; no file has a registry or a local path."""
    text = (ROOT / name).read_text()
    rest = re.sub(LOCKED, "", text)

    assert len(locked(name)) > 1
    assert [line for line in rest.splitlines() if line and not line.lstrip().startswith("#")] == []
    assert "://" not in text
    assert not re.search(r"(?m)(^|[\s=])/", text)


@pytest.mark.parametrize("package", DIRECT)
def test_locked_version(package: str) -> None:
    """The locked version of every direct dependency is in its range, which has both ends."""
    ends = {specifier.operator for specifier in DIRECT[package].specifier}

    assert ends == {">=", "<"}
    [version] = [version for name, version in locked("requirements.txt") if name == package]
    assert DIRECT[package].specifier.contains(version)


def test_locks_agree() -> None:
    """The tests use the deployed versions."""
    assert locked("requirements.txt") <= locked("requirements-dev.txt")
    assert locked("requirements-build.txt") <= locked("requirements-dev.txt")


def test_build_requirements() -> None:
    """The locked build tool is the one in pyproject.toml."""
    assert PROJECT["dependency-groups"]["build"] == PROJECT["build-system"]["requires"]


def test_documented() -> None:
    """The documentation's table lists exactly the direct dependencies."""
    table = (ROOT / "docs" / "architecture.md").read_text().partition("## Dependencies")[2]
    cells = re.findall(r"^\| ([a-z][^|]*?) \| [^|]+ \|$", table, re.MULTILINE)
    names = [name for cell in cells for name in re.sub(r" \(.*?\)", "", cell).split(", ")]

    assert sorted(names) == sorted(DIRECT)


def test_upgrades_are_documented() -> None:
    """Every direct dependency has a row on what to check when it is upgraded."""
    table = (ROOT / "CONTRIBUTING.md").read_text().partition("## Upgrading dependencies")[2]
    named = set(re.findall(r"[\w-]+", " ".join(re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE))))

    assert DIRECT.keys() - named == set()


def test_imports_are_declared() -> None:
    """Every imported package is a direct dependency or that of an extra."""
    providers = packages_distributions()
    imported = {
        canonicalize_name(provider)
        for path in (ROOT / "northstar").rglob("*.py")
        for module in modules_of(path.read_text())
        if module not in sys.stdlib_module_names and module != "northstar"
        for provider in providers[module]
    }

    assert {PART_OF.get(name, name) for name in imported} <= {*DIRECT, *EXTRA}


def modules_of(source: str) -> set[str]:
    """Return the top-level modules imported by a source file."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}
