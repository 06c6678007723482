"""Alert receivers that a test controls, and a composer for them."""

import asyncio
from collections.abc import Sequence

from northstar.alerts.notifications import Notification
from northstar.alerts.states import Event
from northstar.errors import DeliveryError


class Sink:
    """A receiver that accepts messages, fails while it has a `failure`, or hangs."""

    def __init__(self) -> None:
        self.messages: list[Notification] = []
        self.attempts = 0
        self.failure: DeliveryError | None = None
        self.hangs = False

    async def send(self, notification: Notification) -> None:
        """Accept a message."""
        self.attempts += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.failure:
            raise self.failure
        self.messages.append(notification)

    @property
    def kinds(self) -> list[list[str]]:
        """The kinds of the events of each message."""
        return [[number.split("-")[1] for number in each.numbers] for each in self.messages]


async def compose(events: Sequence[Event]) -> Notification:
    """Return a message with only the numbers of the events."""
    return Notification([event.number for event in events], "title", "body")
