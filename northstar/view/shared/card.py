"""Pages of one card, each an HTML document that loads nothing: sign-in, and refused requests."""

from collections.abc import Sequence
from pathlib import Path

from northstar.view.shared import theme
from northstar.view.shared.templates import read_template

FOLDER = Path(__file__).parent
PROBLEM = read_template(FOLDER / "problem.html")


def card_style(assets: Path) -> str:
    """Return the style of a card, with the colours of `assets`."""
    files = [assets / "10-tokens.css", FOLDER / "card.css"]
    return "".join(file.read_text("utf-8") for file in files)


def sentence(problems: Sequence[str]) -> str:
    """Return the reasons as one sentence or several."""
    return " ".join(f"{each[:1].upper()}{each[1:]}." for each in problems if each)


class ProblemPage:
    """The page with the reason why a request was refused.

    `script` is its inline script, `desk` the name of the desk; `assets` has the colours.
    """

    def __init__(self, assets: Path, desk: str) -> None:
        self.script = theme.SCRIPT.read_text("utf-8")
        self._parts = {"desk": desk, "script": self.script, "style": card_style(assets)}

    def render(self, problems: Sequence[str], base: str) -> str:
        """Return the page; `base` is the path that all addresses begin with."""
        return PROBLEM.render(self._parts, problem=sentence(problems), base=base)
