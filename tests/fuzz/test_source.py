"""Random data of a source: messages, WebSocket frames and Engine.IO packets."""

import json
import time
from contextlib import suppress
from datetime import UTC
from itertools import islice

import msgspec
import pytest
from aiohttp import web
from hypothesis import strategies as st

from northstar.domain.calendar import Calendar
from northstar.domain.ledger import Ledger
from northstar.domain.messages import encode
from northstar.feeds.upstream import Protocol
from northstar.view.live.frames import render
from northstar.view.shared.money import Notation
from support import guide, hostile
from support.fuzz import SECONDS, fuzz
from support.messages_corpus import CORPUS
from support.pipelines import ManualPipeline
from support.upstreams import answering, reading
from support.waiting import eventually

MAX_ROWS = 500  # the default
TOLD = json.loads(guide.EXAMPLE)
TEXTS = st.sampled_from([*TOLD, *hostile.NAMES, "event", "type", "data", "payload", "source"])
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals(allow_nan=False).map(str)
    | st.datetimes(timezones=st.none() | st.timezones()).map(str)
    | TEXTS
    | st.text()
)
ANYTHING = st.recursive(LEAVES, lambda some: st.lists(some) | st.dictionaries(TEXTS, some))


@st.composite
def messages(draw: st.DrawFn) -> str | bytes:
    """Return a changed message of the corpus or a generated one."""
    changed = {**TOLD, **draw(st.dictionaries(TEXTS, ANYTHING, max_size=3))}
    rows = changed[draw(st.sampled_from(["trendsData", "costBreakdown", "agentAttribution"]))]
    if isinstance(rows, list) and rows and isinstance(rows[0], dict):
        rows = [{**rows[0], **draw(st.dictionaries(TEXTS, ANYTHING, max_size=2))}]
    text = json.dumps({**changed, draw(TEXTS): rows})
    raw = draw(st.sampled_from([each.raw for each in CORPUS if len(each.raw) < 10_000]))
    where = draw(st.integers(0, len(raw)))
    cut = raw[:where] + draw(st.binary(max_size=3)) + raw[where + draw(st.integers(0, 3)) :]
    whole = draw(ANYTHING.map(json.dumps))
    forms: list[str | bytes] = [text, cut, whole, cut.decode("utf-8", "replace")]
    return draw(st.sampled_from(forms))


@pytest.mark.long
def test_messages(caplog: pytest.LogCaptureFixture) -> None:
    """Any message is accepted or refused; an accepted one is sent to pages and programs."""
    pipeline, notation = ManualPipeline(), Notation("en_US", "USD")

    def try_one(raw: str | bytes) -> None:
        pipeline.intake.accept(raw)
        ledger, other = (Ledger(Calendar(UTC), max_rows=MAX_ROWS) for _ in "12")
        if ledger.receive(raw).accepted:
            assert ledger.snapshot
            msgspec.json.encode(render(ledger.snapshot, notation))
            assert other.receive(encode(ledger.snapshot.state)).accepted

    agents = [{"agent": f"{n}", "revenue": n, "expenses": 1} for n in range(17_000)]
    large = guide.text(agentAttribution=agents)
    first: list[str | bytes] = [large, *hostile.REFUSED, *(each.as_sent for each in CORPUS)]
    assert fuzz(messages(), try_one, first=first, seconds=SECONDS / 2)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


OPENED = json.dumps({"sid": "x", "upgrades": [], "pingInterval": 25000, "pingTimeout": 20000})
WHOLE = f'42["pnl-update",{guide.EXAMPLE}]'
FIRST: list[str | bytes] = [
    f'42["pnl-update",{guide.EXAMPLE},"offset"]',
    b"",
    b"x",
    *[
        "",
        "4",
        "42",
        "42[",
        "42[]",
        "42{}",
        "42[1]",
        "42[null]",
        '42["pnl-update"]',
        "43",
        "44",
        "45",
    ],
    *['451-["pnl-update",{"_placeholder":true,"num":0}]', '459999999-["a"]', '45-1-["a"]'],
    *['42/other,["pnl-update",{}]', "40", "40/other,", "44{}", '44"no"', '42["connect"]'],
    *['42["disconnect"]', '42["pnl-update",' + "[" * 50_000, '42["a"' + ",1" * 50_000 + "]"],
    *["2", "2probe", "3", "3probe", "5", "6", "7", "8", "9", "0", "0{}", '0{"sid":1}', "41", "1"],
    *["421" * 100, "4200000000000000000000000000000000[]", "\x00", "42\ud7ff", "b4AAAA", "bAAAA"],
]


@st.composite
def packets(draw: st.DrawFn) -> str | bytes:
    """Return an Engine.IO packet, usually with a Socket.IO one in it."""
    body = draw(st.lists(ANYTHING, max_size=3).map(json.dumps) | ANYTHING.map(json.dumps))
    number = draw(st.sampled_from(["", "1", "0-", "1-", "12", "99999999999", "-1"]))
    where = draw(st.sampled_from(["", "/,", "/other,", "/", "?a=b,"]))
    kinds = st.sampled_from([*"0123456789", "40", "41", "42", "42", "43", "44", "45", "46", "b"])
    packet = draw(kinds) + number + where + body
    forms: list[str | bytes] = [packet, packet[: len(packet) // 2], packet.encode()]
    return draw(st.sampled_from(forms))


@pytest.mark.long
@pytest.mark.usefixtures("brief_wait")
async def test_packets(caplog: pytest.LogCaptureFixture) -> None:
    """After any packets, the next message or a new connection is handled."""
    made: list[str | bytes] = []
    inputs: st.SearchStrategy[str | bytes] = packets()
    fuzz(inputs, made.append, first=FIRST, seconds=SECONDS / 4)
    waiting, end = iter(made), time.monotonic() + SECONDS / 2
    taken: list[int] = []  # messages before the last one

    async def serve(request: web.Request) -> web.StreamResponse:
        if "Upgrade" not in request.headers:
            return web.json_response({"code": 0, "message": "Transport unknown"}, status=400)
        client = web.WebSocketResponse()
        await client.prepare(request)
        with suppress(ConnectionError):
            await client.send_str(f"0{OPENED}")
            await client.receive()
            await client.send_str('40{"sid":"y"}')
            for packet in islice(waiting, 10):
                if isinstance(packet, str):
                    await client.send_str(packet)
                else:
                    await client.send_bytes(packet)
            if time.monotonic() < end:
                await client.send_str(WHOLE)
                await client.close()
            else:
                taken.append(len(reader.received))
                await client.send_str(WHOLE)
                await client.receive()
        return client

    async with (
        answering(serve) as port,
        reading(f"ws://127.0.0.1:{port}", protocol=Protocol.SOCKETIO) as reader,
    ):
        await eventually(lambda: taken, SECONDS)
        await eventually(lambda: reader.is_open and len(reader.received) > taken[0])

    assert reader.ledger.snapshot
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
