"""The sign-in page as one HTML document that loads nothing."""

from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from northstar.view.shared import theme
from northstar.view.shared.templates import read_template

FOLDER = Path(__file__).parent
SIGN_IN = read_template(FOLDER / "sign_in.html")
LEADING = read_template(FOLDER / "leading.html")


class Field(NamedTuple):
    """What a person fills in; `known` is how a browser calls it that has kept it."""

    name: str
    label: str
    kind: str
    known: str


class Way(NamedTuple):
    """One way to show who one is."""

    fields: Sequence[Field]
    button: str


TOKEN = Way(
    [Field("token", "Access token", "password", "current-password")], "Sign in with the token"
)
PASSWORD = Way(
    [
        Field("name", "Name", "text", "username"),
        Field("password", "Password", "password", "current-password"),
    ],
    "Sign in",
)


class SignInPage:
    """The page with a form for each of `ways`; colours and icon are those of `assets`.

    `script` is the one that stands in it.
    """

    def __init__(self, ways: Sequence[Way], assets: Path) -> None:
        style = [assets / "10-tokens.css", FOLDER / "sign_in.css"]
        icon = b64encode((assets / "favicon.svg").read_bytes()).decode()
        self.script = theme.SCRIPT.read_text("utf-8")
        self._parts = {
            "ways": ways,
            "script": self.script,
            "style": "".join(file.read_text("utf-8") for file in style),
            "icon": f"data:image/svg+xml;base64,{icon}",
        }

    def render(self, after: str, problem: str = "", name: str = "") -> str:
        """Return the page; it leads to the path `after`, and says what went wrong for `name`."""
        said = f"{problem[:1].upper()}{problem[1:]}." if problem else ""
        kept = {"name": name, "password": "", "token": ""}
        return SIGN_IN.render(self._parts, kept=kept, next=after, problem=said)


def leading_page(address: str) -> str:
    """Return a page that goes on to an address of ours by itself.

    A browser keeps our cookie to itself while it follows a link from elsewhere, redirects
    included; it shows it when a page of ours leads on.
    """
    return LEADING.render(address=address)
