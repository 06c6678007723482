"""Create the sender for a receiver.

Not in `__init__`: the process that runs apprise imports the package, and does not need this.
"""

from collections.abc import Iterable
from typing import Protocol

from northstar.alerts.notifications import Notification
from northstar.alerts.receivers import Receiver
from northstar.receivers import apprise
from northstar.receivers.webhook import Webhook


class Sender(Protocol):
    """Sends to one receiver."""

    async def send(self, notification: Notification) -> None:
        """Send a notification once, in at most half a minute.

        Raises `DeliveryError`. If it is cancelled, nothing is left behind; the notification may
        have been sent.
        """


def create(receiver: Receiver) -> Sender:
    """Return the sender for a receiver."""
    return Webhook(receiver) if receiver.webhook else apprise.Apprise(receiver)


def check(receivers: Iterable[Receiver]) -> None:
    """Raise `ConfigurationError` if apprise is missing or does not support a receiver's URL."""
    apprise.check([each for each in receivers if each.url])
