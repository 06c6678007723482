"""The metrics of all workers of a machine, whichever of them is scraped.

Each worker answers the others on a Unix socket, and its samples get the label `worker`.
prometheus_client's own mode for several processes keeps counters in shared files. It supports
neither values read at the scrape, as most of ours are, nor gauges of a function or metrics of the
process, and it keeps the counts of workers that have died. With a label, Prometheus sees each
counter reset, and a query can add up the workers.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

ANSWER_S = 1.0  # a worker that has not answered by then is left out


class WorkerMetrics:
    """Serves the metrics in `registry` to the other workers at `place`, and collects theirs."""

    def __init__(self, registry: CollectorRegistry, place: Path) -> None:
        self._registry = registry
        self._place = place

    async def serve(self) -> None:
        """Answer the other workers until cancelled."""
        async with await asyncio.start_unix_server(self._answer, self._place) as server:
            await server.serve_forever()

    async def of_all(self) -> CollectorRegistry:
        """Return the metrics of all workers that answer."""
        others = [each for each in self._place.parent.iterdir() if each != self._place]
        answers = await asyncio.gather(*map(_ask, others))
        texts = {self._place.name: self._text()}
        texts |= {place.name: text for place, text in zip(others, answers, strict=True) if text}
        registry = CollectorRegistry()
        registry.register(_Merged([*_labelled(texts)]))
        return registry

    async def _answer(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            writer.write(self._text().encode())
            writer.close()
            await writer.wait_closed()

    def _text(self) -> str:
        encode, _ = choose_encoder(CONTENT_TYPE_LATEST)
        return encode(self._registry).decode()


class _Merged(Collector):
    """Metrics that are known already."""

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


async def _ask(place: Path) -> str:
    """Return the metrics of another worker, "" if it does not answer."""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(ANSWER_S):
            reader, writer = await asyncio.open_unix_connection(place)
            try:
                return (await reader.read()).decode()
            finally:
                writer.close()
    return ""


def _labelled(texts: dict[str, str]) -> Iterator[Metric]:
    """Yield each metric once, with the samples of all workers."""
    merged: dict[str, Metric] = {}
    for worker, text in sorted(texts.items()):
        for family in text_string_to_metric_families(text):  # type: ignore[no-untyped-call]
            metric = merged.setdefault(
                family.name, Metric(family.name, family.documentation, family.type)
            )
            metric.samples += [
                sample._replace(labels={**sample.labels, "worker": worker})
                for sample in family.samples
            ]
    yield from merged.values()
