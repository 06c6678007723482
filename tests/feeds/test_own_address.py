"""A dashboard that is given its own address for the source's."""

import socket

import pytest
from yarl import URL

from northstar.feeds.own_address import is_own
from support.upstreams import reading
from support.waiting import eventually


def machine() -> str:
    """Return an address of this machine that is not a loopback one, if it has one."""
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
    """It is the same machine and the same port, by whatever name."""
    assert await is_own(URL(url), host, 8050) is own


async def test_address_of_this_machine() -> None:
    """A server that listens everywhere listens at the machine's other addresses, too."""
    assert await is_own(URL(f"http://{machine()}:80"), "0.0.0.0", 80)


@pytest.mark.usefixtures("long_wait")
async def test_feed_of_its_own(free_port: int) -> None:
    """It reports that, and does not connect."""
    url = f"ws://127.0.0.1:{free_port}/pnl-stream"
    async with reading(url, own=("127.0.0.1", free_port)) as reader:
        await eventually(lambda: reader.problem)

        assert (
            reader.problem == "this is our own address: set NORTHSTAR_WS_URL to that of the source"
        )
