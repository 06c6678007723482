"""Fault injection: a stream that can be broken, and a page that records its status."""

import json
import re
import urllib.request
from dataclasses import dataclass
from decimal import Decimal
from itertools import dropwhile
from typing import Any

from northstar.view.live.layout import title
from northstar.view.shared.money import UNKNOWN
from support.page import Page
from support.programs import python
from support.waiting import SLOWNESS, until

STALE_AFTER_S = 3
# The design's limits: until "stale" is shown, and until recovery.
GRACE_S = 1
RECOVERY_S = 5
AMOUNT = re.compile(r"\$[\d,]+(\.\d\d)?")

# Runs in the page before its own scripts. Counts its loads across reloads.
WITNESS = """
    addEventListener("load", () => { sessionStorage.loads = +(sessionStorage.loads ?? 0) + 1; });
    window.said = [];
    window.liveTooLong = [];
    window.pauses = [];
    let last, revenue, movedAt, tickedAt = performance.now();
    const text = (id) => document.querySelector(id)?.textContent ?? "";
    setInterval(() => {
        const pauseS = (performance.now() - tickedAt) / 1000;
        tickedAt += pauseS * 1000;
        if (pauseS > 0.1) window.pauses.push([Date.now() / 1000, pauseS]);
        const status = document.getElementById("feed-status");
        const line = document.querySelector("#kpi-margin .spark");
        if (!status || !line) return; // the page is still being read
        const now = {
            state: status.dataset.state,
            word: text("#feed-word"),
            detail: text("#feed-detail"),
            title: document.title.split(" · ").find((part) => !/\\d/u.test(part)),
            revenue: text("#kpi-revenue .kpi-value"),
            dimmed: getComputedStyle(line).filter !== "none",
        };
        if (JSON.stringify(now) !== last) window.said.push({ at: Date.now() / 1000, ...now });
        last = JSON.stringify(now);
        if (document.hidden || now.revenue !== revenue) movedAt = performance.now();
        revenue = now.revenue;
        const forS = (performance.now() - movedAt) / 1000;
        if (pauseS > 0.5) return; // the machine was too busy for the page's own timers, too
        if (now.state === "live" && forS > LIMIT_S) window.liveTooLong.push({ forS, ...now });
    }, 50);
"""


@dataclass(frozen=True, slots=True)
class Said:
    """What the page showed from one moment on: its status, its tab's title, its revenue.

    `at` is in seconds since 1970, `title` the title's first part.
    """

    at: float
    state: str
    word: str
    detail: str
    title: str
    revenue: str
    dimmed: bool


class Witness:
    """A page that records everything it shows, from its opening on."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._checked = 0
        script = WITNESS.replace("LIMIT_S", str(STALE_AFTER_S + GRACE_S))
        page.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})

    @property
    def said(self) -> list[Said]:
        return [Said(**said) for said in self.page.run("return window.said")]

    def longest_pause_s(self, since: float) -> float:
        """The longest time without a running script after `since`, in seconds since 1970."""
        return max((s for at, s in self.page.run("return window.pauses") if at > since), default=0)

    def shows_state(self, state: str, detail: str, timeout_s: float = 10) -> None:
        """Wait until the page has shown `state` with a detail that matches the pattern `detail`.

        States before the last wait or before the page was last current do not count.
        """

        def shown() -> bool:
            for place, said in enumerate(self.said[self._checked :], start=self._checked):
                if said.state == state and re.fullmatch(detail, said.detail):
                    self._checked = place
                    return True
            return False

        until(shown, timeout_s, f"the page shows {state}, {detail}")

    def is_current(self, source: "Source", timeout_s: float = RECOVERY_S) -> None:
        """Wait until the page is live with the last update of `source` or a later one.

        Each update has a higher revenue than all before it.
        """
        newest = Decimal(str(source.last["revenue"]))

        def current() -> bool:
            shown = self.page.text("#kpi-revenue .kpi-value")
            return self.page.state == "live" and _amount(shown) >= newest

        until(current, timeout_s, "the page shows the newest update")
        self._checked = len(self.said) - 1

    def lapses(self) -> dict[str, object]:
        """Return the times of wrong or missing content of the page; empty if there are none."""
        said = [*dropwhile(lambda s: s.title == title("live"), self.said)]  # before its scripts ran
        shown = [*dropwhile(lambda s: s.revenue == UNKNOWN, said)]
        loads = self.page.run("return sessionStorage.loads")
        found = {
            "live for too long without news": self.page.run("return window.liveTooLong"),
            "title unlike status": [s for s in said if s.title != s.word],
            "number gone": [s for s in shown if not AMOUNT.fullmatch(s.revenue)],
            "dimmed though live, or the reverse": [
                s for s in shown if s.dimmed == (s.state == "live")
            ],
            "loaded again": loads != "1" and loads,
        }
        return {what: when for what, when in found.items() if when}


def _amount(shown: str) -> Decimal:
    """Return an amount in the page's notation; zero if it has none."""
    return Decimal(shown.strip("$").replace(",", "")) if AMOUNT.fullmatch(shown) else Decimal(0)


class Source:
    """A stream on one port, in one process at a time, with a choice of faults.

    Every process starts at a higher revenue, so that no two updates are equal.
    """

    def __init__(self) -> None:
        self._revenue = 100_000
        self._program = python("stream.py")
        self.port, self.url = self._program.port, self._program.url

    def start(self, *arguments: str) -> None:
        """Start `tests/support/servers/stream.py`; return once it listens."""
        self._revenue += 1000
        self._program.close()
        self._program = python(
            "stream.py", "--revenue", str(self._revenue), *arguments, port=self.port
        )
        self._program.start()

    def restart(self, *arguments: str) -> None:
        self.kill()
        self.start(*arguments)

    def stop(self) -> None:
        self._program.stop()

    def kill(self) -> None:
        self._program.kill()

    def pause(self) -> None:
        self._program.pause()

    def resume(self) -> None:
        self._program.resume()

    def close(self) -> None:
        self._program.close()

    def printed(self) -> str:
        return self._program.printed()

    @property
    def last(self) -> dict[str, Any]:
        """The running process's description of its last update."""
        return self._ask("/last")

    def fall_silent(self) -> dict[str, Any]:
        """Let the running process send no more; return the description of its last update."""
        return self._ask("/silence")

    @property
    def newest(self) -> str:
        """The revenue of the last update in the page's notation."""
        return f"${Decimal(self.last['revenue']):,.2f}"

    def _ask(self, path: str) -> dict[str, Any]:
        url = f"http://127.0.0.1:{self.port}{path}"
        with urllib.request.urlopen(url, timeout=5 * SLOWNESS) as response:
            return dict(json.load(response))
