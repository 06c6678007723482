"""Notifications, as they are sent to receivers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file attached to a notification: a picture, or the days of a report."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Notification:
    """One message to one receiver, about one event or several.

    `numbers` are those of the events, by which a receiver can detect a repetition. `title` and
    `body` are plain text, `html` the same as a page for mail, `events` the same as JSON values for
    a webhook.
    """

    numbers: Sequence[str]
    title: str
    body: str
    html: str = ""
    events: Sequence[Mapping[str, Any]] = ()
    attachments: Sequence[Attachment] = ()
