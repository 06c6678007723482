"""The kinds of rule, and the fields of each.

A rule holds while a value is beyond its `limit`, and is over when the value is back at `clear`.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, Self, TypeAlias, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    field_validator,
    model_validator,
)

from northstar.alerts.quantities import (
    Amount,
    AmountOrPercent,
    Duration,
    Hours,
    Percent,
    Share,
    read_hours,
)
from northstar.domain.weekdays import EVERY_WEEKDAY, Weekdays, read_weekdays

BEAT_S = 1  # rules are evaluated at every state, and at least this often
LEAST_REPEAT_S = 60
EVERY = "*"  # every agent or category
# Fields that decide who is notified when; a rule stays the same if they change.
CALLING = {"name", "severity", "to", "repeat_s", "hours", "days"}
DAY_S = 86400
DAYS_AHEAD = 9  # in which a rule may notify at least once

Unit: TypeAlias = Literal["money", "percent", "seconds", "state"]


class Severity(StrEnum):
    """How urgent an alert is, in ascending order."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class Basis(StrEnum):
    """The net from which a drawdown counts."""

    DAY_PEAK = "day-peak"
    DAY_START = "day-start"
    PREVIOUS_CLOSE = "previous-close"


class BaseRule(BaseModel):
    """The fields of every rule.

    `unit` is that of the values, `above` whether the rule holds above its limit. `follows_data` is
    whether it is suspended while the data is not live, `momentary` whether it holds for a moment
    only, so that its end is not news. `for_s` is how long it must hold, `keep_s` how long it must
    not before it is over; `to` are the receivers, None for all of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    unit: ClassVar[Unit] = "money"
    above: ClassVar[bool] = True
    follows_data: ClassVar[bool] = True
    momentary: ClassVar[bool] = False

    name: str
    severity: Severity = Severity.WARNING
    for_s: Duration = Field(0.0, alias="for")
    keep_s: Duration = Field(0.0, alias="keep")
    repeat_s: Duration | None = Field(None, alias="repeat")
    hours: Annotated[InstanceOf[Hours], BeforeValidator(read_hours)] | None = None
    days: Annotated[InstanceOf[Weekdays], BeforeValidator(read_weekdays)] = EVERY_WEEKDAY
    to: tuple[str, ...] | None = None

    @field_validator("for_s")
    @classmethod
    def _require_a_beat(cls, seconds: float) -> float:
        if 0 < seconds < BEAT_S:
            raise ValueError(f"expected at least {BEAT_S}s, how often rules are evaluated")
        return seconds

    @field_validator("repeat_s")
    @classmethod
    def _require_a_pause(cls, seconds: float | None) -> float | None:
        if seconds is not None and seconds < LEAST_REPEAT_S:
            raise ValueError(f"expected at least {LEAST_REPEAT_S}s")
        return seconds

    @property
    def condition(self) -> Mapping[str, Any]:
        """The fields that decide when the rule holds; an alert ends if one of them changes."""
        return self.model_dump(mode="json", exclude=CALLING)

    @property
    def calls_always(self) -> bool:
        return self.hours is None and self.days == EVERY_WEEKDAY

    def next_call(self, local: datetime) -> datetime:
        """Return the first time from a local time on at which the rule may notify."""
        if self.may_call(local):
            return local
        opening = datetime.combine(local, self.hours.start if self.hours else time(0), local.tzinfo)
        days = (opening + timedelta(days=ahead) for ahead in range(DAYS_AHEAD))
        return next(day for day in days if day > local and self.may_call(day))

    def may_call(self, local: datetime) -> bool:
        """Return whether the rule may notify at a local time."""
        if self.hours is None:
            return local.weekday() in self.days
        opened = local
        if self.hours.start > self.hours.end and local.time() < self.hours.end:
            opened = local - timedelta(days=1)  # these hours began on the day before
        return local in self.hours and opened.weekday() in self.days


class LimitRule(BaseRule):
    """A rule with a limit, and the value at which it is over."""

    limit: Any
    clear: Any = None

    @model_validator(mode="after")
    def _check_clear(self) -> Self:
        limit, clear = self.limit, self.clear
        if clear is None:
            return self
        if isinstance(limit, Percent) != isinstance(clear, Percent):
            raise ValueError("clear: expected the unit of limit, both amounts or both percentages")
        first, second = (
            each.value if isinstance(each, Percent) else each for each in (limit, clear)
        )
        if second > first if self.above else second < first:
            side = "at most" if self.above else "at least"
            raise ValueError(f"clear: is on the wrong side of limit; expected {side} {first}")
        return self


class SizeRule(LimitRule):
    """A rule whose limit is a size, and so positive."""

    @field_validator("limit")
    @classmethod
    def _require_size(cls, limit: Any) -> Any:
        if (limit.value if isinstance(limit, Percent) else limit) <= 0:
            raise ValueError("expected more than 0: the limit is a size")
        return limit


class NetBelow(LimitRule):
    """Net of the day is below an amount, or a percentage of the previous period's."""

    above = False
    kind: Literal["net_below"]
    limit: AmountOrPercent
    clear: AmountOrPercent | None = None


class NetAbove(LimitRule):
    """Net of the day is above an amount, or a percentage of the previous period's."""

    kind: Literal["net_above"]
    limit: AmountOrPercent
    clear: AmountOrPercent | None = None


class Drawdown(SizeRule):
    """Net is below its `basis`: the day's peak, the day's start, or the previous day's close."""

    kind: Literal["drawdown"]
    basis: Basis
    limit: AmountOrPercent
    clear: AmountOrPercent | None = None


class LossOfDay(SizeRule):
    """The day's loss is larger than an amount."""

    kind: Literal["loss_of_day"]
    limit: AmountOrPercent
    clear: AmountOrPercent | None = None


class MarginBelow(LimitRule):
    """Net as a percentage of revenue is below a percentage."""

    unit = "percent"
    above = False
    kind: Literal["margin_below"]
    limit: Share
    clear: Share | None = None


class ExpensesAbove(LimitRule):
    """Expenses of the day are above an amount, or a percentage of the previous period's."""

    kind: Literal["expenses_above"]
    limit: AmountOrPercent
    clear: AmountOrPercent | None = None


class Change(SizeRule):
    """Net has moved by more than an amount within `window`."""

    kind: Literal["change"]
    window: Annotated[Duration, Field(ge=BEAT_S, le=DAY_S)]
    limit: AmountOrPercent
    clear: AmountOrPercent | None = None


class Spike(SizeRule):
    """Net differs from the median of the last `minutes` by more than an amount."""

    kind: Literal["spike"]
    minutes: int = Field(ge=2, le=1440)
    limit: AmountOrPercent
    clear: AmountOrPercent | None = None


class AgentBelow(LimitRule):
    """Net of an agent, or of any, is below an amount."""

    above = False
    kind: Literal["agent_below"]
    agent: str = Field(min_length=1)
    limit: Amount
    clear: Amount | None = None


class AgentSilent(BaseRule):
    """The figures of an agent, or of any, have not changed for longer than `limit`."""

    unit = "seconds"
    kind: Literal["agent_silent"]
    agent: str = Field(min_length=1)
    limit: Annotated[Duration, Field(ge=BEAT_S)]


class CategoryAbove(LimitRule):
    """The costs of a category, or of any, are above an amount."""

    kind: Literal["category_above"]
    category: str = Field(min_length=1)
    limit: Amount
    clear: Amount | None = None


class Books(LimitRule):
    """The largest amount by which the books do not balance is above an amount."""

    kind: Literal["books"]
    limit: Annotated[Amount, Field(ge=0)]
    clear: Amount | None = None


class Restated(BaseRule):
    """The source has changed the figures of a closed day."""

    unit = "state"
    momentary = True
    kind: Literal["restated"]
    for_s: Annotated[Duration, Field(le=0)] = Field(0.0, alias="for")
    keep_s: Duration = Field(float(DAY_S), alias="keep")  # how long it is on the page


class Gap(BaseRule):
    """No message has come for longer than `limit`, while connected."""

    unit = "seconds"
    follows_data = False
    kind: Literal["gap"]
    limit: Annotated[Duration, Field(ge=BEAT_S)]


class RejectedShare(LimitRule):
    """The share of messages refused within `window` is above a percentage."""

    unit = "percent"
    follows_data = False
    kind: Literal["rejected"]
    window: Annotated[Duration, Field(ge=BEAT_S, le=DAY_S)] = 60.0
    limit: Share
    clear: Share | None = None


class Stale(BaseRule):
    """The data is older than `NORTHSTAR_STALE_AFTER`, though the source is connected."""

    unit = "state"
    follows_data = False
    kind: Literal["stale"]


class Offline(BaseRule):
    """The source cannot be reached, and the data is older than `NORTHSTAR_STALE_AFTER`."""

    unit = "state"
    follows_data = False
    kind: Literal["offline"]


class HistoryPaused(BaseRule):
    """The history cannot be written."""

    unit = "state"
    follows_data = False
    kind: Literal["history_paused"]


Rule: TypeAlias = (
    NetBelow
    | NetAbove
    | Drawdown
    | LossOfDay
    | MarginBelow
    | ExpensesAbove
    | Change
    | Spike
    | AgentBelow
    | AgentSilent
    | CategoryAbove
    | Books
    | Restated
    | Gap
    | RejectedShare
    | Stale
    | Offline
    | HistoryPaused
)


def kind_of(rule: type[BaseModel]) -> str:
    """Return the kind of a class of rules, as in the file."""
    (kind,) = get_args(rule.model_fields["kind"].annotation)
    return str(kind)


KINDS: Mapping[str, type[BaseRule]] = {kind_of(each): each for each in get_args(Rule)}
