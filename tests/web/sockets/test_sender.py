"""Sending frames to one viewer: the form of each, in order and without repetition."""

import asyncio

import pytest
from starlette.types import Message

from northstar.live.keyframes import Frame
from northstar.web.sockets.streams import Disconnected, Sender


def frame(number: int) -> Frame:
    """Return the next frame, which differs from the key frame before it."""
    return Frame(f"key {number - 1}", f"key {number}", f"changes {number}", lambda: f"all {number}")


class Viewer:
    """The viewer's end: the texts it has read, and whether it can be written to."""

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
    """A viewer gets a whole frame first and then the changes; a frame is never sent twice."""
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
    """A frame does not overtake a waiting one, even if the viewer has just become writable."""
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
    """Sending to a disconnected viewer raises `Disconnected`."""

    async def fail(_: Message) -> None:
        raise OSError

    with pytest.raises(Disconnected):
        await Sender("", fail, lambda _: False).send(frame(1))
