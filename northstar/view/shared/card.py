"""Pages of one card, each an HTML document that loads nothing: sign-in, and refused requests."""

from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from northstar.view.shared import theme
from northstar.view.shared.templates import read_template

FOLDER = Path(__file__).parent
CARD = read_template(FOLDER / "card.html")
PROBLEM = read_template(FOLDER / "problem.html")


def card_parts(assets: Path, desk: str, *scripts: Path) -> dict[str, Any]:
    """Return the values that every card has: name of the desk, pictures, style and script.

    The template of a card extends `card` and fills in `title` and `content`.
    """
    styles = [assets / "10-tokens.css", FOLDER / "card.css"]
    return {
        "card": CARD,
        "desk": desk,
        "icon": _data_uri(assets / "favicon.svg"),
        "logo": _data_uri(assets / "logo.svg"),
        "style": _joined(styles),
        "script": _joined([theme.SCRIPT, *scripts]),
    }


def sentence(problems: Sequence[str]) -> str:
    """Return the reasons as one sentence or several."""
    return " ".join(f"{each[:1].upper()}{each[1:]}." for each in problems if each)


class ProblemPage:
    """The page with the reason why a request was refused.

    `script` is its inline script, `desk` the name of the desk; `assets` has colours and pictures.
    """

    def __init__(self, assets: Path, desk: str) -> None:
        self._parts = card_parts(assets, desk)
        self.script = self._parts["script"]

    def render(self, problems: Sequence[str], base: str) -> str:
        """Return the page; `base` is the path that all addresses begin with."""
        return PROBLEM.render(self._parts, problem=sentence(problems), base=base)


def _data_uri(picture: Path) -> str:
    return f"data:image/svg+xml;base64,{b64encode(picture.read_bytes()).decode()}"


def _joined(files: Sequence[Path]) -> str:
    return "".join(file.read_text("utf-8") for file in files)
