"""The settings of a cluster, shared by its instances."""

import pytest

from northstar.settings.loading import load
from support.command_line import refusal

URL = ("--ws-url", "ws://host/stream")
DB = "postgresql://me:secret@host/pnl"


def test_defaults() -> None:
    """By default there is no cluster."""
    settings = load(URL)

    assert (settings.cluster, settings.drain_s, settings.admit_rate) == (False, 10, 300)


@pytest.mark.parametrize("db", [DB, DB.replace("postgresql", "postgres")])
def test_postgresql(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster uses a PostgreSQL database."""
    monkeypatch.setenv("NORTHSTAR_CLUSTER", "true")

    assert load([*URL, "--db", db]).cluster


@pytest.mark.parametrize("db", ["data/northstar.db", "sqlite:///northstar.db"])
def test_another_database(db: str) -> None:
    """Without PostgreSQL a cluster is refused with what is missing."""
    said = refusal(*URL, "--cluster", "--db", db)

    assert said.endswith("set NORTHSTAR_DB=postgresql://user@host/database")


@pytest.mark.parametrize("source", [("--demo",), ("--replay", "day.jsonl")])
def test_source_that_is_not_real(source: tuple[str, ...]) -> None:
    """A demo or a replay cannot be a cluster, because each instance would show another one."""
    said = refusal(*source, "--cluster", "--db", DB)

    assert "not with --demo or --replay" in said
    assert "secret" not in said


def test_workers() -> None:
    """Several workers are a cluster, and one is not."""
    assert load([*URL, "--workers", "2", "--db", DB]).cluster
    assert not load([*URL, "--workers", "1"]).cluster


def test_workers_without_a_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """Disabling the cluster with several workers is refused with the remedy."""
    monkeypatch.setenv("NORTHSTAR_CLUSTER", "false")
    said = refusal(*URL, "--workers", "2", "--db", DB)

    assert said.endswith("several workers are a cluster: set NORTHSTAR_WORKERS=1 too")
    assert not load([*URL, "--workers", "1", "--db", DB]).cluster


def test_workers_on_sqlite() -> None:
    """Workers on SQLite are refused with the reason."""
    said = refusal(*URL, "--workers", "2")

    assert said.startswith("several workers (NORTHSTAR_WORKERS / --workers is 2): all instances")


@pytest.mark.parametrize("number", ["0", "65", "many"])
def test_number_of_workers(number: str) -> None:
    """The number of workers is from 1 to 64."""
    assert "NORTHSTAR_WORKERS / --workers is" in refusal(*URL, "--db", DB, "--workers", number)
