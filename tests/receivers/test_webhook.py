"""Webhooks with real servers that accept, refuse, are busy, hang and die."""

import asyncio
import hashlib
import hmac
import json
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web

from northstar.alerts.notifications import Notification
from northstar.alerts.receivers import Receiver
from northstar.errors import DeliveryError
from northstar.receivers import sending, webhook
from northstar.receivers.webhook import is_public
from support.waiting import SLOWNESS, eventually

SECRET = "a-secret-of-the-receiver"  # noqa: S105 (of the test)
PATH = "/hooks/T0PSECRET?key=hidden-key"
MESSAGE = Notification(
    ["event-1", "event-2"], "CRITICAL: net", "Net is below.", events=[{"value": "-5120.10"}]
)

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Hook:
    """A server and the requests it received."""

    def __init__(self, answer: Answer) -> None:
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.port = 0
        self._answer = answer

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.received.append((dict(request.headers), await request.read()))
        return await self._answer(request)

    def sender(self, scheme: str = "http", host: str = "127.0.0.1", **fields: Any) -> Any:
        """Return a sender to this server."""
        address = f"{scheme}://{host}:{self.port}{PATH}"
        settings = {"private": True, "secret": SECRET, **fields}
        return sending.create(Receiver(name="hook", webhook=address, **settings))


@asynccontextmanager
async def hook(answer: Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[Hook]:
    """Run a server with this answer."""
    at = Hook(answer)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", at.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        assert site._server
        at.port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
        yield at
    finally:
        await runner.cleanup()


def answering(status: int, text: str = "", **headers: str) -> Answer:
    """Return an answer with this status."""

    async def answer(_: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, text=text, headers=named)

    return answer


async def hang(_: web.Request) -> web.StreamResponse:
    """Never answer."""
    await asyncio.Event().wait()
    raise AssertionError


async def die(request: web.Request) -> web.StreamResponse:
    """Close the connection without an answer."""
    assert request.transport
    request.transport.abort()
    return web.Response()


async def die_in_the_middle(request: web.Request) -> web.StreamResponse:
    """Announce more content than is sent."""
    answer = web.StreamResponse(status=500, headers={"Content-Length": "1000"})
    await answer.prepare(request)
    await answer.write(b"half")
    assert request.transport
    request.transport.abort()
    return answer


async def refused(sender: Any) -> DeliveryError:
    """Return the error of a delivery."""
    with pytest.raises(DeliveryError) as caught:
        await sender.send(MESSAGE)
    return caught.value


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_accepted(status: int) -> None:
    """Any success status is accepted, and a repeated delivery has the same id."""
    async with hook(answering(status)) as at:
        await at.sender().send(MESSAGE)
        await at.sender().send(MESSAGE)

    (first, body), (second, _) = at.received
    sent = json.loads(body)
    assert (sent["title"], sent["body"]) == ("CRITICAL: net", "Net is below.")
    assert sent["events"] == [{"value": "-5120.10"}]
    assert sent["id"] == first["Idempotency-Key"] == second["Idempotency-Key"]
    assert datetime.fromisoformat(sent["sent_at"]).tzinfo


async def test_signature() -> None:
    """The signature covers time and body, as documented."""
    async with hook(answering(200)) as at:
        await at.sender().send(MESSAGE)
        await at.sender(secret=None).send(MESSAGE)

    (headers, body), (unsigned, _) = at.received
    signed = headers["X-NorthStar-Timestamp"].encode() + b"." + body
    expected = hmac.digest(SECRET.encode(), signed, hashlib.sha256).hex()
    assert headers["X-NorthStar-Signature"] == f"v1={expected}"
    assert abs(int(headers["X-NorthStar-Timestamp"]) - datetime.now(UTC).timestamp()) < 60
    assert "X-NorthStar-Signature" not in unsigned


@pytest.mark.parametrize(
    ("status", "is_final"),
    [
        (400, True),
        (401, True),
        (404, True),
        (408, False),
        (410, True),
        (425, False),
        (429, False),
        (500, False),
        (503, False),
    ],
)
async def test_refused(status: int, is_final: bool) -> None:  # noqa: FBT001
    """Client errors are final, except those where a retry may help; server errors are not."""
    async with hook(answering(status, "no such\nthing")) as at:
        error = await refused(at.sender())

    assert str(error) == f"{status}: no such thing"
    assert error.is_final is is_final
    assert error.retry_after_s is None


async def test_busy() -> None:
    """A busy receiver is not retried during its Retry-After, in seconds or as a time."""
    async with hook(answering(429, Retry_After="42")) as at:
        assert (await refused(at.sender())).retry_after_s == 42
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    async with hook(answering(503, Retry_After=later)) as at:
        assert (await refused(at.sender())).retry_after_s == pytest.approx(90, abs=10 * SLOWNESS)


async def test_redirect() -> None:
    """A redirect is an error and is not followed."""
    async with hook(answering(307, Location="/elsewhere")) as at:
        error = await refused(at.sender())

    assert str(error) == "307: a redirect, which is not followed"
    assert error.is_final
    assert len(at.received) == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (hang, "no answer within 0.5 s"),
        (die, "closed the connection without an answer"),
        (die_in_the_middle, "500: "),
    ],
)
async def test_fault(monkeypatch: pytest.MonkeyPatch, answer: Answer, reason: str) -> None:
    """A delivery to a receiver that hangs or dies is retried."""
    monkeypatch.setattr(webhook, "LIMIT_S", 0.5 if answer is hang else 60)
    async with hook(answer) as at:
        error = await refused(at.sender())

    assert str(error).startswith(reason)
    assert not error.is_final


async def test_refused_connection() -> None:
    """A delivery to a receiver that is down is retried."""
    async with hook(answering(200)) as at:
        pass
    error = await refused(at.sender())
    assert str(error) == "connection refused"
    assert not error.is_final


async def test_large_answer() -> None:
    """Only one line of an endless answer is read."""

    async def pour(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(status=400)
        await answer.prepare(request)
        while True:
            await answer.write(b"x" * 65536)

    async with hook(pour) as at:
        assert len(str(await refused(at.sender()))) < 250


async def test_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate is verified with the system's authorities."""
    authority = trustme.CA()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    async with hook(answering(200), tls) as at:
        error = await refused(at.sender("https"))
        assert str(error).startswith("its certificate is not trusted: ")
        assert not error.is_final

        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        await at.sender("https").send(MESSAGE)
    assert len(at.received) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"])
async def test_private_address(host: str) -> None:
    """A private address is refused, also behind a name, unless the receiver permits it."""
    async with hook(answering(200)) as at:
        error = await refused(at.sender(host=host, private=False))

    assert "private = true" in str(error)
    assert error.is_final
    assert not at.received


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff0e::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::808:808", True),
        ("2002:7f00:1::", False),
    ],
)
def test_public(address: str, expected: bool) -> None:  # noqa: FBT001
    """An internet address is public, also in its mapped form."""
    assert is_public(address) is expected
    assert ip_address(address)


async def test_environment_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's proxy is not used, because it could connect to refused addresses."""
    async with hook(answering(200)) as proxy, hook(answering(200)) as at:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        await at.sender().send(MESSAGE)
        assert (len(proxy.received), len(at.received)) == (0, 1)


async def test_secrets(caplog: pytest.LogCaptureFixture) -> None:
    """Neither errors nor the log contain a webhook's path, query or secret."""
    echo = f"unknown {PATH} T0PSECRET hidden-key {SECRET}"
    with caplog.at_level(logging.DEBUG):
        async with hook(answering(403, echo)) as at:
            error = await refused(at.sender())
        gone = await refused(at.sender())
    ours = [record.getMessage() for record in caplog.records if record.name != "aiohttp.access"]
    for text in (str(error), str(gone), *ours):
        assert not [each for each in ("T0PSECRET", "hidden-key", SECRET) if each in text]
    assert str(error) == "403: unknown …?… … … …"


async def test_cancelled() -> None:
    """A delivery can be cancelled without leaving a task."""
    async with hook(hang) as at:
        sending = asyncio.create_task(at.sender().send(MESSAGE))
        await eventually(lambda: at.received)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        assert sending.cancelled()
