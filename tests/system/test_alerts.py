"""Alerts from a real stream to a real webhook."""

from pathlib import Path

import pytest

from northstar.errors import ConfigurationError
from northstar.settings.table import Settings
from northstar.wiring import create_pipeline
from support.hooks import Hook, hook
from support.inprocess import dashboard
from support.sources import Stream
from support.today import now
from support.waiting import until

__all__ = ["hook"]

RULES = """
[receivers.desk]
webhook = "{url}"
private = true

[rules.floor]
kind = "net_below"
limit = 0
severity = "critical"
"""


@pytest.fixture(autouse=True)
def _shorter_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("northstar.live.alerting.GROUP_S", 0.05)
    monkeypatch.setattr("northstar.live.delivery.GROUP_S", 0.05)


def settings(folder: Path, hook: Hook, source: Stream, rules: str = RULES) -> Settings:
    """Return the settings of a dashboard with rules."""
    path = folder / "alerts.toml"
    path.write_text(rules.format(url=hook.url))
    return Settings(
        ws_url=source.url,
        alerts=path,
        db=str(folder / "history.db"),
        public_url="https://pnl.example.com/desk/",
    )


def test_alert_of_a_stream(source: Stream, hook: Hook, tmp_path: Path) -> None:
    """A loss is sent with value and link, and its end after a restart, each once."""
    configured = settings(tmp_path, hook, source)
    with dashboard(configured):
        until(lambda: source.clients)
        source.send(now(revenue=100, expenses=250.5))
        until(lambda: hook.kinds == ["began"])
    (message,) = hook.messages
    assert message["title"].startswith("CRITICAL: net -$150.50 is below $0.00")
    (event,) = message["events"]
    assert (event["value"], event["severity"]) == ("-150.5", "critical")
    assert event["link"].startswith("https://pnl.example.com/desk/history?from=")
    with dashboard(configured):
        until(lambda: source.clients)
        source.send(now(revenue=100, expenses=250))
        source.send(now(revenue=300, expenses=250))
        until(lambda: hook.kinds == ["began", "over"])
    assert len(hook.events) == 2


def test_file_with_a_mistake(source: Stream, hook: Hook, tmp_path: Path) -> None:
    """A mistake in the file refuses the start, and so does a service unknown to apprise."""
    wrong = settings(tmp_path, hook, source, "[rules.a]\nkind = 'stale'\nfro = 1")
    with pytest.raises(ConfigurationError, match=r"alerts.toml: rules.a: fro: unknown field"):
        create_pipeline(wrong)
    unknown = settings(tmp_path, hook, source, "[receivers.a]\nurl = 'nosuch://secret'")
    with pytest.raises(ConfigurationError, match=r"receivers.a: url is none that apprise knows"):
        create_pipeline(unknown)


def test_demo_calls_nobody(hook: Hook, tmp_path: Path) -> None:
    """A demo with rules records what it would have sent, and sends nothing."""
    path = tmp_path / "alerts.toml"
    path.write_text(RULES.format(url=hook.url).replace("net_below", "net_above"))
    outcome = 'northstar_alert_deliveries_total{outcome="not sent",receiver="webhook"} 1.0'
    with dashboard(Settings(demo=True, alerts=path)) as at:
        until(lambda: outcome in at.get("/metrics").text)
        found = at.get("/metrics").text
    assert 'northstar_alerts{state="firing"} 1.0' in found
    assert 'northstar_alert_events_total{kind="began"} 1.0' in found
    assert "northstar_alert_outbox_events 0.0" in found
    assert hook.attempts == 0
