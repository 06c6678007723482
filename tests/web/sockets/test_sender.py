"""Sending frames to one viewer: each in its form, none before an earlier one, none twice."""

import asyncio

import pytest
from starlette.types import Message

from northstar.live.keyframes import Frame
from northstar.web.sockets.streams import Disconnected, Sender


def frame(number: int) -> Frame:
    """Return a frame that differs from the key frame before it, and is the next one."""
    return Frame(f"key {number - 1}", f"key {number}", f"changes {number}", lambda: f"all {number}")


class Viewer:
    """The other end: what it has read, and whether something sent to it is still under way."""

    def __init__(self) -> None:
        self.read: list[str] = []
        self.writable = asyncio.Event()

    async def send(self, message: Message) -> None:
        await self.writable.wait()
        self.read.append(message["text"])

    def send_now(self, text: str) -> bool:
        if self.writable.is_set():
            self.read.append(text)
        return self.writable.is_set()


@pytest.mark.anyio
async def test_frames_of_a_viewer_that_reads() -> None:
    """The first is whole, the others are what differs; the same frame is not sent again."""
    viewer = Viewer()
    viewer.writable.set()
    sender = Sender("", viewer.send, viewer.send_now)
    first = frame(1)

    assert sender.send_now(first)
    assert sender.send_now(first)
    assert sender.send_now(frame(2))
    await sender.send(frame(3))

    assert viewer.read == ["all 1", "changes 2", "changes 3"]


@pytest.mark.anyio
async def test_frame_that_waits() -> None:
    """No frame overtakes one that waits, not even when the viewer has just read the rest."""
    viewer = Viewer()
    sender = Sender("key 0", viewer.send, viewer.send_now)
    assert not sender.send_now(frame(1))
    waiting = asyncio.create_task(sender.send(frame(1)))
    await asyncio.sleep(0)

    viewer.writable.set()
    assert not sender.send_now(frame(2))
    await waiting
    assert sender.send_now(frame(2))

    assert viewer.read == ["changes 1", "changes 2"]


@pytest.mark.anyio
async def test_viewer_that_is_gone() -> None:
    """The sender says so when a frame is sent that would have to wait."""

    async def fail(_: Message) -> None:
        raise OSError

    with pytest.raises(Disconnected):
        await Sender("", fail, lambda _: False).send(frame(1))
