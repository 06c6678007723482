"""Cache what is rendered from a section of the state until that section changes."""

from collections.abc import Callable
from functools import wraps
from typing import TypeAlias, TypeVar

from northstar.domain.snapshot import Snapshot
from northstar.view.shared.money import Notation

T = TypeVar("T")
Make: TypeAlias = Callable[[Snapshot, Notation], T]


def made_of(section: str) -> Callable[[Make[T]], Make[T]]:
    """Decorate a function whose result depends only on one section, days, notes and limits.

    `section` is a field of the state. Only the last result is cached, and is not to be modified.
    """

    def decorate(make: Make[T]) -> Make[T]:
        last: tuple[object, T] | None = None

        @wraps(make)
        def cached(snapshot: Snapshot, write: Notation) -> T:
            nonlocal last
            rows = getattr(snapshot.state, section)
            days = snapshot.trading, snapshot.recorded, snapshot.notes, snapshot.limits
            key = (rows, snapshot.as_of.date(), days, write)
            known = last  # another thread may replace it
            if known is None or known[0] != key:
                last = known = (key, make(snapshot, write))
            return known[1]

        return cached

    return decorate
