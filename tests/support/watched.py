"""A dashboard with alert rules in the same process, whose feed and clock a test controls."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from northstar.feeds import Source
from northstar.live.alerts import Alerts
from northstar.live.pipeline import Standalone
from northstar.settings.alert_file import parse_alert_file
from northstar.settings.table import Settings
from northstar.web.app import create_server
from support.empty_history import history
from support.guards import NOWHERE
from support.pipelines import AT, Clock, HandFeed, running
from support.senders import Sink, compose
from support.waiting import eventually

RULES = """
[receivers.desk]
webhook = "http://127.0.0.1"

[rules.floor]
kind = "net_below"
limit = 0
severity = "critical"

[rules.fees]
kind = "category_above"
category = "*"
limit = 1_000_000
"""


class Watched:
    """A server and its pipeline with `rules`; without rules there are no alerts."""

    def __init__(self, patch: pytest.MonkeyPatch, rules: str, source: Source, more: Any) -> None:
        self.clock, self.feed, self.sink = Clock(), HandFeed(), Sink()
        self.feed.source = source
        settings = Settings(**{"ws_url": NOWHERE} | more)
        parts: dict[str, Any] = {"clock": self.clock.monotonic, "now": self.clock.now}
        self.pipeline = Standalone(self.feed, settings, history(self.clock.now), **parts)
        if rules:
            file, senders = parse_alert_file(rules), {"desk": self.sink}
            intake = self.pipeline.intake
            self.pipeline.evaluate(Alerts.of(intake, file, senders, compose, UTC))
        patch.setattr("northstar.web.app.create_pipeline", lambda _: self.pipeline)
        self.server: FastAPI = create_server(settings)

    def send(self, net: int, **sections: Any) -> None:
        """Send a message with this net, one second after the previous one."""
        self.clock.passed_s += 1
        at = AT + timedelta(seconds=self.clock.passed_s)
        self.feed.send(timestamp=at.isoformat(), revenue=net + 100, expenses=100, **sections)

    async def fire(self, net: int = -5) -> str:
        """Let net fall below the limit; return the number of the alert."""
        self.send(net)
        alerts = self.pipeline.evaluated
        assert alerts
        await eventually(lambda: alerts.alert_status.open)
        return alerts.alert_status.open[0].number

    async def reaches(self, net: int) -> None:
        """Wait until this net was evaluated and has an open alert."""
        alerts = self.pipeline.evaluated
        assert alerts
        await eventually(lambda: alerts.alert_status.open[0].value == net)

    async def settled(self, attempts: int = 1) -> None:
        """Wait until this many messages were sent or refused, and stored as such."""
        alerts = self.pipeline.evaluated
        assert alerts
        sent, outbox = alerts.deliveries.outcomes, alerts.outbox
        await eventually(lambda: sent.total() >= attempts and not outbox.load(AT).due)


@asynccontextmanager
async def watched(
    patch: pytest.MonkeyPatch, rules: str = RULES, source: Source = Source.LIVE, **settings: Any
) -> AsyncIterator[Watched]:
    """Run a dashboard with alert rules while the context is open."""
    patch.setattr("northstar.live.delivery.GROUP_S", 0.01)
    patch.setattr("northstar.live.alerting.GROUP_S", 0.01)
    made = Watched(patch, rules, source, settings)
    async with running(made.pipeline):
        await eventually(lambda: made.feed.accept)
        made.feed.link.opened()
        yield made
    made.pipeline.history.store.close()
