"""Joining the files of a page: their order, comments and address."""

import re
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from northstar.web.files.joined import COMMENT, joined, joined_script
from northstar.web.pages import history, live
from support.checkout import ASSETS
from support.programs import find_node

NONE = "^$"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write two scripts and a style sheet."""
    (tmp_path / "20-second.js").write_text("two(); // after one\n")
    (tmp_path / "10-first.js").write_text('/* The first.\n * Of two. */\none("/* kept */");\n')
    (tmp_path / "10-first.css").write_text(
        "/* A rule. */\na {\n  /* its colour */\n  color: red;\n}\n"
    )
    return tmp_path


def test_order(folder: Path) -> None:
    """Files are joined in the order of their names, each after its file name."""
    text = joined(folder, "js", NONE)

    assert text == (
        '/* 10-first.js */\none("/* kept */");\n\n/* 20-second.js */\ntwo(); // after one\n'
    )


def test_style_sheets(folder: Path) -> None:
    """Files of another type are left out, and so are the comments of style sheets."""
    assert joined(folder, "css", NONE) == "/* 10-first.css */\na {\n  color: red;\n}\n"


def test_files_of_other_pages(folder: Path) -> None:
    """Files that do not belong to the page are left out."""
    assert "two" not in joined(folder, "js", r"^\d+-second\.js$")


def test_version(folder: Path) -> None:
    """The version changes with the code, but not with a comment."""
    first = joined_script(folder, "page.js", NONE)
    assert (first.path.name, first.size) == ("page.js", len(first.read()))

    (folder / "20-second.js").write_text("// New.\ntwo(); // after one\n")
    assert joined_script(folder, "page.js", NONE) == first

    (folder / "20-second.js").write_text("three();\n")
    assert joined_script(folder, "page.js", NONE).version != first.version


@pytest.mark.parametrize("page", [live, history], ids=["live", "history"])
def test_scripts_of_the_page(page: ModuleType, tmp_path: Path) -> None:
    """The joined scripts are valid, and each file ends at the end of a statement."""
    others = page.OTHERS
    script = tmp_path / "page.js"
    script.write_text(joined(ASSETS, "js", others))

    subprocess.run([find_node(), "--check", str(script)], check=True)
    for file in ASSETS.glob("*.js"):
        assert file.read_text().rstrip().endswith((";", "}")), file.name


@pytest.mark.parametrize("file", sorted(ASSETS.glob("*.js")), ids=lambda file: file.name)
def test_comments_in_templates(file: Path) -> None:
    """A line of a template literal is not taken for a comment."""
    bare = COMMENT.sub("", file.read_text())

    for literal in re.findall(r"`[^`]*`", bare):
        assert literal in file.read_text()
