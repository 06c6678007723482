"""The message that led to a state."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """The message that led to a state: the `number`-th accepted, `raw` as received.

    Number 0 is the state restored from the history, encoded again. `arrived` is by our clock;
    `source` names its origin, without secrets.
    """

    number: int
    raw: str
    arrived: datetime
    source: str
