"""Compare two periods, like with like.

Pure: no clock, no I/O. Only whole trading days are compared, or the running day with an earlier one
at the same time.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from northstar.domain.arithmetic import Change, change
from northstar.domain.day import Amounts
from northstar.reports.periods import Period


class Basis(StrEnum):
    """What is compared.

    TOTALS: the sums of as many whole days. PER_DAY: averages of whole days, as their numbers
    differ. SAME_TIME: the running day with an earlier one at the same time. PARTIAL: averages of
    whole days, without percentages, as days are unknown or incomplete. NONE: nothing.
    """

    TOTALS = "totals"
    PER_DAY = "per day"
    SAME_TIME = "same time"
    PARTIAL = "partial"
    NONE = "none"


AVERAGES = {Basis.PER_DAY, Basis.PARTIAL}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the periods that are compared.

    `amounts` are the sums over its whole days, None if there is none, or the state of a running
    day. `days` is the number of whole days, zero for the state of a running day; `lacking` that of
    trading days that are unknown or incomplete. `at` is the time of the state compared with.
    """

    period: Period
    amounts: Amounts | None
    days: int = 0
    lacking: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Contrast:
    """The figures of a period and of the one it is compared with, if there is one."""

    now: Side
    before: Side | None

    @property
    def basis(self) -> Basis:
        now, before = self.now, self.before
        if not (before and now.amounts and before.amounts):
            return Basis.NONE
        if not now.days:
            return Basis.NONE if before.days else Basis.SAME_TIME
        if now.lacking or before.lacking:
            return Basis.PARTIAL
        return Basis.TOTALS if now.days == before.days else Basis.PER_DAY

    @property
    def is_like(self) -> bool:
        """Whether a percentage and a verdict have a meaning."""
        return self.basis not in {Basis.PARTIAL, Basis.NONE}

    def figures(self, name: str) -> tuple[Decimal | None, Decimal | None]:
        """Return the amount `name` of both periods, as it is compared: a sum or an average."""
        return self._figure(self.now, name), self._figure(self.before, name)

    def pair(self, name: str) -> tuple[Decimal, Decimal] | None:
        """Return `figures`; None if their difference has no meaning."""
        now, before = self.figures(name)
        if now is None or before is None or self.basis is Basis.NONE:
            return None
        return now, before

    def change(self, name: str) -> Change:
        """Return the change of the amount `name`; the percentage is None unless it `is_like`."""
        pair = self.pair(name)
        if pair is None:
            return Change(None, None)
        moved = change(*pair)
        return moved if self.is_like else Change(moved.amount, None)

    @property
    def margins(self) -> tuple[Decimal | None, Decimal | None]:
        """The net margins of both periods, in percent."""
        return self._margin(self.now), self._margin(self.before)

    def _figure(self, side: Side | None, name: str) -> Decimal | None:
        if side is None or side.amounts is None:
            return None
        amount: Decimal = getattr(side.amounts, name)
        return amount / side.days if self.basis in AVERAGES else amount

    @staticmethod
    def _margin(side: Side | None) -> Decimal | None:
        return side.amounts.margin if side and side.amounts else None
