"""A stream with faults by option, on WebSocket or Socket.IO.

Each update's revenue is a cent above the previous one. `GET /last` describes the last sent one; on
a WebSocket stream `GET /silence` does, too, and ends the updates.
"""

import argparse
import asyncio
import json
import os
import socket
import struct
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

import socketio
from aiohttp import web
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

HOST = "127.0.0.1"
EXPENSES = 48320
FLOOD_PER_S, FLOOD_S, FLOOD_STEP_S = 5000, 10, 0.01
COSTLY_PER_S, COSTLY_DAYS = 2000, 500
FLOOD_LEAP_CENTS = 1_000_000_00  # makes the update after a flood unmistakable
TOTALS = ("timestamp", "revenue", "expenses")
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: on, zero seconds
# The head of a text frame of 4096 bytes, of which the first few follow.
HALF_A_MESSAGE = b"\x81\x7e\x10\x00" + b'{"timestamp": "2026-'

Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]


class Updates:
    """Makes updates with the current time or `ahead_s` later, and remembers the last one."""

    def __init__(self, revenue: int, ahead_s: float) -> None:
        self.made = 0
        self.silent = False
        self.flood_began_at: float | None = None  # in seconds since 1970
        self.flood_ended_at: float | None = None
        self._cents = revenue * 100
        self._ahead = timedelta(seconds=ahead_s)

    @property
    def revenue(self) -> Decimal:
        return Decimal(self._cents) / 100

    def next(self, cents: int = 1) -> dict[str, Any]:
        """Return the next update; its revenue is this many cents above the last one's."""
        self.made += 1
        self._cents += cents
        moment = datetime.now(UTC) + self._ahead
        day = {"revenue": float(self.revenue), "expenses": EXPENSES}
        return {
            "timestamp": moment.isoformat(),
            **day,
            "netPnL": 0,
            "trendsData": [{"date": moment.date().isoformat(), **day}],
            "costBreakdown": [{"name": "Trading Fees", "value": EXPENSES}],
            "agentAttribution": [{"agent": "Scalper", **day}],
        }

    def last(self) -> dict[str, Any]:
        """Return the description of the last update."""
        return {
            "sent": self.made,
            "revenue": f"{self.revenue:.2f}",
            "flood_began_at": self.flood_began_at,
            "flood_ended_at": self.flood_ended_at,
        }


async def emit(updates: Updates, rate: float, send: Send) -> None:
    """Send an update `rate` times a second at an even pace, until silenced."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while not updates.silent:
        await send(updates.next())
        due += 1 / rate
        await asyncio.sleep(due - loop.time())


async def flood(updates: Updates, send: Send) -> None:
    """Send far more than any client can read, then one distinct update, then nothing."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    updates.flood_began_at = time.time()
    for _ in range(round(FLOOD_S / FLOOD_STEP_S)):
        for _ in range(round(FLOOD_PER_S * FLOOD_STEP_S)):
            await send(updates.next())
        due += FLOOD_STEP_S
        await asyncio.sleep(due - loop.time())
    await send(updates.next(FLOOD_LEAP_CENTS))
    updates.flood_ended_at = time.time()
    print("the flood is over")  # noqa: T201 (who asked all the time would slow it down)


async def overtax(updates: Updates, send: Send) -> None:
    """Send updates that take a reader more processor time than the interval between them.

    Each has a trend of 500 days and the time at which it was due, however late it is sent, as from
    a source that never waits for its reader.
    """
    first = datetime.now(UTC)
    day = {"revenue": 1000, "expenses": 500}
    days = [
        {"date": (first - timedelta(days=number)).date().isoformat(), **day}
        for number in range(COSTLY_DAYS)
    ]
    while not updates.silent:
        due = first + timedelta(seconds=updates.made / COSTLY_PER_S)
        await send({**updates.next(), "timestamp": due.isoformat(), "trendsData": days})
        await asyncio.sleep((due - datetime.now(UTC)).total_seconds())


async def rush(updates: Updates, count: int, send: Send) -> None:
    """Send this many updates as fast as they are read, then nothing.

    As with a real source most have totals only; one of a hundred has all sections.
    """
    for number in range(count):
        update = updates.next()
        whole = number % 100 == 0
        await send(update if whole else {name: update[name] for name in TOTALS})
        if whole:
            await asyncio.sleep(0)  # otherwise requests for the last update would not be answered


async def play(
    told: argparse.Namespace, updates: Updates, joined: asyncio.Event, send: Send
) -> None:
    """Send according to the mode; large amounts only after somebody has `joined`."""
    if told.mode == "flood":
        await joined.wait()
        await flood(updates, send)
    elif told.mode == "rush":
        await joined.wait()
        await rush(updates, told.updates, send)
    elif told.mode == "costly":
        await joined.wait()
        await overtax(updates, send)
    elif told.mode != "silent":
        await emit(updates, told.rate, send)


async def close_clean(client: ServerConnection) -> None:
    """Close with a close frame."""
    await client.close(1001, "restarting")


async def close_abrupt(client: ServerConnection) -> None:
    """Reset the connection, as a machine does that has lost it."""
    held: socket.socket = client.transport.get_extra_info("socket")
    held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    client.transport.abort()


async def close_mid_message(client: ServerConnection) -> None:
    """Start a message, and close the connection before its end."""
    client.transport.write(HALF_A_MESSAGE)
    client.transport.close()


CLOSINGS = {
    "close-clean": close_clean,
    "close-abrupt": close_abrupt,
    "close-mid-message": close_mid_message,
}


async def run_websocket(told: argparse.Namespace, updates: Updates) -> None:
    """Serve the updates over plain WebSockets for ever."""
    clients: dict[ServerConnection, int] = {}  # and the number of updates sent to each
    joined = asyncio.Event()

    async def welcome(client: ServerConnection) -> None:
        if told.mode in CLOSINGS and not told.after:
            await CLOSINGS[told.mode](client)
        clients[client] = 0
        joined.set()
        await client.wait_closed()
        clients.pop(client, None)

    async def send(update: dict[str, Any]) -> None:
        text = json.dumps(update)
        for client in list(clients):
            try:
                await client.send(text)
            except ConnectionClosed:
                continue
            clients[client] += 1
            if told.mode in CLOSINGS and clients[client] == told.after:
                clients.pop(client)
                await CLOSINGS[told.mode](client)

    def answer(client: ServerConnection, request: Request) -> Response | None:
        updates.silent |= request.path == "/silence"
        asked = request.path in {"/last", "/silence"}
        return client.respond(200, json.dumps(updates.last())) if asked else None

    # A late pong closes no connection, because it follows everything sent before.
    async with serve(welcome, HOST, told.port, process_request=answer, ping_interval=None):
        await play(told, updates, joined, send)
        await asyncio.Event().wait()


async def run_socketio(told: argparse.Namespace, updates: Updates) -> None:
    """Serve the updates as Socket.IO events for ever."""
    server = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins="*")

    async def send(update: dict[str, Any]) -> None:
        await server.emit("pnl-update", update)

    async def last(_: web.Request) -> web.Response:
        return web.json_response(updates.last())

    app = web.Application()
    app.router.add_get("/last", last)
    server.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, HOST, told.port).start()
    await emit(updates, told.rate, send)


async def run_deaf(told: argparse.Namespace, _: Updates) -> None:
    """Accept connections and never answer, for ever."""
    held = []  # an unreferenced connection is closed

    def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)

    async with await asyncio.start_server(hold, HOST, told.port) as server:
        await server.serve_forever()


def read_command_line() -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=os.environ.get("PORT", "0"))
    parser.add_argument("--protocol", choices=["websocket", "socketio"], default="websocket")
    modes = ["steady", "silent", "deaf", "flood", "costly", "rush", *CLOSINGS]
    parser.add_argument("--mode", choices=modes)
    parser.add_argument("--rate", type=float, default=5, help="updates a second")
    parser.add_argument(
        "--revenue", type=int, default=100_000, help="of the update before the first"
    )
    parser.add_argument("--updates", type=int, default=1_000_000, help="in a rush")
    parser.add_argument("--clock-ahead", type=float, default=0, help="seconds")
    parser.add_argument("--after", type=int, default=10, help="updates before each closing")
    return parser.parse_args()


if __name__ == "__main__":
    told = read_command_line()
    run = {"websocket": run_websocket, "socketio": run_socketio}[told.protocol]
    asyncio.run(
        (run_deaf if told.mode == "deaf" else run)(told, Updates(told.revenue, told.clock_ahead))
    )
