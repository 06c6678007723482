"""Exceptions, grouped by what the caller does next.

NorthStarError
├── ConfigurationError   refuse to start
├── MessageError         drop this message, keep the last good state
│   ├── Ignored          another event
│   ├── Rejected         not a valid update
│   └── OutOfOrder       older than the current state
├── LinkError            the source cannot be reached; try again later
├── StoreError           the history cannot be reached; queue states in memory, try again later
│   ├── StoreReplaced    the database is not the one that was opened; open it again
│   ├── Deposed          another instance of the cluster leads; write nothing
│   └── StoreUnusable    the database is damaged or of another version; refuse to start
├── DeliveryError        a message was not delivered; try again later, or give up
├── ProgramError         a process of ours failed or took too long; the text is the reason
├── PictureError         this machine cannot make pictures; do without them
└── Refused              answer the request with status and reason only
"""

from collections.abc import Mapping


class NorthStarError(Exception):
    """Base class of the errors that this package raises."""


class ConfigurationError(NorthStarError):
    """A setting is missing or invalid: the program must not start."""


class MessageError(NorthStarError):
    """A message from the source was not accepted."""


class Ignored(MessageError):
    """A well-formed message of another event than the configured one, by the name `event`."""

    def __init__(self, event: str) -> None:
        super().__init__(f"event {event!r}")
        self.event = event


class Rejected(MessageError):
    """A message that is not a valid update; `field` is the invalid path ("" for the whole)."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field = field
        self.reason = reason


class OutOfOrder(MessageError):
    """An update older than the last accepted one."""


class LinkError(NorthStarError):
    """The connection to the source failed or ended.

    `status` is that of the HTTP response with which it failed, `retry_after_s` for how long the
    source asks to wait.
    """

    def __init__(
        self, problem: str, *, status: int | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(problem)
        self.status = status
        self.retry_after_s = retry_after_s


class StoreError(NorthStarError):
    """The store cannot be read or written; the text is a readable reason."""


class StoreReplaced(StoreError):
    """The database was removed, replaced, emptied or restored, or became read-only."""


class Deposed(StoreError):
    """Another instance of the cluster leads, or may: only the leader writes."""


class StoreUnusable(StoreError):
    """The content of the store is damaged or of another version; retrying does not help."""


class DeliveryError(NorthStarError):
    """A message was not delivered; the text is the reason, without secrets.

    `retry_after_s` is for how long the receiver asks to wait; `is_final` is whether another
    attempt cannot help.
    """

    def __init__(
        self, reason: str, *, retry_after_s: float | None = None, is_final: bool = False
    ) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s
        self.is_final = is_final


class ProgramError(NorthStarError):
    """A process of ours failed, or took too long; the text is the reason."""


class PictureError(NorthStarError):
    """A picture cannot be made, for example because there is no font; the text is the reason."""


class Refused(NorthStarError):
    """A request is refused with a reason, an HTTP status and headers."""

    def __init__(self, status: int, reason: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.headers = headers
