"""The commands `northstar alerts check` and `northstar alerts try`."""

import json
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from northstar import cli
from northstar.commands import alerts
from northstar.errors import ConfigurationError, DeliveryError
from northstar.feeds.recording import Recorder
from support.checkout import ROOT
from support.hooks import Hook, hook

__all__ = ["hook"]

START = datetime(2026, 11, 2, 12, tzinfo=UTC)
RULES = """
[receivers.desk]
webhook = "http://127.0.0.1/hook"

[rules.floor]
kind = "net_below"
limit = -50
for = "2s"

[rules.stale]
kind = "stale"
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Write a file with two rules."""
    path = tmp_path / "alerts.toml"
    path.write_text(RULES)
    return path


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Record a loss of a few seconds and a silence of half a minute."""
    path = tmp_path / "day.jsonl.gz"
    recorder = Recorder(path)
    for second, net in [(0, 0), (1, -60), (2, -60), (3, -60), (4, 10), (34, 10)]:
        at = START + timedelta(seconds=second)
        message = {"timestamp": at.isoformat(), "revenue": net + 100, "expenses": 100}
        recorder.write(json.dumps(message), at)
    recorder.close()
    return path


def test_check_prints_each_rule(rules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A valid file is printed as sentences in the currency of the settings."""
    alerts.run(["check", str(rules), "--currency", "EUR"], "northstar")
    assert capsys.readouterr().out.splitlines() == [
        "floor: warning when net is below -€50.00 for 2 s; to all receivers",
        "stale: warning when the data is stale; to all receivers",
        f"{rules} is valid: 2 rules, 1 receiver",
    ]


def test_check_of_a_file_with_a_mistake(rules: Path) -> None:
    """A mistake is reported with file, rule and field."""
    rules.write_text("[rules.a]\nkind = 'stale'\nfro = 1")
    with pytest.raises(ConfigurationError, match=r"alerts.toml: rules.a: fro: unknown field"):
        alerts.run(["check", str(rules)], "northstar")


def test_check_of_an_unknown_service(rules: Path) -> None:
    """A receiver that would refuse the start is a mistake, too."""
    rules.write_text("[receivers.a]\nurl = 'nosuch://secret'\n[rules.a]\nkind = 'stale'")
    with pytest.raises(ConfigurationError, match=r"receivers.a: url is none that apprise knows"):
        alerts.run(["check", str(rules)], "northstar")


def test_check_of_the_example() -> None:
    """The example in deploy/ is a valid file."""
    alerts.run(["check", str(ROOT / "deploy" / "alerts.example.toml")], "northstar")


def test_check_of_the_documentation(rules: Path) -> None:
    """The examples on the documentation page about alerts form a valid file."""
    page = (ROOT / "docs" / "alerts.md").read_text()
    rules.write_text("\n".join(re.findall(r"^```toml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)))
    alerts.run(["check", str(rules)], "northstar")


def test_try_on_a_recording(
    rules: Path, recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A recording gives the same events in every run, at the recorded times."""
    arguments = ["try", str(rules), "--replay", str(recording), "--timezone", "Europe/Berlin"]
    alerts.run(arguments, "northstar")
    first = capsys.readouterr().out
    alerts.run(arguments, "northstar")
    assert capsys.readouterr().out == first
    assert first.splitlines() == [
        "2026-11-02 13:00:03 warning floor began at -$60.00, limit -$50.00, to desk",
        "2026-11-02 13:00:04 warning floor over at $10.00, limit -$50.00, to desk",
        "2026-11-02 13:00:14 warning stale began, to desk",
        "2026-11-02 13:00:34 warning stale over, to desk",
        "4 events of 2 rules, 1 receiver",
    ]


def test_test_of_the_receivers(rules: Path, hook: Hook, capsys: pytest.CaptureFixture[str]) -> None:
    """A message marked TEST is sent to the receivers of a rule."""
    address = f'"{hook.url}"\nprivate = true'
    rules.write_text(RULES.replace('"http://127.0.0.1/hook"', address))
    alerts.run(["test", str(rules)], "northstar")
    assert capsys.readouterr().out == "desk: delivered\n"
    (message,) = hook.messages
    assert message["title"].startswith("TEST · WARNING: net -$55.00 is below -$50.00")
    assert message["events"][0]["is_test"] is True


def test_test_that_is_not_delivered(rules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If a receiver cannot be reached, the command fails with the reason."""
    with pytest.raises(DeliveryError):
        alerts.run(["test", str(rules)], "northstar")
    assert "desk: not delivered: is at a private address" in capsys.readouterr().out


def test_test_of_an_unknown_rule(rules: Path) -> None:
    """A rule that is not in the file is refused with the known ones."""
    with pytest.raises(ConfigurationError, match=r"no rule 'x'; expected floor, stale"):
        alerts.run(["test", str(rules), "--rule", "x"], "northstar")


def test_command_line(
    rules: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command runs from the command line; an error exits with code 2."""
    monkeypatch.setattr(sys, "argv", ["northstar", "alerts", "check", f"{rules}.none"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert "alerts.toml.none cannot be read: No such file" in capsys.readouterr().err


def test_command_without_a_recording(rules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing option gives a short error."""
    with pytest.raises(SystemExit):
        alerts.run(["try", str(rules)], "northstar")
    assert "--replay" in capsys.readouterr().err
