"""Probes of the process and of its data, log lines and alive signal.

The signal stops if the data is old, the program has ended or the machine is down; only an external
service can detect all three.
"""

import asyncio
import logging
import os
import re
import ssl
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import aiohttp
from fastapi import FastAPI, Response, status
from fastapi.responses import JSONResponse

from northstar.domain.freshness import FeedStatus, LinkState, StreamStatus
from northstar.live.pipeline import Pipeline
from northstar.settings.table import Settings
from northstar.view.live.status import span
from northstar.web.api.rows import NO_STORE
from northstar.web.sockets.draining import Draining

log = logging.getLogger(__name__)

DRAINS: dict[int | str, dict[str, Any]] = {
    status.HTTP_503_SERVICE_UNAVAILABLE: {"description": "It is being stopped, or isolated"}
}
UNREADY: dict[int | str, dict[str, Any]] = {
    status.HTTP_503_SERVICE_UNAVAILABLE: {"description": "The data is old, or there is none yet"}
}
CHECK_EVERY_S = 1.0
SIGNAL_EVERY_S = 60.0
TIMEOUT = aiohttp.ClientTimeout(total=10)


def add_health(server: FastAPI, draining: Draining) -> None:
    """Serve the liveness probe."""

    @server.get("/healthz", responses=DRAINS)
    @server.head("/healthz", include_in_schema=False)
    async def health(response: Response) -> dict[str, str]:
        """Return 200 while the process answers, whatever the state of the data.

        An instance of a cluster that is stopped, or does not reach the database, returns 503, so
        that a balancer sends no viewers.
        """
        if reason := draining.reason:
            response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
        return {"status": reason or "ok"}


def add_readiness(server: FastAPI, pipeline: Pipeline) -> None:
    """Serve the readiness probe, without figures and without the source's name."""

    @server.get("/readyz", responses=UNREADY)
    @server.head("/readyz", include_in_schema=False)
    async def ready() -> JSONResponse:
        """Return 200 while the data is younger than its limit, otherwise 503 with the reason."""
        reason = unready_reason(pipeline.shown.status())
        if reason is None:
            return JSONResponse({"status": "ready"}, headers=NO_STORE)
        problem = {"status": "not ready", "reason": reason}
        return JSONResponse(problem, status.HTTP_503_SERVICE_UNAVAILABLE, headers=NO_STORE)


def unready_reason(feed: FeedStatus) -> str | None:
    """Return why the data is not reliable, or None while it is younger than its limit.

    A lost connection alone is not a reason: it may be restored before the data is old.
    """
    why = f": {feed.problem}" if feed.problem else ""
    if feed.age_s is None:
        return f"no data yet{why}"
    if feed.state == "ended":
        return "the recording has ended"
    if feed.age_s >= feed.stale_after_s:
        return f"the data is {span(feed.age_s)} old, more than {feed.stale_after_s:g} s{why}"
    return None


def _words(error: Exception) -> str:
    """Return why the signal failed, without the URL, which may contain a secret."""
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return "certificate not trusted"
        case aiohttp.ClientConnectorError(os_error=OSError(errno=int(number))) if number > 0:
            return f"cannot connect: {os.strerror(number)}"
        case aiohttp.ClientConnectorError():
            return "cannot connect"
        case TimeoutError():
            return "timed out"
        case _:
            return "no valid response"


class Alive:
    """Logs when the data becomes fresh or old, and sends a periodic signal while it is fresh.

    Also logs why nothing usable comes from an open connection, and that the source's clock is off.

    `signals` counts the signals by outcome.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        settings: Settings,
        *,
        check_every_s: float = CHECK_EVERY_S,
        signal_every_s: float = SIGNAL_EVERY_S,
    ) -> None:
        self.signals = {"answered": 0, "failed": 0}
        self._pipeline = pipeline
        self._settings = settings
        self._check_every_s = check_every_s
        self._signal_every_s = signal_every_s
        self._fresh = asyncio.Event()
        self._logged: set[str] = set()  # problems and warnings, without their counts
        self._succeeds = True
        self._tls = settings.tls

    async def watch(self) -> None:
        """Check the data's age and log changes until cancelled."""
        while True:
            feed = self._pipeline.broadcast.status()
            reason = unready_reason(feed)
            if reason is None and not self._fresh.is_set():
                log.info("the data is live")
                self._fresh.set()
            elif reason and self._fresh.is_set():
                log.warning("the data is not live: %s", reason)
                self._fresh.clear()
            self._log_oddities(feed)
            await asyncio.sleep(self._check_every_s)

    def _log_oddities(self, feed: StreamStatus) -> None:
        """Log each new problem of an open connection, and each new warning."""
        problem = feed.problem if feed.link is LinkState.OPEN else None
        present = {re.sub(r"\d+", "", problem): problem} if problem else {}
        if feed.warning:
            present["clock"] = feed.warning
        for oddity in present.keys() - self._logged:
            log.warning("source: %s", present[oddity])
        self._logged = set(present)

    async def send_signals(self) -> None:
        """Send signals to the configured URL until cancelled, the first once the data is fresh."""
        async with aiohttp.ClientSession(timeout=TIMEOUT) as http:
            while True:
                await self._fresh.wait()
                if not self._pipeline.leads:  # another instance of the cluster sends it
                    await asyncio.sleep(self._check_every_s)
                    continue
                self._note(await self._send_signal(http))
                await asyncio.sleep(self._signal_every_s)

    async def _send_signal(self, http: aiohttp.ClientSession) -> str | None:
        """Send one signal; return the error, or None on success."""
        url = self._settings.alive_url.get_secret_value()
        try:
            tls = await self._trusted()
            async with http.get(url, allow_redirects=False, ssl=tls) as response:
                fine = HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES
                return None if fine else f"HTTP {response.status}"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return _words(error)

    async def _trusted(self) -> ssl.SSLContext:
        """Return the TLS context with the certificates as they are in the files now.

        While a file cannot be read, such as during its replacement, the last ones count.
        """
        with suppress(OSError):  # also of what is no certificate
            self._tls = await asyncio.to_thread(lambda: self._settings.tls)
        return self._tls

    def _note(self, problem: str | None) -> None:
        self.signals["failed" if problem else "answered"] += 1
        if problem and self._succeeds:
            log.warning("alive signal failed: %s", problem)
        elif not problem and not self._succeeds:
            log.info("alive signal succeeded again")
        self._succeeds = problem is None
