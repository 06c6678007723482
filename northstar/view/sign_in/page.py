"""The sign-in page as one HTML document that loads nothing."""

from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from northstar.view.shared import theme
from northstar.view.shared.card import card_style, sentence
from northstar.view.shared.templates import read_template

FOLDER = Path(__file__).parent
SIGN_IN = read_template(FOLDER / "sign_in.html")
REDIRECT = read_template(FOLDER / "redirect.html")


class Field(NamedTuple):
    """An input of the form; `known` is the `autocomplete` name for password managers."""

    name: str
    label: str
    kind: str
    known: str


class CredentialForm(NamedTuple):
    """One kind of credential and its form."""

    fields: Sequence[Field]
    button: str


TOKEN = CredentialForm(
    [Field("token", "Access token", "password", "current-password")], "Sign in with the token"
)
PASSWORD = CredentialForm(
    [
        Field("name", "Name", "text", "username"),
        Field("password", "Password", "password", "current-password"),
    ],
    "Sign in",
)


class SignInPage:
    """The page with each of `forms`, and the colours and icon of `assets`.

    `script` is its inline script, `desk` the name of the desk.
    """

    def __init__(self, forms: Sequence[CredentialForm], assets: Path, desk: str) -> None:
        icon = b64encode((assets / "favicon.svg").read_bytes()).decode()
        scripts = [theme.SCRIPT, FOLDER / "sign_in.js"]
        self.script = "".join(file.read_text("utf-8") for file in scripts)
        self._parts = {
            "forms": forms,
            "desk": desk,
            "script": self.script,
            "style": card_style(assets),
            "icon": f"data:image/svg+xml;base64,{icon}",
        }

    def render(self, after: str, problem: str = "", name: str = "") -> str:
        """Return the page; it redirects to the path `after` and shows `problem` for `name`."""
        message = sentence([problem])
        values = {"name": name, "password": "", "token": ""}
        return SIGN_IN.render(self._parts, values=values, next=after, problem=message)


def redirect_page(address: str) -> str:
    """Return a page that navigates to one of our addresses by itself.

    A browser withholds our cookie while it follows a link from another site, including redirects;
    it sends the cookie when a page of ours navigates.
    """
    return REDIRECT.render(address=address)
