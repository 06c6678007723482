"""The truth of a cluster: its leader's state at one moment, and its form in the database."""

import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import NamedTuple

import msgspec

from northstar.coordination.truths import DAY, NEVER, STATE, Part, Version
from northstar.domain.calendar import Calendar
from northstar.domain.day import Moment
from northstar.domain.freshness import FeedStatus
from northstar.domain.intraday import DayLine, Intraday
from northstar.domain.messages import decode, encode_as_received
from northstar.domain.outcomes import Receipt
from northstar.domain.snapshot import Snapshot
from northstar.errors import ConfigurationError, MessageError, StoreUnusable
from northstar.live.alert_status import AlertStatus
from northstar.settings.cluster import require_common

LEVEL = 1  # of compression: 0.1 ms for a state of 4 kB


@dataclass(frozen=True, slots=True)
class Truth:
    """The state of the leader when it wrote `version`.

    `history` counts the changes that it has seen of closed days and notes, whose content the
    history has, and `alerts` those of the alerts in `alert_status`, None without rules.
    """

    version: Version
    snapshot: Snapshot | None
    receipt: Receipt | None
    status: FeedStatus
    history: int = 0
    alerts: int = 0
    alert_status: AlertStatus | None = None


class _Running(msgspec.Struct):
    """The running day without its lines."""

    first: Moment
    newest: Moment
    low: Moment
    high: Moment
    same_time: Moment | None
    target: Decimal | None
    month_target: Decimal | None


class _State(msgspec.Struct):
    """The part of the newest state; `lines` is the version of the other part.

    `common` has the settings that all instances have in common.
    """

    message: str | None
    receipt: Receipt | None
    status: FeedStatus
    day: _Running | None
    lines: Version
    history: int
    alerts: int
    alert_status: AlertStatus | None
    common: Mapping[str, str] = {}


class _Line(msgspec.Struct):
    day: date
    start: datetime
    end: datetime
    slots: tuple[Moment | None, ...]


class _Lines(msgspec.Struct):
    """The part of the running day's line, and that of the day before."""

    line: _Line
    before: _Line | None


class _Known(NamedTuple):
    """The lines written or read last, which are the same objects until they change."""

    version: Version = NEVER
    line: DayLine | None = None
    before: DayLine | None = None


class TruthEncoder:
    """Encodes the truths of one leader; the lines only when they have changed.

    `common` has the settings that all instances have in common.
    """

    def __init__(self, common: Mapping[str, str] | None = None) -> None:
        self._known = _Known()
        self._common = common or {}

    def encode(self, truth: Truth) -> Sequence[Part]:
        """Return the parts to be written."""
        day = truth.snapshot.day if truth.snapshot else None
        parts = []
        if day and (day.line is not self._known.line or day.before is not self._known.before):
            self._known = _Known(truth.version, day.line, day.before)
            lines = _Lines(_line(day.line), _line(day.before) if day.before else None)
            parts = [Part(DAY, truth.version, _pack(lines))]
        state = _State(
            encode_as_received(truth.snapshot.state).decode() if truth.snapshot else None,
            truth.receipt,
            truth.status,
            _running(day) if day else None,
            self._known.version,
            truth.history,
            truth.alerts,
            truth.alert_status,
            self._common,
        )
        return [Part(STATE, truth.version, _pack(state)), *parts]


class TruthDecoder:
    """Decodes truths with the days of `calendar`, of leaders whose `common` settings are ours."""

    def __init__(self, calendar: Calendar, common: Mapping[str, str] | None = None) -> None:
        self._calendar = calendar
        self._common = common or {}
        self._known = _Known()

    @property
    def lines(self) -> Version:
        """The version of the lines that are known."""
        return self._known.version

    def decode(self, parts: Sequence[Part]) -> tuple[Truth, float] | None:
        """Return the truth of parts that were read together, and its age in seconds.

        None without a newer state. Raises `StoreUnusable` for a form that this version of the
        program cannot read, and for other settings.
        """
        try:
            return self._decode(parts)
        except ConfigurationError as error:
            raise StoreUnusable(str(error)) from error
        except (MessageError, msgspec.MsgspecError, zlib.error) as error:
            raise StoreUnusable("another version of the program leads") from error

    def _decode(self, parts: Sequence[Part]) -> tuple[Truth, float] | None:
        by_name = {part.name: part for part in parts}
        if lines := by_name.get(DAY):
            self._take_lines(lines)
        if (part := by_name.get(STATE)) is None:
            return None
        state = msgspec.json.decode(zlib.decompress(part.body), type=_State)
        require_common(self._common, state.common)
        zone = self._calendar.zone
        receipt = state.receipt
        return (
            Truth(
                part.version,
                self._snapshot(state, zone),
                receipt and replace(receipt, arrived=receipt.arrived.astimezone(zone)),
                state.status,
                state.history,
                state.alerts,
                state.alert_status,
            ),
            part.age_s,
        )

    def _snapshot(self, state: _State, zone: tzinfo) -> Snapshot | None:
        if state.message is None:
            return None
        known, running = self._known, state.day
        day = None
        if running and known.line and known.version == state.lines:
            day = Intraday(
                known.line,
                running.first,
                running.newest,
                running.low,
                running.high,
                known.before,
                running.same_time,
                running.target,
                running.month_target,
            )
        return Snapshot(decode(state.message, zone), self._calendar.trading, day)

    def _take_lines(self, part: Part) -> None:
        lines = msgspec.json.decode(zlib.decompress(part.body), type=_Lines)
        zone = self._calendar.zone
        before = _day_line(lines.before, zone) if lines.before else None
        self._known = _Known(part.version, _day_line(lines.line, zone), before)


def require_common_settings(part: Part, ours: Mapping[str, str]) -> None:
    """Raise `ConfigurationError` if a leader with other settings has written a state."""
    with suppress(msgspec.MsgspecError, zlib.error):  # of another version
        state = msgspec.json.decode(zlib.decompress(part.body), type=_State)
        require_common(ours, state.common)


def _running(day: Intraday) -> _Running:
    return _Running(
        day.first, day.newest, day.low, day.high, day.same_time, day.target, day.month_target
    )


def _line(line: DayLine) -> _Line:
    return _Line(line.day, line.start, line.end, tuple(line.slots))


def _day_line(line: _Line, zone: tzinfo) -> DayLine:
    return DayLine(line.day, line.start, line.end, zone, line.slots)


def _pack(content: msgspec.Struct) -> bytes:
    return zlib.compress(msgspec.json.encode(content), LEVEL)
