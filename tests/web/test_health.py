"""Freshness of the data: the probe, the log and the signal to a monitoring service."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import trustme
from aiohttp import web
from httpx import Response
from pydantic import SecretStr

from northstar.settings.table import Settings
from northstar.web.health import Alive, unready_reason
from support.feed_states import QUIET
from support.inprocess import Dashboard, dashboard
from support.pipelines import AT, ManualPipeline
from support.sources import Stream
from support.today import now
from support.upstreams import answering
from support.waiting import eventually, until

SOON_S = 0.01
NEVER_S = 1000


class Service:
    """A monitoring service: the number of its requests and its answer."""

    def __init__(self) -> None:
        self.status = 200
        self.asked = 0

    async def answer(self, request: web.Request) -> web.Response:
        """Answer, or redirect if so configured."""
        self.asked += 1
        away = {"Location": str(request.url / "away")} if self.status in range(300, 400) else {}
        return web.Response(status=self.status, headers=away)


@asynccontextmanager
async def watching(
    pipeline: ManualPipeline, url: str, every_s: float = SOON_S, ca_file: str = ""
) -> AsyncIterator[Alive]:
    """Watch a pipeline while the context is open, and signal to `url`, if any."""
    settings = Settings(demo=True, alive_url=SecretStr(url), ca_file=ca_file)
    alive = Alive(pipeline, settings, check_every_s=SOON_S, signal_every_s=every_s)
    works = (alive.watch, alive.send_signals) if url else (alive.watch,)
    tasks = [asyncio.create_task(work()) for work in works]
    try:
        yield alive
        assert not any(task.done() for task in tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
def pipeline() -> ManualPipeline:
    """Return a pipeline that has just received a message."""
    pipeline = ManualPipeline()
    pipeline.take()
    return pipeline


@pytest.fixture
def looks(pipeline: ManualPipeline, monkeypatch: pytest.MonkeyPatch) -> Mock:
    """Count the reads of the pipeline's age."""
    looks = Mock(wraps=pipeline.intake.status)
    monkeypatch.setattr(pipeline.intake, "status", looks)
    return looks


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, "no data yet"),
        ({"problem": "17 of 17 refused"}, "no data yet: 17 of 17 refused"),
        ({"state": "live", "age_s": 9.9}, None),
        ({"state": "reconnecting", "age_s": 9.9}, None),
        ({"state": "stale", "age_s": 34.2}, "the data is 34 s old, more than 10 s"),
        ({"state": "offline", "age_s": 190.0}, "the data is 3 m 10 s old, more than 10 s"),
        ({"age_s": 2.0, "stale_after_s": 1.5}, "the data is 2 s old, more than 1.5 s"),
        ({"state": "ended", "age_s": 1.0}, "the recording has ended"),
    ],
)
def test_readiness(changes: dict[str, Any], reason: str | None) -> None:
    """Data is ready while it is younger than its limit; otherwise one sentence has the reason."""
    assert unready_reason(replace(QUIET, **changes)) == reason


def test_readiness_asked_for(source: Stream) -> None:
    """The probe gets 503 and the reason before the first message and when the data is stale."""
    with dashboard(Settings(ws_url=source.url, stale_after=3)) as at:
        before = at.get("/readyz")
        until(lambda: source.clients)
        ready = answered(at, 200, lambda: source.send(now()))
        after = answered(at, 503)

    assert (before.status_code, before.json()["reason"]) == (503, "no data yet")
    assert ready.json() == {"status": "ready"}
    assert after.json()["status"] == "not ready"
    assert "more than 3 s" in after.json()["reason"]
    assert str(source.port) not in after.text
    assert after.headers["cache-control"] == "no-store"


def answered(at: Dashboard, code: int, meanwhile: Callable[[], None] = lambda: None) -> Response:
    """Request the probe, with an action before each time, until it answers with `code`."""
    answers: list[Response] = []

    def has_code() -> bool:
        meanwhile()
        answers.append(at.get("/readyz"))
        return answers[-1].status_code == code

    until(has_code, what=f"the probe answers {code}")
    return answers[-1]


def test_readiness_of_a_demo() -> None:
    """A demo is ready as soon as it has data."""
    with dashboard(Settings(demo=True)) as at:
        until(lambda: at.get("/readyz").is_success)


async def test_signal_while_fresh(pipeline: ManualPipeline) -> None:
    """The service is called at once and then repeatedly, and each call is counted."""
    service = Service()
    async with (
        answering(service.answer) as port,
        watching(pipeline, f"http://127.0.0.1:{port}") as alive,
    ):
        await eventually(lambda: alive.signals["answered"] >= 3)

        assert alive.signals["failed"] == 0


async def test_signal_before_the_next_is_due(pipeline: ManualPipeline, looks: Mock) -> None:
    """Within the interval the service is called once, however often the age is read."""
    service = Service()
    async with (
        answering(service.answer) as port,
        watching(pipeline, f"http://127.0.0.1:{port}", NEVER_S) as alive,
    ):
        await eventually(lambda: alive.signals["answered"])
        before = looks.call_count
        await eventually(lambda: looks.call_count > before + 10)

        assert service.asked == 1


async def test_signal_while_stale(pipeline: ManualPipeline, looks: Mock) -> None:
    """Nothing is sent while the data is stale; fresh data is signalled at once."""
    pipeline.clock.passed_s = 34
    service = Service()
    async with answering(service.answer) as port, watching(pipeline, f"http://127.0.0.1:{port}"):
        await eventually(lambda: looks.call_count > 10)
        assert service.asked == 0

        pipeline.take(timestamp="2026-02-25T22:24:34Z")
        await eventually(lambda: service.asked)


async def test_changes_in_the_log(
    pipeline: ManualPipeline, caplog: pytest.LogCaptureFixture
) -> None:
    """Each change of the state is one line in the log."""
    caplog.set_level("INFO", "northstar")
    async with watching(pipeline, ""):
        await eventually(lambda: len(caplog.records) == 1)
        pipeline.clock.passed_s = 34
        await eventually(lambda: len(caplog.records) == 2)
        pipeline.take(timestamp="2026-02-25T22:24:34Z")
        await eventually(lambda: len(caplog.records) == 3)

    assert caplog.messages == [
        "the data is live",
        "the data is not live: the data is 34 s old, more than 10 s",
        "the data is live",
    ]


async def test_oddities_in_the_log(
    pipeline: ManualPipeline, looks: Mock, caplog: pytest.LogCaptureFixture
) -> None:
    """A reason for refused messages is logged once for any count, and so is a clock warning."""
    pipeline.feed.link.opened()
    for second in range(4):
        pipeline.clock.passed_s = second
        pipeline.take(timestamp=(pipeline.clock.now() + timedelta(hours=1)).isoformat())
    async with watching(pipeline, ""):
        await eventually(lambda: len(caplog.records) == 1)
        for second in range(20, 30):
            pipeline.clock.passed_s = second
            pipeline.take(revenue="a lot")
            looks.reset_mock()
            await eventually(lambda: looks.call_count > 1)

    clock, stale, refused = caplog.messages
    assert clock == f"source: {pipeline.status.warning}"
    assert stale.startswith(
        "the data is not live: the data is 17 s old, more than 10 s: 1 of 1 refused"
    )
    assert refused == "source: 1 of 1 refused: revenue: expected a number, got a string"


@pytest.mark.parametrize("status", [302, 404, 500, 599])
async def test_signal_refused(
    pipeline: ManualPipeline, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """An error status counts as a failure and is logged once until the next success."""
    service = Service()
    service.status = status
    async with (
        answering(service.answer) as port,
        watching(pipeline, f"http://127.0.0.1:{port}/ping") as alive,
    ):
        await eventually(lambda: alive.signals["failed"] >= 3)
        assert alive.signals["answered"] == 0
        service.status = 204
        await eventually(lambda: alive.signals["answered"])

    assert caplog.messages == [f"alive signal failed: HTTP {status}"]


async def test_signal_to_nobody(
    pipeline: ManualPipeline, free_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    """An address without a listener is tried again."""
    async with watching(pipeline, f"http://127.0.0.1:{free_port}/secret") as alive:
        await eventually(lambda: alive.signals["failed"] >= 2)

    assert caplog.messages == ["alive signal failed: cannot connect: Connection refused"]


async def test_signal_to_something_else(
    pipeline: ManualPipeline, caplog: pytest.LogCaptureFixture
) -> None:
    """For another protocol, neither the library's message nor the URL is logged."""

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with watching(pipeline, f"http://127.0.0.1:{port}/secret") as alive:
            await eventually(lambda: alive.signals["failed"] >= 2)

    assert caplog.messages == ["alive signal failed: no valid response"]


async def test_signal_behind_a_private_authority(pipeline: ManualPipeline, tmp_path: Path) -> None:
    """The configured certificates are trusted for signals; without them nothing is sent."""
    authority, service = trustme.CA(), Service()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(tls)
    async with answering(service.answer, tls=tls) as port:
        async with watching(pipeline, f"https://localhost:{port}") as alive:
            await eventually(lambda: alive.signals["failed"])
            assert service.asked == 0
        ca_file = str(tmp_path / "ca.pem")
        async with watching(pipeline, f"https://localhost:{port}", ca_file=ca_file) as alive:
            await eventually(lambda: alive.signals["answered"])


async def test_signal_after_the_authority_has_changed(
    pipeline: ManualPipeline, tmp_path: Path
) -> None:
    """Certificates are read again when they change; a broken file changes nothing."""
    before, after, service = trustme.CA(), trustme.CA(), Service()
    ca_file = tmp_path / "ca.pem"
    before.cert_pem.write_to_path(str(ca_file))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    after.issue_cert("localhost").configure_cert(tls)
    async with (
        answering(service.answer, tls=tls) as port,
        watching(pipeline, f"https://localhost:{port}", ca_file=str(ca_file)) as alive,
    ):
        await eventually(lambda: alive.signals["failed"])
        assert service.asked == 0
        after.cert_pem.write_to_path(str(ca_file))
        await eventually(lambda: alive.signals["answered"])
        ca_file.write_text("broken")
        answered = alive.signals["answered"]
        await eventually(lambda: alive.signals["answered"] > answered + 2)


@pytest.mark.parametrize("ahead_s", [0, 3600])
async def test_signal_under_growing_delay(
    pipeline: ManualPipeline, looks: Mock, caplog: pytest.LogCaptureFixture, ahead_s: int
) -> None:
    """Messages with a growing delay stop the signal once the delay exceeds ten seconds."""
    service = Service()

    async def arrives(sent_s: int, late_s: float) -> None:
        """Take the message sent after `sent_s`, `late_s` late, and wait until its age is read."""
        pipeline.clock.passed_s = sent_s + late_s
        stamp = AT + timedelta(seconds=ahead_s + sent_s)
        assert pipeline.take(timestamp=stamp.isoformat()), "it is accepted"
        before = looks.call_count
        await eventually(lambda: looks.call_count > before)

    async with answering(service.answer) as port, watching(pipeline, f"http://127.0.0.1:{port}"):
        for sent_s in range(50):
            await arrives(sent_s, late_s=sent_s * 0.2)
        asked = service.asked
        await eventually(lambda: service.asked > asked + 1, what="signals at a delay of 9.8 s")

        await arrives(51, late_s=10.2)
        await eventually(lambda: "the data is not live" in caplog.text)
        asked = service.asked
        for sent_s in range(52, 62):
            await arrives(sent_s, late_s=sent_s * 0.2)
        assert service.asked <= asked + 1, "one was on its way"

        await arrives(100, late_s=0)
        await eventually(lambda: service.asked > asked + 3, what="signals without the delay")

    stale = "the data is not live: the data is 10 s old, more than 10 s"
    assert [line for line in caplog.messages if not line.startswith("source: ")] == [stale]


async def test_signal_of_a_follower(
    pipeline: ManualPipeline, looks: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A follower in a cluster sends no signal until it leads."""
    monkeypatch.setattr(ManualPipeline, "leads", False)
    service = Service()
    async with answering(service.answer) as port, watching(pipeline, f"http://127.0.0.1:{port}"):
        await eventually(lambda: looks.call_count > 5)
        assert service.asked == 0
        monkeypatch.setattr(ManualPipeline, "leads", True)
        await eventually(lambda: service.asked)
