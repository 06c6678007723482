"""Random requests and WebSocket frames on a connection."""

import socket
import zlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest
from hypothesis import strategies as st
from pydantic import SecretStr

from northstar.settings.table import Settings
from northstar.web.app import create_server
from northstar.web.sockets.listening import listener
from northstar.web.sockets.uvicorn_server import served
from support.fuzz import SECONDS, fuzz
from support.guards import NOWHERE, TOKEN
from support.inprocess import ANSWER_S, serving

HEAD = b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
HANDSHAKE = (
    b" HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
PACKED = urlsafe_b64encode(zlib.compress(b"[" + b"[]," * 1_000_000 + b"0]", 9)).rstrip(b"=")
CALLBACK = (
    b"POST /history/_dash-update-component HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    b"Content-Type: application/json\r\nContent-Length: "
)
FIRST = [
    b"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: northstar=." + PACKED + b".a.b\r\n\r\n",
    b'GET / HTTP/1.1\r\nHost: localhost\r\nCookie: northstar="\\' + b"\\" * 8000 + b'"\r\n\r\n',
    b"GET / HTTP/1.1\r\nHost: localhost\r\nForwarded: for=_x\r\nX-Forwarded-Host: \xff\r\n\r\n",
    CALLBACK + b'2\r\n\r\n{"',
    CALLBACK + b"4\r\n\r\nnull",
    CALLBACK + b"50000\r\n\r\n" + b"[" * 50_000,
    CALLBACK + b"50\r\n\r\n{",
    b"",
    b"\r\n" * 100,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET / HTTP/0.9\r\n\r\n",
    b"GET" + HEAD,
    b"GET //" + HEAD,
    b"GET /%" + HEAD,
    b"GET /%00%ff%c0%af" + HEAD,
    b"GET http://evil.example/" + HEAD,
    b"OPTIONS *" + HEAD,
    b"GET *?" + HEAD,
    b"CONNECT localhost:80" + HEAD,
    b"GET /assets/" + b"../" * 1000 + HEAD,
    b"GET /?" + b"&".join([b"a=b"] * 2000) + HEAD,
    b"GET /history?from=%ff&to=%00" + HEAD,
    b"GET /api/days?range=\xff" + HEAD,
    b"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: " + b"northstar=;" * 1000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: ;q=\r\nAuthorization: Bearer\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    b"POST /sign-out HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nab",
    b"GET /view-stream" + HANDSHAKE + b"Content-Length: 3\r\n\r\nabc",
    b"GET /view-stream" + HANDSHAKE + b"Sec-WebSocket-Extensions: permessage-deflate; x\r\n\r\n",
    *[b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * times for times in (2, 9, 50)],
]
METHODS = st.sampled_from([b"GET", b"HEAD", b"POST", b"PUT", b"OPTIONS", b"get", b"\xff", b""])
TARGETS = st.sampled_from(
    [
        *[
            b"/",
            b"/history",
            b"/api/pnl",
            b"/api/days",
            b"/explain/kpi-net",
            b"/sign-in",
            b"/metrics",
        ],
        *[b"/assets/favicon.svg", b"/_dash-layout", b"/history/_dash-update-component", b"/screen"],
        *[b"/view-stream", b"/pnl-stream", b"/nothing", b"*", b"//", b"http://localhost/"],
    ]
)
QUERIES = st.just(b"") | st.binary(max_size=30).map(lambda text: b"?" + text)
NAMES = st.sampled_from(
    [
        *[b"Host", b"Cookie", b"Authorization", b"Accept", b"Accept-Encoding", b"Content-Length"],
        *[b"Content-Type", b"Transfer-Encoding", b"Connection", b"Upgrade", b"Origin", b"Expect"],
        *[b"X-Forwarded-For", b"X-Request-ID", b"If-None-Match", b"If-Modified-Since", b"Range"],
        *[
            b"Sec-WebSocket-Key",
            b"Sec-WebSocket-Version",
            b"Sec-WebSocket-Extensions",
            b"",
            b"\x00",
        ],
    ]
)
VALUES = st.sampled_from(
    [
        *[b"localhost", b"close", b"keep-alive", b"Upgrade", b"websocket", b"13", b"chunked", b"0"],
        *[b"5", b"-1", b"99999999999999999999", b"application/json", b"gzip;q=x", b"null", b"*/*"],
        *[b"100-continue", b"Bearer x", b"northstar=a.b.c", b"bytes=0-1,2-", b"permessage-deflate"],
    ]
)
HEADERS = st.lists(st.tuples(NAMES, VALUES | st.binary(max_size=40)), max_size=8)
BODIES = st.binary(max_size=60) | st.sampled_from([b"{}", b"token=x", b"5\r\nhello\r\n0\r\n\r\n"])
VERSIONS = st.sampled_from([b"HTTP/1.1", b"HTTP/1.0", b"HTTP/9.9", b""])


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """Return one or more requests, some with changed bytes."""
    sent = b""
    for _ in range(draw(st.integers(1, 3))):
        line = draw(METHODS) + b" " + draw(TARGETS) + draw(QUERIES) + b" " + draw(VERSIONS)
        host = draw(st.sampled_from([[], [(b"Host", b"localhost")]]))
        fields = [name + b": " + value for name, value in [*host, *draw(HEADERS)]]
        sent += b"\r\n".join([line, *fields, b"", b""]) + draw(BODIES)
    where = draw(st.integers(0, len(sent)))
    return draw(st.sampled_from([sent, sent[:where], sent[:where] + b"\xff" + sent[where + 1 :]]))


@st.composite
def frames(draw: st.DrawFn) -> bytes:
    """Return valid and invalid WebSocket frames."""
    sent = b""
    for _ in range(draw(st.integers(1, 5))):
        payload = draw(
            st.binary(max_size=130) | st.sampled_from([b"\x03\xe8", b"\x00\x00", b"\xff"])
        )
        said = draw(st.sampled_from([len(payload), 0, 125, 126, 127]))
        length = bytes([said | draw(st.sampled_from([0, 0x80]))])
        more = draw(st.sampled_from([b"", b"\x00\x00", b"\xff\xff", b"\xff" * 8, b"\x00" * 8]))
        sent += bytes([draw(st.integers(0, 255))]) + length + more + b"mask"[:4] + payload
    return sent


@pytest.fixture(params=["", TOKEN], ids=["open", "guarded"])
def address(
    request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> Iterator[tuple[str, int]]:
    """Run a dashboard as the program does; at the end it must answer, without a logged fault."""
    caplog.set_level("INFO")
    token = SecretStr(request.param)
    settings = Settings(
        ws_url=NOWHERE, auth_token=token, max_attempts=10**6, api_rate=10**6, max_viewers=10**6
    )
    with listener(("127.0.0.1", 0)) as bound:
        config = served(create_server(settings))
        with serving(config, bound):
            yield bound.getsockname()
            port = bound.getsockname()[1]
            assert httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=ANSWER_S).is_success
    faults = [record for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}]
    assert faults == []
    assert "Traceback" not in caplog.text
    assert " 500 in " not in caplog.text


def answer_to(address: tuple[str, int], sent: bytes) -> bytes:
    """Send bytes; return everything until the other side closes."""
    received = b""
    connected = socket.create_connection(address, timeout=ANSWER_S)
    with connected as client, suppress(ConnectionError):
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        while part := client.recv(65_536):
            received += part
    return received


@pytest.mark.long
def test_requests(address: tuple[str, int]) -> None:
    """Any bytes on a connection are answered or close it, and no answer is a server error."""

    def try_one(sent: bytes) -> None:
        answer = answer_to(address, sent)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 ")
        assert not answer.startswith(b"HTTP/1.1 500")

    assert fuzz(requests(), try_one, first=FIRST, seconds=SECONDS / 2)


@pytest.mark.long
def test_frames(address: tuple[str, int]) -> None:
    """Any frames of a viewer are answered with frames or close its connection."""
    bearer = f"Authorization: Bearer {TOKEN}\r\n\r\n".encode()

    def try_one(sent: bytes) -> None:
        with socket.create_connection(address, timeout=ANSWER_S) as client:
            client.sendall(b"GET /view-stream" + HANDSHAKE + bearer)
            assert client.recv(65_536).startswith(b"HTTP/1.1 101")
            with suppress(ConnectionError):
                client.sendall(sent)
                client.shutdown(socket.SHUT_WR)
                while client.recv(65_536):
                    pass

    first = [b"", b"\x88\x80mask", b"\xff\xff" + b"\xff" * 8, b"\x89\x7e\xff\xff"]
    assert fuzz(frames(), try_one, first=first, seconds=SECONDS / 2)
