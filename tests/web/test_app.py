"""The server: its addresses, its sockets and their access."""

import asyncio
import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from conftest import UTC
from northstar.domain.clocks import Mark
from northstar.domain.messages import decode
from northstar.live.hub import Hub
from northstar.live.pipeline import Standalone
from northstar.settings.table import Settings
from northstar.web.app import create_server
from northstar.web.auth.sessions import Sessions
from northstar.web.sockets.draining import Draining
from northstar.web.sockets.streams import add_sockets
from northstar.wiring import create_pipeline
from support import guide
from support.inprocess import (
    SOCKETS,
    Dashboard,
    dashboard,
    demo,
    empty,
    filled,
    next_frame,
    read,
    read_frame,
    running,
    source,
)
from support.isolation import isolate, no_threads_left
from support.sources import Stream
from support.waiting import eventually, until

__all__ = ["demo", "empty", "filled", "source"]  # fixtures


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """Run a demo that accepts pages of one other origin."""
    with no_threads_left(), pytest.MonkeyPatch.context() as patch:
        isolate(patch, tmp_path_factory.mktemp("shared"))
        with dashboard(
            Settings(demo=True, demo_scene="calm", allowed_origins=("https://friend.example",))
        ) as at:
            yield at


@pytest.fixture
def befriended(shared: Dashboard) -> Dashboard:
    """Return the demo of the module, for tests that only connect to it."""
    return shared


def test_health(empty: Dashboard) -> None:
    """/healthz is answered even before there is data."""
    answer = empty.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_state_before_any_message(empty: Dashboard) -> None:
    """Without data the answer is 503 and has no number."""
    answer = empty.get("/api/pnl")

    assert answer.status_code == 503
    assert answer.json() == {"error": "no data yet", "feed": "connecting"}


def test_state_after_a_message(filled: Dashboard) -> None:
    """The state has the guide's format with currency, zone and time, and is never cached."""
    answer = filled.get("/api/pnl")

    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    [day] = guide.message()["trendsData"]
    about = {"currency": "USD", "zone": "UTC", "asOf": "2026-02-25T22:24:00Z"}
    state = answer.json()
    assert state.pop("dayStatus") in {"unknown", "incomplete"}  # written within a second
    assert state["trendsData"][0].pop("status") in {"unknown", "incomplete"}
    assert state == guide.message(trendsData=[day]) | about
    assert decode(answer.content, UTC) == decode(guide.EXAMPLE, UTC)


def test_amounts_of_the_state_as_strings(filled: Dashboard) -> None:
    """Each amount is a string with its digits, including those of the sections."""
    until(lambda: filled.get("/api/pnl").json()["dayStatus"] != "unknown", what="the day is in")
    number, text = (filled.get(f"/api/pnl?amounts={form}") for form in ("number", "string"))
    state = text.json()

    assert (state["revenue"], state["netPnL"], state["currency"]) == ("125450", "77130", "USD")
    assert state["agentAttribution"][0]["net"] == "46500"
    assert re.sub(r':"(-?\d+)"', r":\1", text.text) == number.text
    assert set(re.findall(r'"(\w+)":-?\d', text.text)) == {"percentage"}  # is not an amount


@pytest.mark.parametrize("path", ["/nothing", "/api/nothing", "/api/pnl/", "/view-stream/x"])
def test_unknown_address(path: str, empty: Dashboard) -> None:
    """An unknown address is answered with 404 in JSON."""
    answer = empty.get(path, follow_redirects=False)

    assert answer.status_code == 404
    assert answer.json() == {"error": f"not found: {path}"}


def test_pnl_stream(source: Stream, filled: Dashboard) -> None:
    """A subscriber gets the state at once and each change of it in the guide's format."""
    with filled.open("/pnl-stream") as subscriber:
        assert read(subscriber) == guide.message()

        source.send(guide.text(revenue=1, trendsData=...))
        assert read(subscriber) == guide.message(revenue=1, netPnL=1 - 48320)


def test_view_stream(source: Stream, filled: Dashboard) -> None:
    """A page gets a whole frame at once, and another after a change."""
    with filled.open("/view-stream") as first_viewer:
        drawn = read_frame(first_viewer, "$125,450.00")

    with filled.open("/view-stream") as viewer:
        frame = next_frame(viewer)
        assert frame["props"] == drawn["props"]
        assert frame["feed"]["state"] == "stale", "the guide's example is of February"

        source.send(guide.text(revenue=1))
        changed = read_frame(viewer, "$1.00")
        assert changed["seq"] > frame["seq"]
        assert changed["epoch"] == frame["epoch"]


def test_view_stream_before_any_message(empty: Dashboard) -> None:
    """A page that connects before there is data gets the state of the feed at once."""
    with empty.open("/view-stream") as viewer:
        frame = next_frame(viewer)

    assert frame["feed"]["state"] == "connecting"
    assert frame["props"] is None


@pytest.mark.parametrize("path", SOCKETS)
def test_socket_with_two_viewers(path: str, demo: Dashboard) -> None:
    """Two viewers both get every state."""
    with demo.open(path) as one, demo.open(path) as other:
        assert len({json.dumps(read(one)) for _ in range(5)}) == 5
        assert len({json.dumps(read(other)) for _ in range(5)}) == 5


async def test_dashboard_of_a_dashboard(demo: Dashboard) -> None:
    """Another instance can show what this one serves."""
    settings = Settings(ws_url=f"http://{demo.address}/pnl-stream")
    pipeline = create_pipeline(settings)
    assert isinstance(pipeline, Standalone)
    revenues: list[float] = []

    def accept(raw: bytes | str, *, fetched: bool = False) -> bool:
        assert not fetched
        revenues.append(float(decode(raw, UTC).revenue))
        return True

    reading = asyncio.create_task(pipeline.intake.feed.run(accept))
    await eventually(lambda: len(set(revenues)) > 3)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)

    assert revenues[0] == pytest.approx(125_450, rel=0.01)


@pytest.mark.parametrize("path", SOCKETS)
@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://[broken", "https://friend.example.evil"]
)
def test_socket_for_a_foreign_page(path: str, origin: str, befriended: Dashboard) -> None:
    """A page of another origin is refused before anything is sent."""
    with pytest.raises(InvalidStatus) as refusal:
        befriended.open(path, origin).close()

    assert refusal.value.response.status_code == 403


@pytest.mark.parametrize("path", SOCKETS)
@pytest.mark.parametrize("origin", ["http://{address}", "https://friend.example", None])
def test_socket_for_a_known_page(path: str, origin: str | None, befriended: Dashboard) -> None:
    """Our own page, a page of an allowed origin and a program are accepted."""
    named = origin and origin.format(address=befriended.address)
    with befriended.open(path, named) as viewer:
        assert read(viewer)


@pytest.mark.parametrize("path", SOCKETS)
def test_viewers_who_leave(path: str) -> None:
    """A viewer that leaves, with or without a close frame, frees its slot."""
    settings = Settings(demo=True)
    pipeline = create_pipeline(settings)
    assert isinstance(pipeline, Standalone)
    app = FastAPI()
    add_sockets(app, pipeline, settings, Sessions(), Draining(pipeline.hand_over, 0))
    broadcast = pipeline.broadcast
    hub: Hub[Any] = broadcast.viewers if path == "/view-stream" else broadcast.subscribers
    pipeline.intake._started_at = Mark(0.0, 0.0)
    with running(app) as address:
        with connect(f"ws://{address}{path}"), connect(f"ws://{address}{path}") as rude:
            until(lambda: len(hub) == 2, what="both viewers are there")
            rude.socket.shutdown(socket.SHUT_RDWR)
            until(lambda: len(hub) == 1, what="the one without a close frame is gone")

        until(lambda: len(hub) == 0, what="the polite one is gone")


def test_order_of_middleware() -> None:
    """All middleware is in one order; that of Dash, for each page, is within ours."""
    layers = create_server(Settings(demo=True)).user_middleware

    assert [getattr(layer.cls, "__name__", "") for layer in layers] == [
        "Proxies",
        "SafeHeaders",
        "ProblemPages",
        "RequestLog",
        "Guard",
        "StaticFiles",
        "CompressMiddleware",
        "CheckedCallbacks",
        "DashMiddleware",
        "DashMiddleware",
    ]
