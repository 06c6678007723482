"""Feed of a real stream: detects the protocol, reads messages, fetches the state from the API."""

import asyncio
from functools import partial
from http import HTTPStatus

import aiohttp

from northstar.errors import LinkError
from northstar.feeds import Accept, Source
from northstar.feeds.ca_file import CaFile
from northstar.feeds.link import Delivered, Link, keep_up
from northstar.feeds.own_address import is_own
from northstar.feeds.pace import Pace
from northstar.feeds.socketio import offered_transports, read_socketio
from northstar.feeds.tls import other_scheme
from northstar.feeds.upstream import Deliver, Protocol, Upstream, read_up_to, reason, too_large
from northstar.feeds.websocket import read_websocket

PROBE_TIMEOUT = aiohttp.ClientTimeout(total=2)
FETCH_TIMEOUT = aiohttp.ClientTimeout(total=10)
# Responses of a proxy that cannot reach its backend.
UNAVAILABLE = {
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}


class LiveFeed:
    """Reads the stream that `upstream` describes."""

    source = Source.LIVE

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream
        self.name = upstream.name
        self.link = Link()
        self._pace = Pace(upstream.max_rate)
        self._state_due = asyncio.Event()
        self._ca_file = CaFile(upstream.ca_file, upstream.tls)

    async def run(self, accept: Accept) -> None:
        """Deliver messages until cancelled, reconnecting after each failure."""
        async with self.upstream.http() as http, asyncio.TaskGroup() as tasks:
            if self.upstream.api_url:
                self._state_due.set()
                tasks.create_task(self._fetch_states(http, accept))
            await keep_up(
                self.link, partial(self._connect, http, accept), partial(self._probe, http)
            )

    async def _connect(
        self, http: aiohttp.ClientSession, accept: Accept, delivered: Delivered
    ) -> None:
        def deliver(raw: bytes | str) -> None:
            if accept(raw):
                delivered()

        openings = self.link.openings
        self._ca_file.refresh()
        try:
            await self._read(http, deliver)
        except LinkError as error:
            if self.link.openings == openings and (
                advice := await other_scheme(self.upstream, error)
            ):
                raise LinkError(advice) from error
            raise

    async def _read(self, http: aiohttp.ClientSession, deliver: Deliver) -> None:
        """Connect and deliver messages until the connection ends; then raise `LinkError`."""
        own = self.upstream.own
        if own and await is_own(self.upstream.http_url, *own):
            raise LinkError("this is our own address: set NORTHSTAR_WS_URL to that of the source")
        if self.upstream.protocol is not Protocol.WEBSOCKET:
            transports = await offered_transports(self.upstream, http)
            if transports or self.upstream.protocol is Protocol.SOCKETIO:
                opened = partial(self._opened, Protocol.SOCKETIO)
                await read_socketio(self.upstream, self._pace, transports, opened, deliver)
        opened = partial(self._opened, Protocol.WEBSOCKET)
        await read_websocket(self.upstream, self._pace, opened, deliver)

    def _opened(self, protocol: Protocol, namespace: str | None = None) -> None:
        self._state_due.set()
        self.link.opened(protocol, namespace)

    async def _probe(self, http: aiohttp.ClientSession) -> bool:
        """Return whether the source's address answers, whatever the response.

        No request is sent while the source asks to wait.
        """
        if self.upstream.holds.left_s(self.upstream.http_url):
            return False
        try:
            async with http.get(self.upstream.http_url, timeout=PROBE_TIMEOUT) as response:
                return response.status not in UNAVAILABLE
        except LinkError:  # a response that we refuse
            return True
        except (aiohttp.ClientError, OSError, ValueError):
            return False

    async def _fetch_states(self, http: aiohttp.ClientSession, accept: Accept) -> None:
        """Fetch the state at the start, whenever the link opens, and when a busy API is ready."""
        while True:
            await self._state_due.wait()
            self._state_due.clear()
            self.link.fetched(await self._fetch(http, accept))
            if wait_s := self.upstream.holds.left_s(self.upstream.state_url):
                await asyncio.sleep(wait_s)
                self._state_due.set()

    async def _fetch(self, http: aiohttp.ClientSession, accept: Accept) -> str:
        """Fetch the state once; return the result as a short text."""
        try:
            async with http.get(self.upstream.state_url, timeout=FETCH_TIMEOUT) as response:
                if response.status != HTTPStatus.OK:
                    return f"HTTP {response.status}"
                state = await read_up_to(self.upstream.max_message_bytes, response)
        except LinkError as error:
            return str(error)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return reason(error)
        if state is None:
            return str(too_large(self.upstream.max_message_bytes))
        return "fetched" if accept(state, fetched=True) else "not a valid state"
