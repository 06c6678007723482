"""The daily report of a running pipeline: made once, stored, sent, and late rather than never."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

import pytest
from openpyxl import load_workbook

from northstar.alerts.schedule import due_day
from northstar.errors import DeliveryError, PictureError, StoreError
from northstar.feeds import Source
from northstar.history.outbox import Outbox
from northstar.history.writer import History
from northstar.live import delivery as delivery_module
from northstar.live import reporting as module
from northstar.live.alerts import Alerts
from northstar.live.delivery import NOT_REAL
from northstar.live.pipeline import Standalone
from northstar.live.report_message import ReportWriter
from northstar.settings.alert_file import parse_alert_file
from northstar.view.shared import theme
from northstar.view.shared.assets import ASSETS
from northstar.view.shared.money import Notation
from support.dailies import STATES, fill, state
from support.empty_history import RETENTION
from support.february import at, february
from support.pipelines import AT, FAST, Clock, HandFeed, running
from support.senders import Sink, compose
from support.waiting import eventually

RULES = """
[receivers.mail]
webhook = "http://127.0.0.1"

[report]
after_close = true
"""
COLOURS = theme.colours((ASSETS / "10-tokens.css").read_text("utf-8"), light=True)


@pytest.fixture(autouse=True)
def _shorter_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHECK_S", 0.01)
    monkeypatch.setattr(delivery_module, "FIRST_RETRY_S", 0.01)
    monkeypatch.setattr(delivery_module, "LONGEST_RETRY_S", 0.01)
    monkeypatch.setattr(delivery_module, "LEAST_GAP_S", 0.01)


async def draw(svg: str) -> bytes:
    """Return a placeholder for the picture of an SVG."""
    return b"PNG of " + svg[:4].encode()


async def draw_nothing(_: str) -> bytes:
    """Fail to draw."""
    raise PictureError("no font to write texts with")


class World:
    """A pipeline with a daily report on a database file, at a time of February 2026."""

    def __init__(
        self, folder: Path, now: str, rules: str = RULES, source: Source = Source.LIVE, **parts: Any
    ) -> None:
        self.clock = Clock()
        self.go(now)
        self.sink = Sink()
        feed = HandFeed()
        feed.source = source
        self.store = fill(folder / "history.db", [])
        history = History(self.store, RETENTION, self.clock.now)
        clocks: dict[str, Any] = {"clock": self.clock.monotonic, "now": self.clock.now}
        self.pipeline = Standalone(feed, FAST, history, **clocks)
        file = parse_alert_file(rules)
        kind = file.report.attach if file.report else "none"
        wanted = {"draw": draw, "attach": kind, "public_url": "https://pnl.example.org/", **parts}
        writer = ReportWriter("Desk", Notation(), COLOURS, **wanted)
        senders = dict.fromkeys(file.receivers, self.sink)
        intake = self.pipeline.intake
        self.alerts = Alerts.of(intake, file, senders, compose, UTC, writer=writer)
        self.pipeline.evaluate(self.alerts)
        self.outbox = Outbox(self.store.engine, Lock())

    def go(self, now: str) -> None:
        """Set the wall clock."""
        self.clock.set_s = (at(now) - AT).total_seconds()

    @property
    def titles(self) -> list[str]:
        """The titles of the sent messages."""
        return [message.title for message in self.sink.messages]

    @property
    def last(self) -> Any:
        """The day of the last report in the outbox."""
        last = self.outbox.last_report()
        return last and last.day


@asynccontextmanager
async def world(folder: Path, now: str, rules: str = RULES, **parts: Any) -> AsyncIterator[World]:
    """Run a pipeline with a daily report while the context is open."""
    made = World(folder, now, rules, **parts)
    async with running(made.pipeline):
        yield made
    made.store.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a database of three days."""
    fill(tmp_path / "history.db", STATES).close()
    return tmp_path


async def test_report_after_the_close(folder: Path) -> None:
    """The report is sent once, five minutes after the close."""
    async with world(folder, "26T00:04:59") as there:
        await eventually(lambda: there.titles)
        there.go("26T00:05:00")
        await eventually(lambda: len(there.titles) > 1)
    assert there.titles == [
        "Desk, 24 Feb: net +$150.00, ahead of the day before by $95.00",  # late, as none was sent
        "Desk, 25 Feb: net -$60.00, behind the day before by $210.00",
    ]


async def test_content(folder: Path) -> None:
    """The message has text, page, pictures, values and the address of the day."""
    async with world(folder, "26T00:05:00") as there:
        await eventually(lambda: there.sink.messages)
    (message,) = there.sink.messages
    assert message.numbers == ["report-2026-02-25"]
    assert message.body.splitlines()[2] == "Net P&L: -$60.00"
    assert message.body.endswith("/history?from=2026-02-25&to=2026-02-25")
    assert [each.name for each in message.attachments] == ["day.png", "days.png"]
    assert [each.content for each in message.attachments] == [b"PNG of <svg"] * 2
    for each in message.attachments:
        assert f'src="cid:{each.name}"' in message.html
    (values,) = message.events
    assert values["net"] == "-60"
    assert values["day_before"]["net"] == "150"
    assert values["average"]["net"] == "102.5"
    assert values["restated"] == ["2026-02-23"]


async def test_restart(folder: Path) -> None:
    """A report that was sent is not sent again after a restart."""
    async with world(folder, "26T00:05:00") as there:
        await eventually(lambda: there.titles)
        await eventually(lambda: not there.outbox.load(AT).reports)
    async with world(folder, "26T08:00:00") as later:
        later.go("27T00:05:00")
        await eventually(lambda: later.titles)
    assert [each.numbers for each in later.sink.messages] == [["report-2026-02-26"]]
    assert later.titles == ["Desk, 26 Feb: no data on this day"]


async def test_restart_before_delivery(folder: Path) -> None:
    """An undelivered report is delivered after a restart with its original figures."""
    async with world(folder, "26T00:05:00") as there:
        there.sink.failure = DeliveryError("connection refused")
        await eventually(lambda: there.sink.attempts > 2)
    fill(
        folder / "history.db",
        [
            state(
                "26T02:00:00",
                1,
                0,
                trendsData=[{"date": "2026-02-25", "revenue": 999, "expenses": 0}],
            )
        ],
    ).close()
    async with world(folder, "26T09:00:00") as later:
        await eventually(lambda: later.titles)
    assert later.titles == ["Desk, 25 Feb: net -$60.00, behind the day before by $210.00"]


async def test_downtime(folder: Path) -> None:
    """After a downtime the newest missed report is sent, and earlier ones are not."""
    async with world(folder, "24T00:05:00") as there:
        await eventually(lambda: there.titles)
    async with world(folder, "26T15:00:00") as later:
        await eventually(lambda: later.titles)
        await eventually(lambda: not later.outbox.load(AT).reports)
    assert [each.numbers for each in later.sink.messages] == [["report-2026-02-25"]]


async def test_clock_that_is_set_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a clock that was set back reaches the time again, no report is sent again."""
    checks: list[datetime] = []

    def counted(now: datetime, *others: Any) -> date | None:
        checks.append(now)
        return due_day(now, *others)

    monkeypatch.setattr(module, "due_day", counted)
    async with world(folder, "26T00:05:00") as there:
        await eventually(lambda: there.last == february(25))
        for now in ("25T12:00:00", "26T00:06:00"):
            there.go(now)
            await eventually(lambda: at(now) in checks)  # noqa: B023 (at once)
        there.go("27T00:05:00")
        await eventually(lambda: there.last == february(26))
        await eventually(lambda: not there.outbox.load(AT).reports)
    assert len(there.sink.messages) == 2


async def test_empty_history(tmp_path: Path) -> None:
    """A new history has no report before its first day."""
    async with world(tmp_path, "26T00:05:00") as there:
        there.store.write([state("26T10:00:00", 10, 5)])
        there.go("27T00:05:00")
        await eventually(lambda: there.titles)
    assert [each.numbers for each in there.sink.messages] == [["report-2026-02-26"]]


async def test_data_that_is_not_real(folder: Path) -> None:
    """The report of a demo is made but not sent."""
    async with world(folder, "26T00:05:00", source=Source.DEMO) as there:
        await eventually(lambda: there.last)
        await eventually(lambda: not there.outbox.load(AT).reports)
        assert there.alerts.deliveries.couriers["mail"].result == NOT_REAL
    assert there.sink.attempts == 0


async def test_report_to_nobody(folder: Path) -> None:
    """Without receivers the report is made but not sent."""
    async with world(folder, "26T00:05:00", f"{RULES}\nto = []") as there:
        await eventually(lambda: there.last)
    assert there.sink.attempts == 0


async def test_pictures_that_cannot_be_drawn(folder: Path) -> None:
    """If pictures cannot be drawn, the report is sent without them."""
    async with world(folder, "26T00:05:00", draw=draw_nothing) as there:
        await eventually(lambda: there.sink.messages)
    (message,) = there.sink.messages
    assert not message.attachments
    assert "<img" not in message.html


async def test_csv(folder: Path) -> None:
    """The CSV attachment has the day and the days before it."""
    async with world(folder, "26T00:05:00", f'{RULES}\nattach = "csv"') as there:
        await eventually(lambda: there.sink.messages)
    file = there.sink.messages[0].attachments[-1]
    assert (file.name, file.media_type) == ("northstar-2026-02-25.csv", "text/csv")
    lines = file.content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == [
        "Day",
        "2026-02-25",
        "2026-02-24",
        "2026-02-23",
        "Total",
    ]


async def test_workbook(folder: Path) -> None:
    """The workbook attachment has the tables of the day."""
    async with world(folder, "26T00:05:00", f'{RULES}\nattach = "xlsx"') as there:
        await eventually(lambda: there.sink.messages)
    file = there.sink.messages[0].attachments[-1]
    assert file.name == "northstar-2026-02-25.xlsx"
    book = load_workbook(BytesIO(file.content))
    assert {"About", "Comparison", "Minutes", "Agents", "Costs"} <= set(book.sheetnames)


async def test_history_that_cannot_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the database is unavailable the report waits, and is made once it is back."""
    failures = []

    def fail(_: Outbox) -> None:
        failures.append(1)
        raise StoreError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(Outbox, "last_report", fail)
        async with world(folder, "26T00:05:00") as there:
            await eventually(lambda: len(failures) > 2)
            patched.undo()
            await eventually(lambda: there.titles)
    assert len(there.titles) == 1
