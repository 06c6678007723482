"""Rules of the style sheets that a picture does not show."""

import re
from pathlib import Path

import pytest

from support.checkout import ROOT

SHEETS = sorted((ROOT / "assets").glob("*.css"))
# Every text within these changes with each frame, and each change would have the browser look again
# at all elements that the rule is about. An attribute is computed once.
CHANGING = re.compile(r"(?:body|main|\.page|\.panel|\.body|\.agents|\.chart|\.cards)\S*:has\(")
APART = ("history", "print")  # no frames


@pytest.mark.parametrize(
    "sheet",
    [each for each in SHEETS if not any(word in each.name for word in APART)],
    ids=lambda sheet: sheet.stem,
)
def test_conditions_on_what_changes(sheet: Path) -> None:
    """No rule depends on what is somewhere within a part of the page that frames change."""
    assert CHANGING.findall(sheet.read_text()) == []
