"""What the Socket.IO feed reads of an event: its name, and its first argument as the body."""

from decimal import Decimal

import pytest

from northstar.domain.messages import wrap
from support import guide
from support.upstreams import reading, socketio_server
from support.waiting import eventually

pytestmark = pytest.mark.usefixtures("brief_wait")

each_transport = pytest.mark.parametrize(
    "transports", [["polling"], ["polling", "websocket"]], ids=["polling", "upgraded"]
)


def body_with(revenue: str) -> str:
    """Return the guide's example with its revenue as this text."""
    return guide.text(revenue="here").replace('"here"', revenue)


@pytest.mark.parametrize("digits", ["125450.10", "1e-2", "1E+3", "0.1000000000000000055511"])
async def test_body_letter_for_letter(digits: str) -> None:
    """An event is delivered in an envelope with its unchanged body."""
    async with socketio_server() as server, reading(server.url) as reader:
        await eventually(lambda: reader.is_open)
        await server.send_event(body_with(digits))
        await eventually(lambda: reader.received)

        assert reader.received == [wrap("pnl-update", body_with(digits))]
        assert reader.ledger.snapshot is not None
        assert str(reader.ledger.snapshot.revenue) == str(Decimal(digits))
        assert reader.link.protocol == "socketio"


async def test_nan() -> None:
    """NaN as Python writes it is rejected with its field, and the stream continues."""
    async with socketio_server() as server, reading(server.url) as reader:
        await eventually(lambda: reader.is_open)
        await server.io.emit("pnl-update", guide.message(revenue=float("nan")))
        await server.io.emit("pnl-update", guide.message())
        await eventually(lambda: len(reader.received) == 2)

        assert reader.ledger.tally.last_rejection == "revenue: expected a number, got NaN"
        assert reader.ledger.tally.accepted == 1
        assert reader.is_open


@pytest.mark.parametrize(
    "after",
    ['"offset"', "null", '[1,"a"]', '{"revenue":9}', '7,"offset",{}', "NaN"],
    ids=["recovery", "null", "list", "object", "several", "NaN"],
)
@pytest.mark.parametrize("digits", ["125450.10", "0.1000000000000000055511"])
async def test_arguments_after_the_body(after: str, digits: str) -> None:
    """The first argument of an event is its body, unchanged, whatever follows."""
    async with socketio_server() as server, reading(server.url) as reader:
        await eventually(lambda: reader.is_open)
        await server.send_event(f"{body_with(digits)} , {after}")
        await eventually(lambda: reader.received)

        assert reader.received == [wrap("pnl-update", body_with(digits))]
        assert reader.ledger.snapshot is not None
        assert str(reader.ledger.snapshot.revenue) == digits


@pytest.mark.parametrize("beside", ["NaN", "-Infinity", r'"\ud800"', "1" * 5000])
async def test_field_that_only_python_reads(beside: str) -> None:
    """An update with a value that only Python parses is accepted with exact digits."""
    body = body_with(f'125450.10,"note":{beside}')
    async with socketio_server() as server, reading(server.url) as reader:
        await eventually(lambda: reader.is_open)
        await server.send_event(f'{body},"offset"')
        await eventually(lambda: reader.received)

        assert reader.received == [wrap("pnl-update", body)]
        assert reader.ledger.tally.accepted == 1


async def test_nan_before_an_argument() -> None:
    """The rejection names the field and not what follows the body."""
    async with socketio_server() as server, reading(server.url) as reader:
        await eventually(lambda: reader.is_open)
        await server.send_event(f'{body_with("NaN")},"offset"')
        await eventually(lambda: reader.received)

        assert reader.ledger.tally.last_rejection == "revenue: expected a number, got NaN"


@each_transport
async def test_binary_body(transports: list[str]) -> None:
    """A body in bytes is read as text, with its event's name, whatever follows."""
    async with socketio_server(transports=transports) as server, reading(server.url) as reader:
        await eventually(lambda: reader.is_open)
        await server.io.emit("pnl-update", guide.EXAMPLE.encode())
        await server.io.emit("pnl-update", (guide.EXAMPLE.encode(), "offset", b"more"))
        await eventually(lambda: len(reader.received) == 2)

        assert reader.received == [wrap("pnl-update", guide.EXAMPLE)] * 2
        assert reader.ledger.tally.accepted == 2


@pytest.mark.parametrize(
    "bytes_",
    [
        guide.EXAMPLE.encode(),
        wrap("pnl-update", guide.EXAMPLE).encode(),
        f'0,"event":"pnl-update","data":{guide.EXAMPLE}'.encode(),
        b"\xff\xfe",
        b"",
    ],
    ids=["update", "envelope", "end of an envelope", "not text", "nothing"],
)
@pytest.mark.parametrize("inside", [False, True])
async def test_bytes_of_another_event(bytes_: bytes, *, inside: bool) -> None:
    """Another event with bytes, alone or within an object, is ignored."""
    async with socketio_server() as server, reading(server.url) as reader:
        await eventually(lambda: reader.is_open)
        body = guide.message(picture=bytes_) if inside else bytes_
        await server.io.emit("backup", body)
        await eventually(lambda: reader.received)

        assert reader.ledger.tally.ignored == 1
        assert reader.ledger.tally.accepted == 0


@pytest.mark.parametrize("bytes_", [b"\xff\xfe", b"", b"{", b"1", b"[" * 100_000])
async def test_bytes_that_are_no_update(bytes_: bytes) -> None:
    """Invalid bytes are rejected, and the stream continues."""
    async with socketio_server() as server, reading(server.url) as reader:
        await eventually(lambda: reader.is_open)
        await server.io.emit("pnl-update", bytes_)
        await server.send_event(guide.text())
        await eventually(lambda: reader.ledger.tally.accepted == 1)

        assert reader.ledger.tally.rejected == 1
        assert str(reader.ledger.tally.last_rejection).startswith("data: expected an object, got")


@pytest.mark.parametrize(
    ("around", "arguments"),
    [
        (',"picture":{"_placeholder":true,"num":0}', ""),
        ("", ',{"_placeholder":true,"num":0}'),
        ("", ',{"picture":{"_placeholder":true,"num":0}},"offset"'),
    ],
    ids=["within the body", "after it", "within an argument after it"],
)
async def test_bytes_beside_amounts(around: str, arguments: str) -> None:
    """An amount in an event with attachments keeps its digits."""
    body = body_with(f"125450.10{around}")
    async with socketio_server() as server, reading(server.url) as reader:
        await eventually(lambda: reader.is_open)
        await server.send(f'51-["pnl-update",{body}{arguments}]')
        await server.send(b"picture")
        await eventually(lambda: reader.received)

        assert reader.received == [wrap("pnl-update", body)]
        assert reader.ledger.snapshot is not None
        assert str(reader.ledger.snapshot.revenue) == "125450.10"


@pytest.mark.parametrize(
    "packets",
    [
        [guide.EXAMPLE.encode()],
        [guide.EXAMPLE],
        ['51-["backup",{"_placeholder":true,"num":7}]', guide.EXAMPLE.encode()],
        ['51-["backup"', guide.EXAMPLE.encode()],
        ["51-", guide.EXAMPLE.encode()],
        ['61-7[{"_placeholder":true,"num":0}]', guide.EXAMPLE.encode()],
    ],
    ids=["bytes", "text", "no such bytes", "half an event", "no event", "acknowledgement"],
)
async def test_update_without_an_event(packets: list[bytes | str]) -> None:
    """An update without an event name is not accepted, and the stream continues."""
    async with socketio_server() as server, reading(server.url) as reader:
        await eventually(lambda: reader.is_open)
        for packet in packets:
            await server.send(packet)
        await server.send_event(guide.text(revenue=1))
        await eventually(lambda: reader.ledger.tally.accepted == 1)

        assert reader.received[-1] == wrap("pnl-update", guide.text(revenue=1))
        assert reader.link.openings == 1


async def test_text_about_a_placeholder() -> None:
    """A message whose text mentions placeholders is delivered unchanged."""
    body = guide.text(note={"_placeholder": 1.50})
    async with socketio_server() as server, reading(server.url) as reader:
        await eventually(lambda: reader.is_open)
        await server.send_event(body)
        await eventually(lambda: reader.received)

        assert reader.ledger.tally.accepted == 1


@pytest.mark.parametrize(
    ("packet", "delivered"),
    [
        ('2["pnl-update"]', '{"event":"pnl-update","data":null}'),
        ('2["pnl-update",null]', '{"event":"pnl-update","data":null}'),
        ('2["pnl-update",{"a":1},{"b":2}]', '{"event":"pnl-update","data":{"a":1}}'),
        ('2["pnl-update",[{"a":1},{"b":2}]]', '{"event":"pnl-update","data":[{"a":1},{"b":2}]}'),
        ('2["pnl-update","text"]', '{"event":"pnl-update","data":"text"}'),
        ('2["pnl-update","{}"]', '{"event":"pnl-update","data":"{}"}'),
    ],
    ids=["no body", "null", "several arguments", "list", "text", "text that is JSON"],
)
async def test_odd_event(packet: str, delivered: str) -> None:
    """An event with an invalid body is delivered and rejected, and the stream continues."""
    async with socketio_server() as server, reading(server.url) as reader:
        await eventually(lambda: reader.is_open)
        await server.send(packet)
        await server.send_event(guide.text())
        await eventually(lambda: reader.ledger.tally.accepted == 1)

        assert reader.received[0] == delivered
        assert reader.ledger.tally.rejected == 1
        assert reader.link.openings == 1


@pytest.mark.parametrize(
    "packet",
    [
        *("2[", '2{"a":1}', "2", "9", "x", '2[1,{"a":1}]', "2[{}", "2[]", '2["pnl-update",]'),
        '2["backup",0,"event":"pnl-update","data":{}]',
        f'2["pnl-update",{"[" * 100_000}{"]" * 100_000}]',
        *('2["disconnect","now"]', '2["connect",{}]', '2["connect_error",{}]'),
    ],
    ids=lambda packet: packet[:20],
)
async def test_malformed_packet(packet: str, caplog: pytest.LogCaptureFixture) -> None:
    """A malformed packet is rejected, and neither the stream nor later packets are affected.

    Any number of them is not logged.
    """
    async with socketio_server() as server, reading(server.url) as reader:
        await eventually(lambda: reader.is_open)
        await server.send(packet)
        await server.send_event(guide.text())
        await eventually(lambda: reader.ledger.tally.accepted == 1)

        assert reader.ledger.tally.rejected + reader.ledger.tally.ignored == 1
        assert reader.link.openings == 1
    assert caplog.messages == []
