"""Try many inputs for a limited time, the same ones in each run."""

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

Input = TypeVar("Input")

# Together the fuzz tests take at most a minute on any machine.
SECONDS = 9.0
SEEDED = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=20_000,
    phases=[Phase.generate],  # shrinking a failure would take more time
    report_multiple_bugs=False,
    suppress_health_check=[*HealthCheck],
)


class TimeIsUp(Exception):
    """Ends the search, because Hypothesis has no other way to stop it."""


def fuzz(
    inputs: SearchStrategy[Input],
    try_one: Callable[[Input], object],
    *,
    first: Iterable[Input] = (),
    seconds: float = SECONDS,
) -> int:
    """Try the inputs of `first`, then at least one other; return the number of others."""
    tried = 0

    @SEEDED
    @given(inputs)
    def search(given_: Input) -> None:
        nonlocal tried
        if tried and time.monotonic() >= end:
            raise TimeIsUp
        tried += 1
        try_one(given_)

    for each in first:
        try_one(each)
    end, tried = time.monotonic() + seconds, 0
    with suppress(TimeIsUp):
        search()
    return tried
