"""The metrics for Prometheus, read with its own parser: names, values, one registry per server."""

import asyncio
import time
from collections.abc import Iterator, Mapping

import pytest
from prometheus_client import Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text

from northstar import __version__
from northstar.domain.cluster import ClusterStatus, Member
from northstar.feeds import Source
from northstar.feeds.link import Link
from northstar.live.broadcast import Broadcast
from northstar.live.pipeline import Pipeline
from northstar.settings.table import Settings
from northstar.web.metrics import STATES, Metrics
from support import guide
from support.inprocess import Dashboard, dashboard
from support.pipelines import AT, ManualPipeline, running_pipeline
from support.sources import Stream
from support.today import crowd, now
from support.waiting import eventually, until

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
NO_SIGNALS: Mapping[str, int] = {}


def values(text: str) -> dict[str, float]:
    """Return every sample by its name followed by its labels' values."""
    return {
        "/".join([sample.name, *sample.labels.values()]): sample.value
        for family in read_text(text)
        for sample in family.samples
    }


def read(at: Dashboard) -> dict[str, float]:
    """Return the metrics of a running dashboard."""
    return values(at.get("/metrics").text)


def of(pipeline: Pipeline, signals: Mapping[str, int] = NO_SIGNALS) -> dict[str, float]:
    """Return the metrics of a pipeline that need not run."""
    return values(generate_latest(Metrics(pipeline, signals).registry).decode())


def test_messages(source: Stream) -> None:
    """Every message is counted by its outcome; the age is that of the last accepted one."""
    with dashboard(Settings(ws_url=source.url)) as at:
        until(lambda: source.clients)
        for text in (now(), '{"event": "greeting"}', guide.text(revenue="a lot"), guide.EXAMPLE):
            source.send(text)
        until(lambda: sum(read(at)[f"northstar_messages_total/{way}"] for way in WAYS) == 4)
        metrics = read(at)

    assert [metrics[f"northstar_messages_total/{way}"] for way in WAYS] == [1, 1, 1, 1]
    assert 0 <= metrics["northstar_feed_age_seconds"] < 60
    assert metrics["northstar_feed_state/live"] == 1


WAYS = ("accepted", "rejected", "out_of_order", "ignored")


def test_work(source: Stream) -> None:
    """Frames and writes have counts and durations; nothing has failed or waits."""
    with dashboard(Settings(ws_url=source.url)) as at:
        until(lambda: source.clients)
        source.send(now())
        until(lambda: read(at)["northstar_store_seconds_count"] == 1, what="the update is written")
        until(lambda: read(at)["northstar_history_waiting_states"] == 0)
        until(lambda: read(at)["northstar_event_loop_lag_seconds_count"])
        metrics = read(at)

    assert metrics["northstar_render_seconds_count"] >= 1
    assert metrics["northstar_render_seconds_sum"] > 0
    assert metrics["northstar_store_seconds_sum"] > 0
    assert metrics["northstar_frames_total"] >= metrics["northstar_render_seconds_count"]
    assert (metrics["northstar_faults_total"], metrics["northstar_reconnects_total"]) == (0, 0)
    assert metrics[f"northstar_build_info/{__version__}"] == 1
    assert metrics["process_resident_memory_bytes"] > 0


def test_viewers() -> None:
    """Open sockets are counted by stream."""
    with dashboard(Settings(demo=True)) as at:
        with at.open("/view-stream"), at.open("/view-stream"), at.open("/pnl-stream"):
            until(lambda: _viewers(at) == (2, 1))
        until(lambda: _viewers(at) == (0, 0))


def _viewers(at: Dashboard) -> tuple[float, float]:
    metrics = read(at)
    return metrics["northstar_viewers/view-stream"], metrics["northstar_viewers/pnl-stream"]


def test_format_for_prometheus() -> None:
    """The text format is the default and is never cached."""
    with dashboard(Settings(demo=True)) as at:
        for accept in ("", "text/plain", "*/*", "application/json"):
            answer = at.get("/metrics", headers={"Accept": accept})

            assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
            assert answer.headers["cache-control"] == "no-store"
            assert "northstar_frames" in {family.name for family in read_text(answer.text)}


def test_format_of_openmetrics() -> None:
    """OpenMetrics is sent on request; its names have units and help."""
    with dashboard(Settings(demo=True)) as at:
        answer = at.get("/metrics", headers={"Accept": OPENMETRICS})

    assert answer.headers["content-type"].startswith(OPENMETRICS)
    families: Iterator[Metric] = read_openmetrics(answer.text)  # type: ignore[no-untyped-call]
    ours = [one for one in families if one.name.startswith("northstar_")]
    assert len(ours) > 10
    assert [one.name for one in ours if not one.documentation or not _is_named_well(one)] == []


def _is_named_well(family: Metric) -> bool:
    return "_second" not in family.name or family.name.endswith("_seconds")


def test_names_of_the_stream(source: Stream) -> None:
    """Names from the stream are no labels, because their number is unlimited."""
    with dashboard(Settings(ws_url=source.url)) as at:
        before = set(read(at)) | {"northstar_feed_age_seconds"}
        until(lambda: source.clients)
        source.send(crowd())
        until(lambda: read(at)["northstar_messages_total/accepted"])

        assert set(read(at)) == before


def test_two_servers_in_a_process() -> None:
    """Each server has only its own metrics."""
    demo = Settings(demo=True, demo_scene="calm")
    with dashboard(demo) as one, dashboard(demo) as other, one.open("/view-stream"):
        until(lambda: _viewers(one) == (1, 0))
        assert _viewers(other) == (0, 0)


def test_age_before_any_data() -> None:
    """An unknown value is left out, because an age of zero would mean new data."""
    assert "northstar_feed_age_seconds" not in of(ManualPipeline())


@pytest.mark.parametrize("state", STATES)
def test_state(state: str) -> None:
    """Exactly one of the states is 1."""
    pipeline = ManualPipeline(source=Source.LIVE)
    _bring(pipeline, pipeline.feed.link, state)

    found = of(pipeline)

    assert [other for other in STATES if found[f"northstar_feed_state/{other}"]] == [state]


def test_cluster() -> None:
    """A cluster's metrics have the leader, the start of its lead, and the instances by version."""
    pipeline = ManualPipeline()
    assert not [name for name in of(pipeline) if "cluster" in name or "instance" in name]

    members = [Member("a", "1.4.0", 5), Member("b", "1.5.0", 2), Member("c", "1.5.0", 0)]
    pipeline.broadcast.cluster = ClusterStatus("b", "b", AT, 0.5, members)
    metrics = of(pipeline)

    assert metrics["northstar_instance_info/b"] == 1
    assert metrics["northstar_cluster_leading"] == 1
    assert metrics["northstar_cluster_led_since_seconds"] == AT.timestamp()
    assert metrics["northstar_cluster_behind_seconds"] == 0.5
    assert metrics["northstar_cluster_instances/1.4.0"] == 1
    assert metrics["northstar_cluster_instances/1.5.0"] == 2
    assert metrics["northstar_cluster_viewers"] == 7


def _bring(pipeline: ManualPipeline, link: Link, state: str) -> None:
    """Bring a pipeline into a state."""
    pipeline.take()
    if state in {"live", "stale"}:
        link.opened()
    if state in {"reconnecting", "offline"}:
        link.lost("nobody is there", retry_at=1)
    if state in {"stale", "offline"}:
        pipeline.clock.passed_s = 60
    if state == "ended":
        link.ended("the recording has ended")


def test_viewers_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut viewers are counted by reason."""
    monkeypatch.setattr(Broadcast, "cuts", {"does not read": 2, "too many": 1})

    metrics = of(ManualPipeline())

    assert metrics["northstar_viewers_cut_total/does not read"] == 2
    assert metrics["northstar_viewers_cut_total/too many"] == 1


def test_signals() -> None:
    """Signals to the monitoring service are counted by outcome."""
    metrics = of(ManualPipeline(), {"answered": 3, "failed": 1})

    assert metrics["northstar_alive_signals_total/answered"] == 3
    assert metrics["northstar_alive_signals_total/failed"] == 1


async def test_fault() -> None:
    """A failed task is counted."""
    async with running_pipeline() as at:
        at.feed.fail()
        await eventually(lambda: of(at.pipeline)["northstar_faults_total"] == 1)


async def test_event_loop_held_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocking the event loop shows as lag."""
    monkeypatch.setattr("northstar.web.metrics.LAG_EVERY_S", 0.01)
    metrics = Metrics(ManualPipeline(), NO_SIGNALS)
    watching = asyncio.create_task(metrics.watch_the_loop())

    def measured() -> dict[str, float]:
        return values(generate_latest(metrics.registry).decode())

    await eventually(lambda: measured()["northstar_event_loop_lag_seconds_count"] > 2)
    _hold_up(0.2)
    await eventually(lambda: measured()["northstar_event_loop_lag_max_seconds"] > 0.1)
    watching.cancel()
    await asyncio.wait([watching])

    assert measured()["northstar_event_loop_lag_seconds_sum"] > 0.1


def _hold_up(seconds: float) -> None:
    """Block the event loop."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
