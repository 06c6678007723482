"""Prometheus metrics, most of them read at the scrape.

Names from the stream are never labels, because their number is unbounded.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Iterator, Mapping

from fastapi import FastAPI, Request, Response
from prometheus_client import (
    CollectorRegistry,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
    StateSetMetricFamily,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from northstar import __version__
from northstar.alerts.states import Kind, Phase
from northstar.domain.cluster import ClusterStatus
from northstar.domain.freshness import FeedStatus
from northstar.live.alerts import Alerts
from northstar.live.delivery import DELIVERED
from northstar.live.pipeline import Pipeline
from northstar.web.api.rows import NO_STORE
from northstar.web.worker_metrics import WorkerMetrics

# The states of `feed-status`.
STATES = ("connecting", "live", "stale", "reconnecting", "offline", "ended")
# A frame is due every 100 ms: a tenth of that is negligible, ten times as long is visible to every
# viewer.
FRAME_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
# From a batch in a local file to a database that times out.
STORE_BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LAG_EVERY_S = 0.5
RECENT_S = 60  # Prometheus's default scrape interval


def add_metrics(server: FastAPI, metrics: "Metrics", workers: WorkerMetrics | None = None) -> None:
    """Serve the metrics, or those of all `workers`, in the negotiated format."""

    @server.get("/metrics", response_class=Response)
    async def metrics_text(request: Request) -> Response:
        """Return the metrics in the Prometheus or OpenMetrics format, by the Accept header."""
        encode, kind = choose_encoder(",".join(request.headers.getlist("accept")))
        registry = await workers.of_all() if workers else metrics.registry
        return Response(encode(registry), media_type=kind, headers=NO_STORE)


class Metrics:
    """The metrics of one server, in their own registry.

    `signals` counts the alive signals by outcome.
    """

    def __init__(self, pipeline: Pipeline, signals: Mapping[str, int]) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_Readings(pipeline, signals))
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        rendering = self._histogram(
            "northstar_render_seconds", "Time to render a frame", FRAME_BUCKETS
        )
        batch = self._histogram(
            "northstar_store_seconds", "Time to write a batch of states", STORE_BUCKETS
        )
        pipeline.broadcast.renderings.subscribe(rendering.observe)
        pipeline.history.batches.subscribe(batch.observe)
        self._lag = self._histogram(
            "northstar_event_loop_lag_seconds", "Delay of the event loop", FRAME_BUCKETS
        )
        self._lags = deque([0.0], maxlen=int(RECENT_S / LAG_EVERY_S))
        Gauge(
            "northstar_event_loop_lag_max_seconds",
            "Maximum delay of the event loop in the last minute",
            registry=self.registry,
        ).set_function(lambda: max(self._lags))

    async def watch_the_loop(self) -> None:
        """Measure the event loop's lag until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_EVERY_S
            await asyncio.sleep(LAG_EVERY_S)
            lag_s = max(0.0, loop.time() - due)
            self._lag.observe(lag_s)
            self._lags.append(lag_s)

    def _histogram(self, name: str, description: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(name, description, buckets=buckets, registry=self.registry)


class _Readings(Collector):
    """Metrics read from the pipeline's own counters at the scrape."""

    def __init__(self, pipeline: Pipeline, signals: Mapping[str, int]) -> None:
        self._pipeline = pipeline
        self._signals = signals

    def collect(self) -> Iterator[Metric]:
        pipeline, broadcast = self._pipeline, self._pipeline.broadcast
        feed = broadcast.status()
        yield InfoMetricFamily("northstar_build", "Running version", {"version": __version__})
        yield from _of_the_feed(feed)
        yield _count("northstar_frames", "Frames rendered", feed.frames)
        yield _count(
            "northstar_frames_skipped",
            "Frames replaced by a newer one before a viewer took them",
            feed.skipped,
        )
        streams = {"view-stream": len(broadcast.viewers), "pnl-stream": len(broadcast.subscribers)}
        viewers = GaugeMetricFamily("northstar_viewers", "Open sockets", labels=["stream"])
        for stream, number in streams.items():
            viewers.add_metric([stream], number)
        yield viewers
        yield _counts("northstar_viewers_cut", "Viewers disconnected", "reason", broadcast.cuts)
        yield GaugeMetricFamily(
            "northstar_history_waiting_states",
            "States not written yet",
            pipeline.history.waiting,
        )
        yield _count("northstar_faults", "Faults in the program's own tasks", pipeline.faults)
        yield _counts("northstar_alive_signals", "Alive signals", "outcome", self._signals)
        if feed.cluster:
            yield from _of_the_cluster(feed.cluster)
        if pipeline.evaluated:
            yield from _of_the_alerts(pipeline.evaluated)


def _of_the_feed(feed: FeedStatus) -> Iterator[Metric]:
    age = GaugeMetricFamily(
        "northstar_feed_age_seconds", "Time since the data's timestamp last advanced"
    )
    if feed.age_s is not None:
        age.add_metric([], feed.age_s)
    yield age
    yield StateSetMetricFamily(
        "northstar_feed_state",
        "Current state of the feed",
        {state: state == feed.state for state in STATES},
    )
    tally = feed.tally
    outcomes = {
        "accepted": tally.accepted,
        "rejected": tally.rejected,
        "out_of_order": tally.out_of_order,
        "ignored": tally.ignored,
    }
    yield _counts("northstar_messages", "Messages received", "outcome", outcomes)
    yield _count(
        "northstar_reconnects", "Connections to the source after the first", feed.reconnects
    )


def _of_the_cluster(cluster: ClusterStatus) -> Iterator[Metric]:
    yield InfoMetricFamily("northstar_instance", "This instance", {"name": cluster.name})
    yield GaugeMetricFamily(
        "northstar_cluster_leading", "Whether this instance leads", cluster.leads
    )
    since = GaugeMetricFamily(
        "northstar_cluster_led_since_seconds", "When the leader began to lead"
    )
    if cluster.since:
        since.add_metric([], cluster.since.timestamp())
    yield since
    yield GaugeMetricFamily(
        "northstar_cluster_behind_seconds", "Age of what this instance shows", cluster.behind_s
    )
    instances = GaugeMetricFamily(
        "northstar_cluster_instances", "Instances that run", labels=["version"]
    )
    for version, number in Counter(each.version for each in cluster.instances).items():
        instances.add_metric([version], number)
    yield instances
    viewers = sum(each.viewers for each in cluster.instances)
    yield GaugeMetricFamily("northstar_cluster_viewers", "Viewers of all instances", viewers)


def _of_the_alerts(alerts: Alerts) -> Iterator[Metric]:
    deliveries = alerts.deliveries
    kinds = {name: receiver.kind for name, receiver in alerts.file.receivers.items()}
    phases = Counter(alert.phase for alert in alerts.alerting.evaluator.alerts.values())
    yield GaugeMetricFamily("northstar_alert_rules", "Alert rules", len(alerts.file.rules))
    states = GaugeMetricFamily("northstar_alerts", "Alerts by state", labels=["state"])
    for phase in Phase:
        states.add_metric([phase], phases[phase])
    yield states
    events = {kind.value: alerts.alerting.counts[kind] for kind in Kind}
    yield _counts("northstar_alert_events", "Events of alerts", "kind", events)
    sent = CounterMetricFamily(
        "northstar_alert_deliveries",
        "Attempts to send alerts",
        labels=["receiver", "outcome"],
    )
    outcomes = Counter({(kind, DELIVERED): 0 for kind in kinds.values()})
    for (name, outcome), number in deliveries.outcomes.items():
        outcomes[kinds.get(name, "removed"), outcome] += number
    for labels, number in outcomes.items():
        sent.add_metric(labels, number)
    yield sent
    yield GaugeMetricFamily(
        "northstar_alert_outbox_events", "Events that wait to be sent", deliveries.waiting
    )
    yield GaugeMetricFamily(
        "northstar_alert_outbox_age_seconds",
        "Age of the oldest event that waits to be sent",
        deliveries.oldest_s,
    )


def _count(name: str, description: str, number: int) -> Metric:
    return CounterMetricFamily(name, description, number)


def _counts(name: str, description: str, label: str, numbers: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(name, description, labels=[label])
    for value, number in numbers.items():
        family.add_metric([value], number)
    return family
