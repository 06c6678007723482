"""How long the history keeps its rows, and how many were deleted."""

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Retention:
    """Ages at which states of seconds and minutes, and days, are deleted; None is never.

    Notes, alert events and rows of the audit are deleted with their days.
    """

    seconds: timedelta
    minutes: timedelta
    days: timedelta | None


class Deleted(NamedTuple):
    """Numbers of rows deleted."""

    seconds: int
    minutes: int
    days: int

    def __str__(self) -> str:
        return f"{self.seconds} seconds, {self.minutes} minutes, {self.days} days"
