"""The sign-in page as one HTML document that loads nothing."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from northstar.view.shared.card import card_parts, sentence
from northstar.view.shared.templates import read_template

FOLDER = Path(__file__).parent
SIGN_IN = read_template(FOLDER / "sign_in.html")
REDIRECT = read_template(FOLDER / "redirect.html")
E_MAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
URL = re.compile(r"https?://\S+")


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
    """The page with each of `forms`, and the colours and pictures of `assets`.

    `script` is its inline script, `desk` the name of the desk, `contact` whom to ask for access.
    """

    def __init__(
        self, forms: Sequence[CredentialForm], assets: Path, desk: str, contact: str = ""
    ) -> None:
        self._parts = {
            **card_parts(assets, desk, FOLDER / "sign_in.js"),
            "forms": forms,
            "contact": contact,
            "link": contact_link(contact),
        }
        self.script = self._parts["script"]

    def render(self, after: str, problem: str = "", name: str = "") -> str:
        """Return the page; it redirects to the path `after` and shows `problem` for `name`."""
        message = sentence([problem])
        values = {"name": name, "password": "", "token": ""}
        return SIGN_IN.render(self._parts, values=values, next=after, problem=message)


def contact_link(contact: str) -> str:
    """Return the address behind an e-mail address or a URL; empty for any other text."""
    if E_MAIL.fullmatch(contact):
        return f"mailto:{contact}"
    return contact if URL.fullmatch(contact) else ""


def redirect_page(address: str) -> str:
    """Return a page that navigates to one of our addresses by itself.

    A browser withholds our cookie while it follows a link from another site, including redirects;
    it sends the cookie when a page of ours navigates.
    """
    return REDIRECT.render(address=address)
