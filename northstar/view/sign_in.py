"""The sign-in page, and the one that leads to it: HTML that loads nothing and runs no script."""

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import NamedTuple

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
    """The page with a form for each of `ways`; colours and icon are those of `assets`."""

    def __init__(self, ways: Sequence[Way], assets: Path) -> None:
        self._ways = ways
        style = [assets / "10-tokens.css", FOLDER / "sign_in.css"]
        icon = b64encode((assets / "favicon.svg").read_bytes()).decode()
        self._page = Template(
            Template((FOLDER / "sign_in.html").read_text("utf-8")).safe_substitute(
                style="".join(file.read_text("utf-8") for file in style),
                icon=f"data:image/svg+xml;base64,{icon}",
            )
        )

    def render(self, after: str, problem: str = "") -> str:
        """Return the page; it leads to the path `after`, and says what went wrong before."""
        forms = "\n".join(_form(way, after) for way in self._ways)
        said = f"{problem[:1].upper()}{problem[1:]}." if problem else ""
        return self._page.substitute(forms=forms, problem=escape(said))


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


def _form(way: Way, after: str) -> str:
    inputs = "".join(
        f'<label>{field.label}<input name="{field.name}" type="{field.kind}"'
        f' autocomplete="{field.known}" required></label>'
        for field in way.fields
    )
    kept = f'<input type="hidden" name="next" value="{escape(after)}">'
    return f'<form method="post">{inputs}{kept}<button>{way.button}</button></form>'
