"""Faults of the source with real processes: what the page shows, and its recovery."""

import re
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import dropwhile

import httpx
import pytest

from northstar.feeds.websocket import PING_INTERVAL_S
from support.dashboard import Process, process
from support.faults import GRACE_S, RECOVERY_S, STALE_AFTER_S, Source, Witness
from support.page import Page
from support.waiting import SLOWNESS, until

pytestmark = [pytest.mark.browser, pytest.mark.long]

NEXT_TRY = r"(retry in \d+ s|trying now)"
RECONNECTING = ("reconnecting", f"to the source, {NEXT_TRY}")
STALE = ("stale", r"last data \d+ s ago")
OFFLINE = ("offline", rf"no source, last data \d+ s ago, {NEXT_TRY}")
HOUR_S = 3600
FLOOD_TAKEN_S = 60  # on a machine that takes 1 000 a second
# Ways in which a source closes, with the problem that is shown.
CLOSINGS = {
    "close-clean": "connection closed (1001 restarting)",
    "close-abrupt": "connection closed (no close frame)",
    "close-mid-message": "connection closed (no close frame)",
}


@pytest.fixture
def source() -> Iterator[Source]:
    """Return a stream that can be broken and is not running yet."""
    with closing(Source()) as source:
        yield source


@pytest.fixture
def max_rate() -> str:
    """Return the maximum number of messages a second; a parameter may replace it."""
    return "5000"


@pytest.fixture
def server(source: Source, free_port: int, max_rate: str) -> Iterator[Process]:
    """Run the dashboard on that stream."""
    stale_after = ("--stale-after", str(STALE_AFTER_S))
    arguments = ("--ws-url", source.url, *stale_after, "--max-rate", max_rate)
    with process(free_port, *arguments) as running:
        yield running


@pytest.fixture
def opened(server: Process, page: Page) -> Iterator[Witness]:
    """Open the page and record what it shows; none of it may be wrong."""
    witness = Witness(page)
    page.open(server.url)
    yield witness
    assert witness.lapses() == {}
    assert page.is_still_the_same()


@pytest.fixture
def healthy(source: Source) -> Source:
    """Start the stream before anything else."""
    source.start()
    return source


@pytest.fixture
def witness(healthy: Source, opened: Witness) -> Witness:
    """Return a page that shows a healthy stream."""
    opened.is_current(healthy, timeout_s=10)
    return opened


def replace(witness: Witness, source: Source, *arguments: str) -> None:
    """Restart the source, and keep it down until the page has shown that."""
    source.kill()
    witness.shows_state(*RECONNECTING)
    source.start(*arguments)


def test_refuses(opened: Witness, source: Source) -> None:
    """A source that refuses connections is shown as the failed hop."""
    opened.shows_state("offline", f"no source: .+, {NEXT_TRY}")
    source.start()
    opened.is_current(source)

    source.kill()
    opened.shows_state(*RECONNECTING)
    opened.shows_state(*OFFLINE)
    source.start()
    opened.is_current(source)


def test_says_nothing(witness: Witness, source: Source, server: Process) -> None:
    """A silent source is stale, although it is connected."""
    replace(witness, source, "--mode", "silent")
    witness.shows_state(*STALE)
    assert server.get("/api/feed")["link"] == "open"
    source.restart()
    witness.is_current(source)


def test_does_not_answer(witness: Witness, source: Source) -> None:
    """A source that accepts a connection without answering counts as unreachable."""
    replace(witness, source, "--mode", "deaf")
    witness.shows_state(*OFFLINE)
    source.restart()
    witness.is_current(source)


def test_half_open(witness: Witness, source: Source, server: Process) -> None:
    """A frozen source is stale within the limit, given up soon, and found when it resumes."""
    source.pause()
    witness.shows_state(*STALE, timeout_s=STALE_AFTER_S + GRACE_S)
    source.resume()
    witness.is_current(source)
    assert server.get("/api/feed")["reconnects"] == 0

    source.pause()
    witness.shows_state(*STALE, timeout_s=STALE_AFTER_S + GRACE_S)
    witness.shows_state(*OFFLINE, timeout_s=2 * PING_INTERVAL_S)
    source.resume()
    witness.is_current(source)
    assert server.get("/api/feed")["reconnects"] == 1


def wait_for_problem(server: Process, problem: str) -> None:
    """Wait until the dashboard shows this problem."""
    until(lambda: server.get("/api/feed")["problem"] == problem, what=problem)


def test_closes(witness: Witness, source: Source, server: Process) -> None:
    """A source that closes in any way is shown again with its next connection."""
    for mode, problem in CLOSINGS.items():
        source.restart("--mode", mode, "--after", "10")
        witness.is_current(source)
        wait_for_problem(server, problem)
        witness.shows_state(*RECONNECTING)
        witness.is_current(source)
    assert server.get("/api/feed")["tally"]["rejected"] == 0, "half a message is none"


def test_hangs_up_at_once(witness: Witness, source: Source, server: Process) -> None:
    """A source that always closes at once is retried, and found when it is back."""
    source.restart("--mode", "close-clean", "--after", "0")
    witness.shows_state(*OFFLINE)
    until(lambda: (server.get("/api/feed")["retry_in_s"] or 0) > 7, 20, "the wait is long")
    source.restart()
    witness.is_current(source)


def test_restarts_twenty_times(witness: Witness, source: Source, server: Process) -> None:
    """The twentieth return of a source is noticed as soon as the first."""
    for _ in range(20):
        replace(witness, source)
        witness.is_current(source)
    feed = server.get("/api/feed")
    assert feed["reconnects"] == 20
    assert feed["tally"]["rejected"] == feed["tally"]["out_of_order"] == 0


def shows_the_last(witness: Witness, source: Source) -> float:
    """Wait until the page has shown the last update; return the time in seconds since 1970."""
    newest = source.newest

    def shown() -> list[float]:
        return [said.at for said in witness.said if said.revenue == newest]

    until(shown, FLOOD_TAKEN_S, what="the last update is shown")
    return shown()[0]


def test_flood(opened: Witness, source: Source, server: Process) -> None:
    """Of 5 000 updates a second none is lost; a late page is stale until the last one."""
    until(lambda: opened.page.has_heard, what="the page is ready")
    source.start("--mode", "flood")
    until(lambda: "the flood is over" in source.printed(), 25, "the flood ends")
    last = source.last
    shown_at = shows_the_last(opened, source)
    opened.shows_state(*STALE)
    old_from = last["flood_ended_at"] + STALE_AFTER_S + GRACE_S
    behind = [said for said in opened.said if old_from < said.at < shown_at]
    assert {said.state for said in behind} <= {"stale"}
    assert opened.longest_pause_s(last["flood_began_at"]) < RECOVERY_S * SLOWNESS
    assert last["flood_ended_at"] - last["flood_began_at"] < 20 * SLOWNESS, "it was one"
    tally = server.get("/api/feed")["tally"]
    assert tally["accepted"] == last["sent"] == 50_001
    assert tally["rejected"] == tally["out_of_order"] == tally["ignored"] == 0


@pytest.mark.parametrize("max_rate", ["20"])
def test_page_that_falls_behind(opened: Witness, source: Source, server: Process) -> None:
    """A page that gets its updates late is stale until the last, which it shows, too."""
    until(lambda: opened.page.has_heard, what="the page is ready")
    source.start("--rate", "60")
    opened.shows_state("live", "")
    old_s = STALE_AFTER_S + GRACE_S
    until(lambda: server.get("/api/feed")["age_s"] > old_s, 20, "delayed updates are old")
    source.fall_silent()
    old_from = time.time() + old_s  # three times as much is still waiting
    shown_at = shows_the_last(opened, source)

    behind = [said for said in opened.said if old_from < said.at < shown_at]
    assert {said.state for said in behind} == {"stale"}
    assert len({said.revenue for said in behind}) > 1, "its numbers go on"
    tally = server.get("/api/feed")["tally"]
    assert tally["rejected"] == tally["out_of_order"] == tally["ignored"] == 0


def test_faster_than_it_is_taken(source: Source, free_port: int) -> None:
    """A source above the rate is stale once its updates are late, and not ready."""
    arguments = ("--ws-url", source.url, "--stale-after", str(STALE_AFTER_S), "--max-rate", "20")
    with process(free_port, *arguments) as server:
        source.start("--rate", "60")
        until(lambda: server.get("/api/feed")["state"] == "live", what="the first updates are live")
        old_s = STALE_AFTER_S + 1
        until(lambda: server.get("/api/feed")["age_s"] > old_s, 30, "delayed updates are old")

        feed = server.get("/api/feed")
        assert (feed["link"], feed["state"]) == ("open", "stale")
        assert httpx.get(f"{server.url}/readyz").status_code == 503


def test_changes_protocol(witness: Witness, source: Source, server: Process) -> None:
    """A source that returns with the other protocol is detected, in both directions."""
    for protocol in ("socketio", "websocket"):
        replace(witness, source, "--protocol", protocol)
        witness.is_current(source)
        assert server.get("/api/feed")["protocol"] == protocol


def test_clock_ahead(witness: Witness, source: Source, server: Process, page: Page) -> None:
    """A source whose clock is an hour ahead is live with a notice, and followed when corrected."""
    source.restart("--clock-ahead", str(HOUR_S))
    witness.is_current(source)
    assert server.get("/api/feed")["clock_ahead_s"] == pytest.approx(HOUR_S, abs=1)
    page.run("document.getElementById('feed-status').click()")
    until(
        lambda: re.match(
            "(59 m 59 s|1 h 0 m) ahead of the server", page.text("#feed-details-clock")
        ),
        what="the details name the clock",
    )

    source.restart()
    witness.is_current(source)
    page.shows("#feed-details-clock", "in sync with the server")
    assert server.get("/api/feed")["tally"]["out_of_order"] > 0  # until several agreed


def test_clock_behind(opened: Witness, source: Source, server: Process) -> None:
    """A source an hour behind is live, unless newer data has been shown already."""
    source.start("--clock-ahead", str(-HOUR_S))
    opened.is_current(source)
    feed = server.get("/api/feed")
    assert feed["clock_ahead_s"] == pytest.approx(-HOUR_S, abs=1)
    assert feed["tally"]["accepted"] >= 2
    source.restart()
    opened.is_current(source)
    assert server.get("/api/feed")["tally"]["out_of_order"] == 0

    source.restart("--clock-ahead", str(-HOUR_S))
    opened.shows_state(*STALE)
    feed = server.get("/api/feed")
    assert feed["link"] == "open"
    assert feed["tally"]["out_of_order"] > 0
    source.restart()
    opened.is_current(source)


@pytest.mark.parametrize("max_rate", ["1000000"])
def test_costlier_than_it_is_taken(opened: Witness, source: Source, server: Process) -> None:
    """Updates that exceed the processor's capacity are stale on the page and in the API."""
    until(lambda: opened.page.has_heard, what="the page is ready")
    source.start("--mode", "costly")
    opened.shows_state(*STALE, timeout_s=30)
    behind = server.get("/api/feed")
    assert (behind["state"], behind["link"]) == ("stale", "open")
    assert behind["age_s"] > STALE_AFTER_S

    def accepted() -> int:
        return int(server.get("/api/feed")["tally"]["accepted"])

    until(lambda: accepted() > behind["tally"]["accepted"] + 100, 30, "100 more are accepted")
    since_old = dropwhile(lambda said: not re.fullmatch(STALE[1], said.detail), opened.said)
    assert {said.state for said in since_old} == {"stale"}
    assert server.get("/api/feed")["tally"]["rejected"] == 0

    source.restart()
    opened.is_current(source, timeout_s=30)
