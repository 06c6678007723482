"""The sign-in page, and the one that leads to it: HTML that loads nothing."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import NamedTuple

from northstar.view.shared import theme

FOLDER = Path(__file__).parent


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
        self._ways = ways
        self._page = Template((FOLDER / "sign_in.html").read_text("utf-8"))
        self._parts = {
            "script": self.script,
            "style": "".join(file.read_text("utf-8") for file in style),
            "icon": f"data:image/svg+xml;base64,{icon}",
        }

    def render(self, after: str, problem: str = "", name: str = "") -> str:
        """Return the page; it leads to the path `after`, and says what went wrong for `name`."""
        kept = {"next": after, "name": name}
        forms = "\n".join(_form(way, kept) for way in self._ways)
        said = f"{problem[:1].upper()}{problem[1:]}." if problem else ""
        return self._page.substitute(self._parts, forms=forms, problem=escape(said))


def leading_page(address: str) -> str:
    """Return a page that goes on to an address of ours by itself.

    A browser keeps our cookie to itself while it follows a link from elsewhere, redirects
    included; it shows it when a page of ours leads on.
    """
    shown = escape(address)
    return (
        '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>NorthStar</title>'
        f'<link rel="icon" href="data:,"><meta http-equiv="refresh" content="0;url={shown}">'
        f'<a href="{shown}">Go on</a></html>'
    )


def _form(way: Way, kept: Mapping[str, str]) -> str:
    inputs = "".join(
        f'<label>{field.label}<input name="{field.name}" type="{field.kind}" required'
        f' autocomplete="{field.known}" value="{escape(kept.get(field.name, ""))}"></label>'
        for field in way.fields
    )
    hidden = f'<input type="hidden" name="next" value="{escape(kept["next"])}">'
    return f'<form method="post">{inputs}{hidden}<button>{way.button}</button></form>'
