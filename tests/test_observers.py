"""Callbacks for an event."""

from northstar.observers import Observers


def test_observers_are_called_in_order() -> None:
    """A second observer does not replace the first."""
    called: list[tuple[str, float]] = []
    batches: Observers[float] = Observers()
    batches.subscribe(lambda took_s: called.append(("first", took_s)))
    batches.subscribe(lambda took_s: called.append(("second", took_s)))

    batches.notify(0.5)

    assert called == [("first", 0.5), ("second", 0.5)]


def test_no_observers() -> None:
    """An event without observers is not an error."""
    nobody: Observers[()] = Observers()

    nobody.notify()


def test_cleared_observers() -> None:
    """Cleared observers are not called any more; later ones are."""
    called: list[str] = []
    changes: Observers[()] = Observers()
    changes.subscribe(lambda: called.append("earlier"))
    changes.clear()
    changes.subscribe(lambda: called.append("later"))

    changes.notify()

    assert called == ["later"]
