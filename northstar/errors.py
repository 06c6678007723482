"""Exceptions, grouped by what the caller does next.

NorthStarError
├── ConfigurationError   refuse to start
├── MessageError         drop this message, keep the last good state
│   ├── Ignored          another event; not for us
│   ├── Rejected         not a valid update
│   └── OutOfOrder       older than the state we hold
├── LinkError            the source is out of reach; try again later
├── StoreError           the store of the past is out of reach; keep it in memory, try again later
│   ├── StoreReplaced    it is no longer the one that was opened; open it again
│   └── StoreUnusable    it is damaged, or not of this version; refuse to start
└── Refused              answer a request with its status and reason, and nothing else
"""

from collections.abc import Mapping


class NorthStarError(Exception):
    """Base of every error this package raises on purpose."""


class ConfigurationError(NorthStarError):
    """A setting is missing or wrong: the program must not start."""


class MessageError(NorthStarError):
    """A message from the source that does not become part of the state."""


class Ignored(MessageError):
    """A well-formed message of another event than `pnl-update`."""


class Rejected(MessageError):
    """A message that is not a valid update; `field` is its path on the wire ("" for the whole)."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field = field
        self.reason = reason


class OutOfOrder(MessageError):
    """An update with an older timestamp than the last accepted one."""


class LinkError(NorthStarError):
    """The connection to the source failed or ended."""


class StoreError(NorthStarError):
    """The store cannot be read or written; says why, in a person's words."""


class StoreReplaced(StoreError):
    """What was opened was removed, replaced, emptied or restored, or can only be read."""


class StoreUnusable(StoreError):
    """The store is there, and what is in it is not as it should be: that does not pass."""


class Refused(NorthStarError):
    """A request that is not answered as asked; says why, with a status and headers of HTTP."""

    def __init__(self, status: int, reason: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.headers = headers
