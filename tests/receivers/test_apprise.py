"""Apprise services with real mail and web servers that accept, refuse, hang and die."""

import asyncio
import email
import email.policy
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from pydantic import SecretStr

from northstar import programs
from northstar.alerts.notifications import Attachment, Notification
from northstar.alerts.receivers import Receiver
from northstar.errors import ConfigurationError, DeliveryError
from northstar.receivers import apprise, sending
from support.programs import unused_port

PNG = b"\x89PNG\r\n\x1a\nnot really"
MESSAGE = Notification(
    ["event-1"],
    "CRITICAL: net -$5,120 <b>",
    "Net is _below_ -$5,000.\\n\nAgent: <!channel> [x](y)",
    html='<p>Net &amp; <b>more</b></p><img src="cid:chart.png">',
    attachments=[
        Attachment("chart.png", "image/png", PNG),
        Attachment("day.csv", "text/csv", b"day,net\r\n"),
    ],
)


def receiver(url: str) -> Receiver:
    """Return a receiver of that URL."""
    return Receiver(name="desk", url=SecretStr(url))


async def refused(url: str) -> DeliveryError:
    """Return the error of a delivery."""
    with pytest.raises(DeliveryError) as caught:
        await sending.create(receiver(url)).send(MESSAGE)
    return caught.value


class Postbox:
    """Handles mail: stores it, or answers the recipient or the content with an error."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.to_recipient = self.to_content = "250 OK"

    async def handle_RCPT(self, *given: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        envelope, address = given[2], given[3]
        envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, _: object, __: object, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        message = email.message_from_bytes(content, policy=email.policy.default)
        self.received.append(message)
        return self.to_content


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, str]]:
    """Run a mail server; yield it with the URL of its receiver."""
    box = Postbox()
    port = unused_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        query = "from=north@example.org&to=desk@example.org&smtp=127.0.0.1"
        yield box, f"mailto://127.0.0.1:{port}?{query}"
    finally:
        server.stop()


async def test_mail(postbox: tuple[Postbox, str]) -> None:
    """A mail has the page with its picture, and the text for readers without HTML."""
    box, url = postbox
    await sending.create(receiver(url)).send(MESSAGE)

    (mail,) = box.received
    parts = {part.get_content_type(): part for part in mail.walk()}
    assert mail["Subject"] == "CRITICAL: net -$5,120 <b>"
    assert "<b>more</b>" in parts["text/html"].get_content()
    assert parts["text/plain"].get_content().splitlines() == MESSAGE.body.splitlines()
    assert parts["image/png"]["Content-ID"] == "<chart.png>"
    assert parts["image/png"].get_content() == PNG
    assert parts["text/csv"].get_filename() == "day.csv"


async def test_mail_as_text(postbox: tuple[Postbox, str]) -> None:
    """A mail configured as text has the text unchanged."""
    box, url = postbox
    await sending.create(receiver(f"{url}&format=text")).send(MESSAGE)

    body = box.received[0].get_body(("plain",))
    assert body
    assert body.get_content().replace("\r\n", "\n").startswith(MESSAGE.body)


@pytest.mark.parametrize(
    ("to_recipient", "to_content", "reason", "is_final"),
    [
        ("550 5.1.1 no such user", "250 OK", "550 5.1.1 no such user", True),
        ("250 OK", "554 5.7.1 looks like spam", "554 5.7.1 looks like spam", True),
        ("451 4.7.1 greylisted", "250 OK", "451 4.7.1 greylisted", False),
    ],
)
async def test_refused_mail(
    postbox: tuple[Postbox, str],
    to_recipient: str,
    to_content: str,
    reason: str,
    is_final: bool,  # noqa: FBT001
) -> None:
    """The error contains the mail server's reason."""
    box, url = postbox
    box.to_recipient, box.to_content = to_recipient, to_content
    error = await refused(url)

    assert str(error) == reason
    assert error.is_final is is_final


@asynccontextmanager
async def silent(*, dies: bool) -> AsyncIterator[int]:
    """Run a server that sends nothing, or closes each connection."""
    ended = asyncio.Event()

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not dies:
            await ended.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        ended.set()
        server.close()
        await server.wait_closed()


async def test_mail_server_dies() -> None:
    """A delivery to a mail server that closes the connection is retried."""
    async with silent(dies=True) as port:
        error = await refused(f"mailto://user:passw0rd@127.0.0.1:{port}?from=a@b.org&to=c@d.org")

    assert "closed" in str(error)
    assert not error.is_final


async def test_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A delivery to a hanging server ends at the time limit."""
    monkeypatch.setattr(apprise, "LIMIT_S", 0.5)
    async with silent(dies=False) as port:
        error = await refused(f"mailto://127.0.0.1:{port}?from=a@b.org&to=c@d.org")

    assert str(error) == "not done within 0.5 s"
    assert not error.is_final


class Service(ThreadingHTTPServer):
    """A web service that answers with a status and stores what it received."""

    status = 200
    daemon_threads = False

    def __init__(self) -> None:
        self.received: list[tuple[str, Any]] = []
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    """Answers for the service."""

    server: Service

    def do_POST(self) -> None:
        """Store the request and answer."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, json.loads(body)))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def service() -> Iterator[Service]:
    """Run a web service."""
    with Service() as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def json_url(service: Service) -> str:
    """Return the URL of apprise's JSON service there."""
    return f"json://user:passw0rd@127.0.0.1:{service.server_port}/T0PSECRET?key=hidden-key"


async def test_text(service: Service) -> None:
    """The text is delivered unchanged, without interpreting escapes or markup."""
    await sending.create(receiver(json_url(service))).send(MESSAGE)

    (_, sent) = service.received[0]
    assert (sent["title"], sent["message"]) == (MESSAGE.title, MESSAGE.body)
    assert [each["filename"] for each in sent["attachments"]] == ["chart.png", "day.csv"]


@pytest.mark.parametrize(
    ("status", "is_final"), [(302, False), (401, True), (404, True), (429, False), (500, False)]
)
async def test_refused(service: Service, status: int, is_final: bool) -> None:  # noqa: FBT001
    """The status decides on a retry, redirects are not followed, and the error has no secret."""
    service.status = status
    error = await refused(json_url(service))

    assert f"error={status}" in str(error)
    assert error.is_final is is_final
    assert len(service.received) == 1
    assert not [each for each in ("passw0rd", "T0PSECRET", "hidden-key") if each in str(error)]


async def test_refused_connection(service: Service) -> None:
    """A failed connection is retried, and its reason has no secret."""
    url = json_url(service)
    service.server_close()
    error = await refused(url)

    assert "onnection refused" in str(error)
    assert "T0PSECRET" not in str(error)
    assert not error.is_final


async def test_nothing_left(
    postbox: tuple[Postbox, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file of an attachment or of apprise remains."""
    for name in ("HOME", "TMPDIR"):
        monkeypatch.setenv(name, str(tmp_path))
    await sending.create(receiver(postbox[1])).send(MESSAGE)

    assert os.listdir(tmp_path) == []  # noqa: PTH208 (not blocking for long)


def test_urls() -> None:
    """A URL unknown to apprise refuses the start without printing it."""
    known = receiver("mailto://user:passw0rd@example.org")
    sending.check([known, Receiver(name="hook", webhook=SecretStr("https://example.org"))])
    with pytest.raises(ConfigurationError) as caught:
        sending.check([known, receiver("nosuch://passw0rd")])
    assert str(caught.value) == "receivers.desk: url is none that apprise knows"


async def test_without_apprise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without apprise, a receiver with a URL refuses the start with what to install."""
    monkeypatch.setattr(apprise, "find_spec", lambda _: None)
    monkeypatch.setattr(programs, "command", lambda _: (sys.executable, "-c", "import nosuch"))
    sending.check([Receiver(name="hook", webhook=SecretStr("https://example.org"))])
    with pytest.raises(ConfigurationError, match=r"pip install .northstar-pnl\[alerts\]"):
        sending.check([receiver("json://127.0.0.1")])
    assert "pip install" in str(await refused("json://127.0.0.1"))
