"""The instances of a cluster, as seen by one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Member:
    """An instance that runs, with the version of its program and the number of its viewers."""

    name: str
    version: str
    viewers: int


@dataclass(frozen=True, slots=True)
class ClusterStatus:
    """The cluster as the instance `name` sees it: who leads since when, and all instances.

    `leader` and `since` are None while nobody leads. `behind_s` is the age of what this instance
    shows: up to 1 s in quiet times, when the leader writes once a second.
    """

    name: str
    leader: str | None
    since: datetime | None
    behind_s: float
    instances: Sequence[Member]

    @property
    def leads(self) -> bool:
        """Whether this instance leads."""
        return self.leader == self.name
