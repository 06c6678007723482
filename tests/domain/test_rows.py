"""Messages with many rows: the limit, and the responsiveness during large states."""

import asyncio
import threading
from datetime import UTC, date
from typing import Any

import pytest

from northstar.domain.calendar import Calendar
from northstar.domain.ledger import Ledger, merge
from northstar.domain.messages import decode, without_long_sections
from northstar.errors import Rejected
from northstar.settings.table import Settings
from northstar.view.live.frames import PageProps, render
from support import guide
from support.pipelines import TAKE_S, running_pipeline
from support.waiting import eventually

LISTS = {
    "trendsData": [
        {"date": str(date.fromordinal(day)), "revenue": 1, "expenses": 1} for day in range(1, 502)
    ],
    "costBreakdown": [{"name": f"c{number}", "value": 1} for number in range(501)],
    "agentAttribution": [
        {"agent": f"a{number}", "revenue": 1, "expenses": 1} for number in range(501)
    ],
}


@pytest.mark.parametrize("section", LISTS)
def test_section_with_too_many_rows(section: str) -> None:
    """A section over the limit is refused with its name, count and limit."""
    rows = LISTS[section]
    decode(guide.text(**{section: rows[:-1]}), UTC, max_rows=500)

    with pytest.raises(Rejected) as refused:
        decode(guide.text(**{section: rows}), UTC, max_rows=500)

    assert str(refused.value) == f"{section}: 501 rows, more than NORTHSTAR_MAX_ROWS allows (500)"


def test_rows_are_counted_first() -> None:
    """Rows are counted before any is validated."""
    raw = guide.text(revenue="much", agentAttribution=[None] * 501)

    with pytest.raises(Rejected, match=r"^agentAttribution: 501 rows"):
        decode(raw, UTC, max_rows=500)


def test_sections_that_are_too_long() -> None:
    """Sections over the limit are removed from a restored state; the rest stays."""
    update = decode(guide.EXAMPLE, UTC)

    short = without_long_sections(update, 3)

    assert short == update.model_copy(update={"cost_breakdown": None})


def test_rows_of_a_section() -> None:
    """A message over the limit is rejected, streamed or fetched; the last good state stays."""
    ledger = Ledger(Calendar(UTC), max_rows=4)
    assert ledger.receive(guide.EXAMPLE).accepted
    good = ledger.snapshot
    many = guide.text(costBreakdown=[{"name": "Fees", "value": 1}] * 5)

    assert not ledger.receive(many).accepted
    assert not ledger.receive_state(many).accepted

    assert ledger.snapshot is good
    assert ledger.tally.rejected == 2
    assert str(ledger.tally.last_rejection).startswith("costBreakdown: 5 rows, more than ")


def test_rows_of_a_state_from_before() -> None:
    """A section over the current limit is unknown after a restart."""
    ledger = Ledger(Calendar(UTC), max_rows=3)

    ledger.restore(merge(None, decode(guide.EXAMPLE, UTC)))

    assert ledger.snapshot is not None
    assert ledger.snapshot.state.cost_breakdown is None
    assert len(ledger.snapshot.agents) == 3


async def test_rows_of_a_message() -> None:
    """A message with more rows in a section than the setting allows is rejected."""
    async with running_pipeline(Settings(demo=True, max_rows=4)) as at:
        assert at.feed.send()
        assert not at.feed.send(costBreakdown=[{"name": "Fees", "value": 1}] * 5)
        assert at.frame()["feed"]["tally"]["rejected"] == 1


async def test_rendering_of_a_large_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rendering a large state does not block; until it is done, frames have the previous state."""
    agents = [{"agent": f"a{row}", "revenue": 1, "expenses": 0} for row in range(100)]
    go = threading.Event()

    def render_late(*state: Any) -> PageProps:
        assert len(state[0].agents) < 100 or go.wait(timeout=TAKE_S / 2)
        return render(*state)

    monkeypatch.setattr("northstar.live.broadcast.render", render_late)
    async with running_pipeline() as at:
        at.feed.send()
        before = await at.frame_with("$125,450.00")
        at.feed.send(revenue=1, agentAttribution=agents, timestamp="2026-02-25T22:24:05Z")
        await eventually(lambda: at.pipeline.intake.snapshot is not at.pipeline.broadcast.rendered)
        await asyncio.sleep(0)
        between = at.frame()
        assert (between["as_of"], between["props"]) == (before["as_of"], before["props"])

        go.set()
        after = await at.frame_with("$1.00")
        assert after["as_of"] == "2026-02-25T22:24:05Z"
        assert at.pipeline.faults == 0


def test_rows_of_a_state_from_before_without_a_limit() -> None:
    """A ledger without a limit restores sections of any length."""
    many = guide.text(costBreakdown=[{"name": f"c{row}", "value": 1} for row in range(600)])
    ledger = Ledger(Calendar(UTC))

    ledger.restore(merge(None, decode(many, UTC)))

    assert ledger.snapshot is not None
    assert [cost.name for cost in ledger.snapshot.costs] == [f"c{row}" for row in range(600)]
