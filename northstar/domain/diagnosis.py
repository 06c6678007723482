"""Diagnose an open connection without usable messages, and a source clock that is off."""

from dataclasses import dataclass, field

from northstar.domain.clocks import Mark
from northstar.errors import Ignored, MessageError, OutOfOrder

# A source is given this long before its silence or its refused messages are a problem.
PATIENCE_S = 15.0
MAX_NAMES, MAX_NAME = 3, 40
# Clocks that differ by more are worth a warning.
WARN_OVER_S = 60.0


@dataclass(slots=True)
class Diagnosis:
    """Counts the messages of an open connection since the last one that was accepted.

    A source that sends nothing is given `stale_after_s`, if that is longer than `PATIENCE_S`.
    """

    stale_after_s: float = 0.0
    _since: Mark | None = None  # when the connection opened or a message was accepted; None: closed
    _served: bool = False  # whether any message of this connection was accepted
    _refused: int = 0
    _out_of_order: int = 0
    _ignored: int = 0
    _reason: str = ""  # of the last message refused or out of order
    _names: list[str] = field(default_factory=list)  # of ignored events

    def open(self, now: Mark) -> None:
        """Start over with a new connection."""
        self._start_over(now)
        self._served = False

    @property
    def is_open(self) -> bool:
        return self._since is not None

    def close(self) -> None:
        """Stop diagnosing until the next connection."""
        self._since = None

    def accept(self, now: Mark) -> None:
        """Take note of an accepted message."""
        if self._since is not None:
            self._start_over(now)
            self._served = True

    def refuse(self, error: MessageError) -> None:
        """Take note of a message that was not accepted."""
        match error:
            case Ignored(event=event):
                self._ignored += 1
                if (name := event[:MAX_NAME]) not in self._names and len(self._names) <= MAX_NAMES:
                    self._names.append(name)
            case OutOfOrder():
                self._out_of_order += 1
                self._reason = str(error)
            case _:
                self._refused += 1
                self._reason = str(error)

    def problem(self, now: Mark) -> str | None:
        """Return why nothing usable has come for `PATIENCE_S`, or None.

        A source that sends nothing is no problem once a message of it was accepted.
        """
        if self._since is None or (waited_s := self._since.passed_s(now)) < PATIENCE_S:
            return None
        total = self._refused + self._out_of_order + self._ignored
        if not total:
            silent = waited_s >= self.stale_after_s and not self._served
            return f"connected for {waited_s:.0f} s, and no message came" if silent else None
        reasons = {
            f"{self._refused} of {total} refused: {self._reason}": self._refused,
            f"{self._out_of_order} of {total} out of order: {self._reason}": self._out_of_order,
            f"{self._ignored} ignored, named {self._named}; see NORTHSTAR_EVENT": self._ignored,
        }
        return max(reasons, key=lambda text: reasons[text])

    @property
    def _named(self) -> str:
        names = ", ".join(map(repr, self._names[:MAX_NAMES]))
        return f"{names} …" if len(self._names) > MAX_NAMES else names

    def _start_over(self, now: Mark) -> None:
        self._since = now
        self._refused = self._out_of_order = self._ignored = 0
        self._reason = ""
        self._names.clear()


def clock_off_s(offset_s: float | None) -> float | None:
    """Return by how much the source's clock is off, to 10 s, if that is worth a warning."""
    return None if offset_s is None or abs(offset_s) <= WARN_OVER_S else round(offset_s, -1)
