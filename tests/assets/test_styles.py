"""Rules of the style sheets that screenshots do not show."""

import re
from pathlib import Path

import pytest

from support.checkout import ROOT

SHEETS = sorted((ROOT / "assets").glob("*.css"))
# Every text within these changes with each frame, and each change would make the browser check all
# elements of the rule again. An attribute is computed once.
CHANGING = re.compile(r"(?:body|main|\.page|\.panel|\.body|\.agents|\.chart|\.cards)\S*:has\(")
APART = ("history", "print")  # without frames


@pytest.mark.parametrize(
    "sheet",
    [each for each in SHEETS if not any(word in each.name for word in APART)],
    ids=lambda sheet: sheet.stem,
)
def test_conditions_on_what_changes(sheet: Path) -> None:
    """No rule depends on the content of a part of the page that frames change."""
    assert CHANGING.findall(sheet.read_text()) == []
