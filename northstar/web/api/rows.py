"""The rows of JSON answers, and their OpenAPI schemas."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any, TypeAlias

import msgspec
from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from northstar.domain.calendar import Calendar
from northstar.domain.day import Amounts, DayRecord, DayStatus, Moment, Origin
from northstar.domain.notes import Note
from northstar.web.files.compressed import compressed

JSON = "application/json"
NO_STORE = {"Cache-Control": "no-store"}
LARGE = 65_536  # bytes; a smaller body is compressed on the event loop in less than 1 ms

Amount: TypeAlias = float | str


class AmountFormat(StrEnum):
    """How an answer writes amounts; a string keeps its digits in every JSON parser."""

    NUMBER = "number"
    STRING = "string"


AmountsQuery: TypeAlias = Annotated[
    AmountFormat, Query(description="number, or string, which no parser rounds")
]


class _Response(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class Book(_Response):
    """Amounts in the currency of the stream; `net` is revenue − expenses."""

    revenue: Amount
    expenses: Amount
    net: Amount


class _Figures(Book):
    """Amounts of a day, whose status is `status`; `currency` is ISO 4217, `zone` an IANA name."""

    status: DayStatus
    currency: str
    zone: str


class TrendRow(_Figures):
    """One day, as in the stream's `trendsData`.

    `status` is `running`; `closed`; `incomplete`, if only a part of the day was received; `stated`,
    if the amounts are those of the stream's trend; `restated`; or `no trading`. `asOf` is when the
    amounts became known.
    """

    date: date
    as_of: datetime | None


class VersionRow(Book):
    """Amounts of a day as known from `at` on; `origin` is a state or the stream's trend."""

    at: datetime
    origin: Origin


class NoteRow(_Response):
    """A note of a day; `at` is the moment that it is about, null for the whole day."""

    id: int
    date: date
    at: datetime | None
    who: str
    written_at: datetime
    text: str


class DayRow(TrendRow):
    """One day with its current amounts.

    `lastStateAt` is the time of the day's last state, null if the day is known only from the
    stream's trend. `closed` has the amounts at the close if the source restated the day later, at
    `restatedAt`; `versions` has all amounts of the day, oldest first. `costs` has amounts by
    category, `agents` by name; null is unknown. `notes` are those that viewers wrote about the day.
    """

    last_state_at: datetime | None
    closed: Book | None
    restated_at: datetime | None
    versions: list[VersionRow]
    costs: dict[str, Amount] | None
    agents: dict[str, Book] | None
    notes: list[NoteRow]


class StateRow(_Figures):
    """The totals of the day at one time; `date` is the day, and `status` that of the day."""

    at: datetime
    date: date


class CurrentDay(_Response):
    """A day of the trend in the current state."""

    model_config = ConfigDict(extra="allow")

    date: date
    status: DayStatus


class CurrentState(_Response):
    """The current state in the message format, with status, time, currency and zone."""

    model_config = ConfigDict(extra="allow")

    timestamp: datetime
    revenue: Amount
    expenses: Amount
    net: Amount = Field(alias="netPnL")
    trends_data: list[CurrentDay] = []
    day_status: DayStatus
    as_of: datetime
    currency: str
    zone: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Makes rows of days and states, as of `today`."""

    calendar: Calendar
    currency: str
    today: date

    def trend(self, days: Iterable[DayRecord]) -> Iterator[dict[str, Any]]:
        """Yield the rows of days without their parts."""
        return map(self._day, days)

    def days(
        self, days: Iterable[DayRecord], notes: Mapping[date, Sequence[Note]]
    ) -> Iterator[dict[str, Any]]:
        """Yield the rows of days with costs, agents, versions and notes."""
        for day in days:
            yield {
                **self._day(day),
                "lastStateAt": self._local(day.at),
                "closed": day.closed and _book(day.closed),
                "restatedAt": self._local(day.restated_at),
                "versions": [
                    {"at": self._local(at), "origin": origin, **_book(amounts)}
                    for at, amounts, origin in day.versions
                ],
                "costs": day.costs,
                "agents": day.agents and {name: _book(book) for name, book in day.agents.items()},
                "notes": [*map(self.note, notes.get(day.day, ()))],
            }

    def note(self, note: Note) -> dict[str, Any]:
        """Return the row of a note."""
        return {
            "id": note.number,
            "date": note.day,
            "at": self._local(note.at),
            "who": note.author.name,
            "writtenAt": self._local(note.written_at),
            "text": note.text,
        }

    def states(
        self, moments: Sequence[Moment], days: Mapping[date, DayRecord]
    ) -> Iterator[dict[str, Any]]:
        """Yield the rows of states, oldest first, of these days."""
        end = datetime.min.replace(tzinfo=UTC)
        about: dict[str, Any] = {}
        for moment in moments:
            if moment.at >= end or not about:
                day = self.calendar.day_of(moment.at)
                end = self.calendar.end(day)
                about = {"date": day, **self._about(self.status(day, days))}
            yield {"at": self._local(moment.at), **_book(moment.amounts), **about}

    def status(self, day: date, days: Mapping[date, DayRecord]) -> DayStatus:
        """Return the status of a day, which has no record before it is written."""
        if record := days.get(day):
            return record.status(self.today, self.calendar.trading)
        return DayStatus.RUNNING if day >= self.today else DayStatus.UNKNOWN

    def _day(self, day: DayRecord) -> dict[str, Any]:
        status = day.status(self.today, self.calendar.trading)
        as_of = day.versions[-1].at if day.versions else day.at
        figures = {"date": day.day, **_book(day.amounts)}
        return {**figures, "asOf": self._local(as_of), **self._about(status)}

    def _about(self, status: DayStatus) -> dict[str, Any]:
        return {"status": status, "currency": self.currency, "zone": str(self.calendar.zone)}

    def _local(self, instant: datetime | None) -> datetime | None:
        return instant and instant.astimezone(self.calendar.zone)


def json_response(
    content: object,
    amounts: AmountFormat,
    request: Request,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return JSON with exact amounts, a large one compressed; for a thread."""
    body, own = _ENCODERS[amounts].encode(content), {**NO_STORE, **(headers or {})}
    if len(body) < LARGE:
        return Response(body, media_type=JSON, headers=own)
    return compressed(body, request.headers.get("accept-encoding", ""), JSON, own)


def _book(amounts: Amounts) -> dict[str, Any]:
    return {"revenue": amounts.revenue, "expenses": amounts.expenses, "net": amounts.net}


_ENCODERS = {
    AmountFormat.NUMBER: msgspec.json.Encoder(decimal_format="number"),
    AmountFormat.STRING: msgspec.json.Encoder(decimal_format="string"),
}
