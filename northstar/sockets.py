"""The sockets: who is let in, and what is sent to whom."""

import asyncio

from fastapi import FastAPI, WebSocket, status

from northstar.hub import Slot
from northstar.pipeline import Pipeline
from northstar.settings import Settings


def add_sockets(server: FastAPI, pipeline: Pipeline, settings: Settings) -> None:
    """Serve the two streams: frames for our page, and the guide's format for programs."""

    @server.websocket("/view-stream")
    async def view_stream(socket: WebSocket) -> None:
        """Send frames to a page: the present one at once, then each as it is made."""
        if await _admit(socket, settings.allowed_origins):
            with pipeline.viewers.join() as slot:
                await _serve(socket, pipeline.frame(), slot)

    @server.websocket("/pnl-stream")
    async def pnl_stream(socket: WebSocket) -> None:
        """Send the state in the guide's format: the present one at once, then every change."""
        if await _admit(socket, settings.allowed_origins):
            with pipeline.subscribers.join() as slot:
                await _serve(socket, pipeline.message(), slot)


async def _admit(socket: WebSocket, allowed_origins: tuple[str, ...]) -> bool:
    """Accept a program, our own page, or a page of an allowed origin.

    Browsers let any page open any socket, so a foreign one must be refused here.
    """
    origin = socket.headers.get("origin")
    host = socket.headers.get("host")
    own = {f"http://{host}", f"https://{host}"}
    if origin is None or origin in own or origin in allowed_origins:
        await socket.accept()
        return True
    await socket.close(status.WS_1008_POLICY_VIOLATION, "origin not allowed")
    return False


async def _serve(socket: WebSocket, first: str | None, slot: Slot) -> None:
    """Send `first`, then what comes into `slot`, until the other side is gone."""
    sending = asyncio.create_task(_send(socket, first, slot))
    try:
        while (await socket.receive())["type"] != "websocket.disconnect":
            pass
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def _send(socket: WebSocket, first: str | None, slot: Slot) -> None:
    if first is not None:
        await socket.send_text(first)
    while True:
        text = await slot.take()
        if text != first:  # it came between joining and sending, and was sent already
            await socket.send_text(text)
