"""Callbacks for an event, any number of them."""

from collections.abc import Callable
from typing import Generic, TypeVarTuple

Args = TypeVarTuple("Args")


class Observers(Generic[*Args]):
    """The callbacks of one event, called in the order of subscription."""

    def __init__(self) -> None:
        self._callbacks: list[Callable[[*Args], object]] = []

    def subscribe(self, callback: Callable[[*Args], object]) -> None:
        """Call `callback` from now on, after those subscribed before it."""
        self._callbacks.append(callback)

    def notify(self, *args: *Args) -> None:
        """Call every callback."""
        for callback in self._callbacks:
            callback(*args)

    def clear(self) -> None:
        """Remove all callbacks."""
        self._callbacks.clear()
