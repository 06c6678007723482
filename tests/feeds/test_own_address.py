"""A dashboard whose source is its own address."""

import socket

import pytest
from yarl import URL

from northstar.feeds.own_address import is_own
from support.upstreams import reading
from support.waiting import eventually


def machine() -> str:
    """Return a non-loopback address of this machine, if any."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


@pytest.mark.parametrize(
    ("url", "host", "own"),
    [
        ("http://127.0.0.1:8050", "127.0.0.1", True),
        ("http://localhost:8050/pnl-stream", "127.0.0.1", True),
        ("http://127.0.0.1:8050", "localhost", True),
        ("http://127.0.0.1:8050", "0.0.0.0", True),
        ("http://[::1]:8050", "::1", True),
        ("http://127.0.0.2:8050", "127.0.0.1", False),
        ("http://127.0.0.1:8051", "127.0.0.1", False),
        ("http://192.0.2.1:8050", "0.0.0.0", False),
        ("http://two..dots:8050", "127.0.0.1", False),
        ("http://nowhere.invalid:8050", "127.0.0.1", False),
    ],
)
async def test_own_address(url: str, host: str, *, own: bool) -> None:
    """Own addresses have the same machine and the same port, under any name."""
    assert await is_own(URL(url), host, 8050) is own


async def test_address_of_this_machine() -> None:
    """A server that listens on all addresses is reachable at the machine's other ones."""
    assert await is_own(URL(f"http://{machine()}:80"), "0.0.0.0", 80)


@pytest.mark.usefixtures("long_wait")
async def test_feed_of_its_own(free_port: int) -> None:
    """The feed reports its own address and does not connect."""
    url = f"ws://127.0.0.1:{free_port}/pnl-stream"
    async with reading(url, own=("127.0.0.1", free_port)) as reader:
        await eventually(lambda: reader.problem)

        assert (
            reader.problem == "this is our own address: set NORTHSTAR_WS_URL to that of the source"
        )
