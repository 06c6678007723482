"""Where a page would go, without going there: its next load is cancelled, and its address kept."""

from collections.abc import Callable

from support.page import Page
from support.waiting import until

STAY = """
    window.left = [];
    navigation.onnavigate = (event) => {
        if (event.destination.sameDocument) return;
        event.preventDefault();
        window.left.push(event.destination.url);
    };
"""
GO = "navigation.onnavigate = null; return window.left.splice(0)"


def destination(page: Page, leave: Callable[[], object]) -> str:
    """Return the one address that the page asks the browser for once `leave` has been called."""
    page.run(STAY)
    try:
        leave()
        until(lambda: page.run("return window.left.length"), what="the page is left")
    finally:
        addresses = page.run(GO)
    [address] = addresses
    return str(address)
