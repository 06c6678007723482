"""What the instances of a cluster need."""

from collections.abc import Mapping

from northstar.errors import ConfigurationError


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
