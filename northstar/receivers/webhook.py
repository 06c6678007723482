"""Webhooks: post signed JSON to the address of a receiver, and to no other."""

import asyncio
import hashlib
import hmac
import json
import os
import socket
import ssl
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

import aiohttp
from pydantic import SecretStr

from northstar.alerts.notifications import Notification
from northstar.alerts.receivers import Receiver
from northstar.answers import retry_after_s
from northstar.errors import DeliveryError
from northstar.receivers.secrecy import without_secrets

LIMIT_S = 15.0
MAX_REASON_BYTES = 4096  # of an answer, of which a line is shown
# Client errors that another attempt may not meet.
PASSING = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}
NAT64 = IPv6Network("64:ff9b::/96")  # IPv6 addresses of IPv4 ones (RFC 6052)
PRIVATE = "is at a private address; private = true in its table permits that"


class Webhook:
    """Posts notifications to a webhook.

    Neither the environment's proxy nor a redirect is followed, so that nothing is sent to another
    host, and the address that is checked is the one that is connected to.
    """

    def __init__(self, receiver: Receiver) -> None:
        self._url = _revealed(receiver.webhook)
        self._secret = _revealed(receiver.secret)
        self._is_private = receiver.private
        self._tls = ssl.create_default_context()

    async def send(self, notification: Notification) -> None:
        sockets = Sockets(permits_private=self._is_private)
        try:
            async with asyncio.timeout(LIMIT_S):
                await self._post(notification, sockets)
        except TimeoutError as error:
            raise DeliveryError(f"no answer within {LIMIT_S:g} s") from error
        except (aiohttp.ClientError, OSError) as error:
            if sockets.has_refused_all:
                raise DeliveryError(PRIVATE, is_final=True) from error
            raise DeliveryError(self._clean(_problem(error))) from error

    async def _post(self, notification: Notification, sockets: "Sockets") -> None:
        now = datetime.now(UTC)
        body = json.dumps(content(notification, now), ensure_ascii=False).encode()
        connector = aiohttp.TCPConnector(ssl=self._tls, socket_factory=sockets, limit=1)
        async with (
            aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as web,
            web.post(
                self._url,
                data=body,
                headers=headers(notification, body, now, self._secret),
                allow_redirects=False,
            ) as answer,
        ):
            if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
                raise await self._refusal(answer)

    async def _refusal(self, answer: aiohttp.ClientResponse) -> DeliveryError:
        """Return the error for an answer without success, with a line of its text."""
        status = answer.status
        if status < HTTPStatus.BAD_REQUEST:
            return DeliveryError(f"{status}: a redirect, which is not followed", is_final=True)
        text = b""
        with suppress(aiohttp.ClientError, OSError):  # the status is reason enough
            text = await answer.content.read(MAX_REASON_BYTES)
        reason = self._clean(text.decode(errors="replace")) or self._clean(answer.reason or "")
        return DeliveryError(
            f"{status}: {reason}".removesuffix(": "),
            retry_after_s=retry_after_s(status, answer.headers),
            is_final=status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in PASSING,
        )

    def _clean(self, text: str) -> str:
        return without_secrets(text, self._url, self._secret)


class Sockets:
    """Makes sockets for public addresses, and for private ones if they are permitted.

    aiohttp calls it with each address that it is about to connect to, so a name that resolves
    differently the second time does not bypass the check.
    """

    def __init__(self, *, permits_private: bool) -> None:
        self._permits_private = permits_private
        self._refused = self._made = 0

    @property
    def has_refused_all(self) -> bool:
        return self._refused > 0 and not self._made

    def __call__(self, address: Any) -> socket.socket:
        family, kind, protocol, _, place = address
        if not self._permits_private and not is_public(place[0]):
            self._refused += 1
            raise OSError(PRIVATE)
        self._made += 1
        return socket.socket(family, kind, protocol)


def is_public(text: str) -> bool:
    """Return whether an IP address is a public one."""
    address = ip_address(text)
    if isinstance(address, IPv6Address) and (inner := _inner(address)):
        address = inner
    return address.is_global and not address.is_multicast


def _inner(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 address stands for, if it does."""
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def content(notification: Notification, now: datetime) -> dict[str, Any]:
    """Return the body of the request for a notification."""
    return {
        "id": identity(notification),
        "sent_at": now.isoformat(timespec="milliseconds"),
        "title": notification.title,
        "body": notification.body,
        "events": list(notification.events),
    }


def headers(notification: Notification, body: bytes, now: datetime, secret: str) -> dict[str, str]:
    """Return the headers of a request: the same key for a repetition, time and signature."""
    timestamp = str(int(now.timestamp()))
    sent = {
        "Content-Type": "application/json",
        "User-Agent": "NorthStar",
        "Idempotency-Key": identity(notification),
        "X-NorthStar-Timestamp": timestamp,
    }
    if secret:
        signed = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
        sent["X-NorthStar-Signature"] = f"v1={signed.hexdigest()}"
    return sent


def identity(notification: Notification) -> str:
    """Return a text that is the same for the same events."""
    return hashlib.sha256("\n".join(notification.numbers).encode()).hexdigest()[:32]


def _problem(error: Exception) -> str:
    """Return why there is no answer, without the library's words where we have some."""
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "its name is not found"
        case aiohttp.ClientConnectorCertificateError():
            return f"its certificate is not trusted: {error.certificate_error}"
        case aiohttp.ClientSSLError():
            return error.strerror or "no TLS connection"
        case aiohttp.ClientConnectorError():
            return os.strerror(error.errno).lower() if error.errno else "cannot be reached"
        case aiohttp.ServerDisconnectedError():
            return "closed the connection without an answer"
        case _:
            return str(error) or type(error).__name__


def _revealed(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
