"""An executor that runs tasks when the test releases them."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any


class Held(Executor):
    """Holds submitted tasks; the test runs the oldest in its own thread."""

    def __init__(self, *_: object) -> None:
        self.waiting: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, function: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.waiting.append((future, lambda: function(*given, **named)))
        return future

    def run_one(self) -> None:
        """Run the oldest submitted task."""
        future, run = self.waiting.pop(0)
        try:
            future.set_result(run())
        except OSError as error:
            future.set_exception(error)
