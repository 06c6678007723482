"""Outcomes of messages: counts, refusals, and the message behind a state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from northstar.domain.messages import PnLUpdate, TrendDay
from northstar.errors import Ignored, MessageError, OutOfOrder, Rejected


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


@dataclass(slots=True)
class Tally:
    """Counts of the messages received, and the reasons for the last refusals."""

    accepted: int = 0
    rejected: int = 0
    out_of_order: int = 0
    ignored: int = 0
    last_rejection: str | None = None
    last_rejected_at: datetime | None = None
    last_out_of_order: str | None = None

    def refuse(self, error: MessageError, arrived: datetime | None) -> None:
        """Count a message that was not accepted."""
        match error:
            case Ignored():
                self.ignored += 1
            case OutOfOrder():
                self.out_of_order += 1
                self.last_out_of_order = str(error)
            case Rejected():
                self.rejected += 1
                self.last_rejection = str(error)
                self.last_rejected_at = arrived


@dataclass(frozen=True, slots=True)
class Received:
    """The result of one message.

    `update` is the decoded message, None if it could not be decoded; `refusal` is why it was not
    accepted. `news` has its trend rows that are new. `totals_are_new` is whether the state's
    totals are those of this message; a fetched state may only fill in missing sections.
    """

    update: PnLUpdate | None
    refusal: MessageError | None = None
    news: Sequence[TrendDay] = ()
    totals_are_new: bool = False

    @property
    def accepted(self) -> bool:
        return self.refusal is None
