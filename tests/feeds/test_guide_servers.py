"""The integration guide's servers, unchanged, each by its address alone."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from urllib.error import HTTPError

import pytest

from support.dashboard import Dashboard, dashboard
from support.programs import SERVERS, Program, express, flask, running, ws
from support.waiting import until

PROTOCOLS = {express: "socketio", flask: "socketio", ws: "websocket"}
SPELLINGS = (
    "ws://127.0.0.1:{port}",
    "http://127.0.0.1:{port}",
    "ws://127.0.0.1:{port}/pnl-stream",
    "127.0.0.1:{port}/pnl-stream",
)
SECTIONS = json.loads((SERVERS / "sections.json").read_text(encoding="utf-8"))
CURRENT_S = 5  # limit until data is shown after the source has returned

Server = Callable[[], Program]
Connect = Callable[..., AbstractContextManager[Dashboard]]


@pytest.fixture(scope="module", params=PROTOCOLS, ids=lambda server: str(server.__name__))
def server(request: pytest.FixtureRequest) -> Iterator[Program]:
    """Run each of the guide's servers."""
    with running(request.param(), REVENUE=120_001) as program:
        yield program


@pytest.fixture(scope="module")
def protocol(server: Program) -> str:
    """Return the protocol of that server."""
    return "websocket" if "ws.js" in str(server._command) else "socketio"


@pytest.fixture
def connect(free_port: int) -> Connect:
    """Return a function that runs a dashboard on an address."""

    @contextmanager
    def run(url: str, *arguments: str) -> Iterator[Dashboard]:
        with dashboard(free_port, "--ws-url", url, *arguments) as started:
            yield started

    return run


def state(at: Dashboard) -> dict[str, Any]:
    """Return the state in the guide's format, or None without data."""
    try:
        return dict(at.get("/api/pnl"))
    except HTTPError:
        return {}


def feed(at: Dashboard) -> dict[str, Any]:
    """Return the status of the feed."""
    return dict(at.get("/api/feed"))


def shows(at: Dashboard, revenue: int, timeout_s: float = 10) -> None:
    """Wait until the dashboard has this revenue."""
    until(lambda: state(at).get("revenue") == revenue, timeout_s, f"revenue is {revenue}")


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_server_by_its_address(
    server: Program, protocol: str, spelling: str, connect: Connect
) -> None:
    """The protocol is detected and the numbers are shown for each way to write the address."""
    with connect(spelling.format(port=server.port)) as at:
        shows(at, 120_001)

        told = state(at)
        assert told["netPnL"] == pytest.approx(told["revenue"] - told["expenses"])
        for row in told["trendsData"]:
            del row["status"]  # the dashboard's own
        assert {name: told[name] for name in SECTIONS} == SECTIONS
        assert feed(at)["protocol"] == protocol
        assert feed(at)["namespace"] == ("/" if protocol == "socketio" else None)
        assert feed(at)["state"] == "live"
        assert feed(at)["tally"]["rejected"] == 0


@pytest.mark.parametrize(("start", "protocol"), PROTOCOLS.items())
def test_server_restarts(start: Server, protocol: str, connect: Connect) -> None:
    """The dashboard has the new figures within five seconds after the server's return."""
    with (
        running(start(), REVENUE=120_001) as server,
        connect(server.url, "--ws-protocol", protocol) as at,
    ):
        shows(at, 120_001)
        server.stop()
        until(lambda: feed(at)["problem"], what="the loss is noticed")
        server.start(REVENUE=130_002)

        shows(at, 130_002, CURRENT_S)
        assert feed(at)["protocol"] == protocol
        assert feed(at)["reconnects"] == 1


def test_server_by_the_wrong_protocol(
    server: Program, protocol: str, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    """With the wrong protocol the dashboard names the problem and keeps retrying."""
    wrong = {"websocket": "socketio", "socketio": "websocket"}[protocol]
    with connect(server.url, "--ws-protocol", wrong, "--stale-after", "2") as at:
        until(lambda: feed(at)["problem"], what="the dashboard names the problem")
        until(lambda: feed(at)["state"] == "offline", what="the dashboard is offline")

        assert state(at) == {}
    assert [record for record in caplog.records if record.exc_info] == []


@pytest.mark.parametrize(
    ("start", "emitted", "arguments"),
    [
        (flask, "pnl_update", ()),
        (express, "pnl:update", ()),
        (flask, "pnl", ("--event", "pnl")),
        (express, "pnl", ("--event", "pnl")),
    ],
)
def test_event_by_another_name(
    start: Server, emitted: str, arguments: tuple[str, ...], connect: Connect
) -> None:
    """Other spellings of the default event match, and another name can be set."""
    with (
        running(start(), EVENT=emitted, REVENUE=120_001) as program,
        connect(program.url, *arguments) as at,
    ):
        shows(at, 120_001)


def test_other_events(connect: Connect) -> None:
    """Flask's greeting is counted as ignored."""
    with running(flask()) as program, connect(program.url) as at:
        shows(at, 125_450)

        assert feed(at)["tally"]["ignored"] == 1


def test_old_front_end(free_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address can be set by the variable of the guide's React page."""
    with running(flask()) as program:
        monkeypatch.setenv("VITE_WS_URL", f"{program.url}/pnl-stream")
        with dashboard(free_port) as at:
            shows(at, 125_450)
