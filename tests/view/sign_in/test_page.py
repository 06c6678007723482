"""The sign-in page without a server."""

import re
from html import unescape

import pytest

from northstar.view.shared.assets import ASSETS
from northstar.view.sign_in.page import TOKEN, SignInPage, contact_link


def contact(given: str) -> str:
    """Return the contact sentence as HTML."""
    page = SignInPage([TOKEN], ASSETS, "Desk", given).render("/")
    [found] = re.findall(r'<p class="contact">(.*)</p>', page)
    return str(found)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("ops@example.com", "mailto:ops@example.com"),
        ("ann+pnl@desk.example.co.uk", "mailto:ann+pnl@desk.example.co.uk"),
        ("https://wiki.example.com/access?desk=1", "https://wiki.example.com/access?desk=1"),
        ("http://wiki", "http://wiki"),
    ],
)
def test_link(given: str, address: str) -> None:
    """An e-mail address or URL is a link with the given text."""
    sentence = f'No access? Ask <a href="{address}">{given}</a>.'
    assert unescape(contact(given)) == sentence


@pytest.mark.parametrize(
    "given",
    [
        "Ann, ext. 12",
        "javascript:alert(1)",
        "ops@example.com?subject=x",
        "https://wiki.example.com or Ann",
        "@ann",
        "ann@desk",
    ],
)
def test_words(given: str) -> None:
    """Any other contact is text."""
    assert contact_link(given) == ""
    assert contact(given) == f"No access? Ask {given}."


def test_markup() -> None:
    """Markup is escaped."""
    assert contact('<b>"Ann"</b>') == "No access? Ask &lt;b&gt;&#34;Ann&#34;&lt;/b&gt;."
    assert '"><script>' not in contact('https://x/"><script>')


def test_no_contact() -> None:
    """Without a contact the page has a generic sentence."""
    assert contact("") == "No access? Ask whoever runs this dashboard."
