"""The target of a navigation without navigating: the load is cancelled and its address recorded."""

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
    """Return the address that the page requests when `leave` is called."""
    page.run(STAY)
    try:
        leave()
        until(lambda: has_left(page), what="the page requests it")
    finally:
        addresses = page.run(GO)
    [address] = set(addresses)
    return str(address)


def has_left(page: Page) -> bool:
    """Tell, within `destination`, whether the page has requested an address."""
    return bool(page.run("return window.left.length"))
