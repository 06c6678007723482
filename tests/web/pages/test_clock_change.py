"""The times in the tooltip on a day with a clock change, in a real browser."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from northstar.domain.calendar import Calendar
from northstar.domain.messages import PnLUpdate
from northstar.domain.snapshot import Snapshot
from northstar.history.database import open_database, read_url
from northstar.history.store import Accepted, Store
from northstar.settings.table import Settings
from support.addresses import DRAWN
from support.filled import NOBODY
from support.inprocess import Dashboard, dashboard
from support.page import Page
from support.waiting import until

pytestmark = pytest.mark.browser

NEW_YORK = ZoneInfo("America/New_York")
MIDNIGHT = datetime(2025, 11, 2, 4, tzinfo=UTC)  # of a day of 25 hours
TOOLTIP = "return [...document.querySelectorAll('.tip > *')].map((row) => row.textContent.trim())"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Dashboard]:
    """Run a dashboard with a state for each hour of the day; its revenue is the number of hours."""
    path = tmp_path / "history.db"
    store = Store(open_database(read_url(str(path))), Calendar(NEW_YORK), NOBODY)
    store.write([_state(hours) for hours in range(25)])
    store.close()
    with dashboard(
        Settings(ws_url=NOBODY, db=str(path), timezone=NEW_YORK, keep_minutes_d=3660)
    ) as served:
        yield served


def _state(hours: int) -> Accepted:
    at = MIDNIGHT + timedelta(hours=hours)
    update = PnLUpdate(timestamp=at, revenue=Decimal(hours), expenses=Decimal(0))
    return Accepted(Snapshot(update), at)


def _is_shown(page: Page, texts: list[str]) -> bool:
    return list(page.run(TOOLTIP)[: len(texts)]) == texts


def test_tooltip_after_a_clock_change(served: Dashboard, page: Page) -> None:
    """Twenty hours after the start of the day, the tooltip shows 19:00 as clocks do."""
    page.open(f"http://{served.address}/history?from=2025-11-02&to=2025-11-02&compare=none")
    until(lambda: page.run(DRAWN) == 1, what="the chart is drawn")
    box = page.run(
        "const { x, y, width, height } = "
        "document.querySelector('.nsewdrag').getBoundingClientRect();"
        "return [x, y, width, height];"
    )

    for hours, time in ((1, "01:00:00 EDT"), (2, "01:00:00 EST"), (20, "19:00:00 EST")):
        x, y = box[0] + box[2] * hours / 25, box[1] + box[3] / 2
        page.cdp("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        shown = ["2 Nov 2025", time, f"Revenue${hours}.00"]
        until(partial(_is_shown, page, shown), what=f"the tooltip is of {time}")
