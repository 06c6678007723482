"""Check the settings that the instances of a cluster need."""

from collections.abc import Mapping
from typing import Any

from northstar.errors import ConfigurationError

# With other values, an instance would show the same number as another one, or keep other days.
COMMON = ("currency", "decimals", "timezone", "day_close", "trading_days")


def cluster_of_workers(given: Mapping[str, object]) -> Mapping[str, object]:
    """Return the settings of several workers, which are the instances of a cluster."""
    alone = str(given.get("workers", "1")).strip() == "1"
    return {} if alone or "cluster" in given else {"cluster": True}


def check_cluster(db: str, workers: int, *, cluster: bool, unreal: bool) -> None:
    """Raise `ConfigurationError` if instances with these settings have no state in common."""
    names = "NORTHSTAR_CLUSTER / --cluster"
    if workers > 1 and not cluster:
        raise ConfigurationError(
            f"{names} is false, but several workers are a cluster: set NORTHSTAR_WORKERS=1 too"
        )
    if not cluster:
        return
    if workers > 1:
        names = f"several workers (NORTHSTAR_WORKERS / --workers is {workers})"
    if unreal:
        raise ConfigurationError(
            f"{names}: not with --demo or --replay, whose history is temporary"
        )
    if not db.startswith(("postgresql://", "postgres://")):
        raise ConfigurationError(
            f"{names}: all instances need one database, and SQLite has one writer: set"
            " NORTHSTAR_DB=postgresql://user@host/database"
        )


def common(settings: Any) -> Mapping[str, str]:
    """Return the settings that all instances must have in common, by variable."""
    return {f"NORTHSTAR_{name.upper()}": str(getattr(settings, name)) for name in COMMON}


def require_common(ours: Mapping[str, str], theirs: Mapping[str, str]) -> None:
    """Raise `ConfigurationError` if the leader's settings differ; what only one has does not."""
    other = [
        f"{name} is {value!r} here, and {theirs[name]!r} at the instance that leads"
        for name, value in ours.items()
        if theirs.get(name, value) != value
    ]
    if other:
        raise ConfigurationError("; ".join(other))
