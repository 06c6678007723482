"""Prometheus and Grafana in deploy/: existing metrics, rules that fire, a dashboard."""

import json
import re
import subprocess
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from northstar.settings.table import Settings
from support.checkout import ROOT
from support.guards import BEARER, client_of, guarded
from support.programs import find_program

RULES = ROOT / "deploy" / "prometheus-rules.yml"
DASHBOARD = ROOT / "deploy" / "grafana-dashboard.json"
TEST_OF_RULES = ROOT / "tests" / "support" / "prometheus" / "rules-test.yml"
SELECTED = re.compile(r"(\w+)\{([^}]*)\}")


@pytest.fixture
def metrics(tmp_path: Path) -> Settings:
    """Return the settings of a dashboard with alert rules, which has all metrics."""
    file = tmp_path / "alerts.toml"
    file.write_text("[receivers.desk]\nwebhook = 'https://example.org'\n")
    return guarded(alerts=file)


async def served(settings: Settings) -> str:
    """Return the answer of `/metrics`."""
    async with client_of(settings) as client:
        return str((await client.get("/metrics", headers=BEARER)).text)


def queries() -> list[str]:
    """Return the queries of the dashboard, with values for its variables."""
    dashboard = json.loads(DASHBOARD.read_text())
    targets = [target for panel in dashboard["panels"] for target in panel["targets"]]
    variables = {"$__rate_interval": "5m", "$job": ".*", "$instance": ".*"}
    found = [target["expr"] for target in targets]
    for name, value in variables.items():
        found = [query.replace(name, value) for query in found]
    return found


def conditions() -> list[str]:
    """Return the expressions of the rules."""
    (group,) = yaml.safe_load(RULES.read_text())["groups"]
    return [rule["expr"] for rule in group["rules"]]


def promtool(*arguments: str, text: str = "") -> None:
    """Run promtool, which must succeed; without it skip the test, or fail it on a CI machine."""
    command = [find_program("promtool", "make servers"), *arguments]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


async def test_metrics_that_are_named(metrics: Settings) -> None:
    """Every metric in a rule or the dashboard exists with the labels used."""
    known: dict[str, set[str]] = {"up": set()}
    for family in text_string_to_metric_families(await served(metrics)):
        known.setdefault(family.name, set())  # a metric without samples before the first message
        for sample in family.samples:
            known.setdefault(sample.name, set()).update(sample.labels)
    everything = "\n".join([*queries(), *conditions()])
    names = set(re.findall(r"\b(?:northstar|process)_\w+(?=[{\[ )]|$)", everything, re.MULTILINE))

    assert names <= known.keys()
    assert len(names) > 15
    for name, labels in SELECTED.findall(everything):
        asked = set(re.findall(r"(\w+)\s*(?:=~|=|!=)", labels)) - {"job", "instance"}
        assert asked <= known[name], name


def test_dashboard() -> None:
    """Panels have unique ids, do not overlap, and use the chosen data source."""
    dashboard = json.loads(DASHBOARD.read_text())
    panels = dashboard["panels"]

    assert len({panel["id"] for panel in panels}) == len(panels)
    assert dashboard["id"] is None
    for panel in panels:
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
    assert not any(
        overlap(one["gridPos"], other["gridPos"]) for one, other in combinations(panels, 2)
    )


def overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Return whether two boxes overlap."""
    return all(
        one[at] < other[at] + other[size] and other[at] < one[at] + one[size]
        for at, size in (("x", "w"), ("y", "h"))
    )


def test_rules() -> None:
    """Prometheus accepts the rules."""
    promtool("check", "rules", str(RULES))


def test_rules_fire(tmp_path: Path) -> None:
    """Each rule fires for its fault, but not for a healthy instance or too early."""
    test = tmp_path / "test.yml"
    test.write_text(TEST_OF_RULES.read_text().replace("RULES", str(RULES)))
    promtool("test", "rules", str(test))


def test_every_rule_is_tested() -> None:
    """Each rule has a case in which it fires."""
    (group,) = yaml.safe_load(RULES.read_text())["groups"]
    cases = [
        case
        for test in yaml.safe_load(TEST_OF_RULES.read_text())["tests"]
        for case in test["alert_rule_test"]
    ]

    fire = {case["alertname"] for case in cases if case.get("exp_alerts")}
    assert fire == {rule["alert"] for rule in group["rules"]}


def test_queries_of_the_dashboard(tmp_path: Path) -> None:
    """Prometheus accepts every query of the dashboard."""
    rules = [{"record": f"query:{number}", "expr": query} for number, query in enumerate(queries())]
    file = tmp_path / "queries.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    promtool("check", "rules", str(file))


async def test_metrics_as_prometheus_reads_them(metrics: Settings) -> None:
    """Prometheus reads the metrics without a lint warning."""
    text = await served(metrics)
    promtool("check", "metrics", text=text)
