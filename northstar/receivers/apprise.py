"""The services of apprise: chats, mail, push messages.

apprise blocks, starts threads that it does not end, and takes 20 MB. It runs in a separate process
for each message, which can be killed.
"""

import json
import subprocess
from base64 import b64encode
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from northstar import programs
from northstar.alerts.notifications import Notification
from northstar.alerts.receivers import Receiver
from northstar.errors import ConfigurationError, DeliveryError, ProgramError
from northstar.receivers.secrecy import without_secrets

PROGRAM = "northstar.receivers.apprise_program"
LIMIT_S = 20.0
CHECK_LIMIT_S = 60.0
MISSING = 'apprise is not installed: pip install "northstar-pnl[alerts]"'


class Apprise:
    """Sends notifications to one URL of apprise."""

    def __init__(self, receiver: Receiver) -> None:
        self._url = receiver.url.get_secret_value() if receiver.url else ""

    async def send(self, notification: Notification) -> None:
        request = json.dumps({"url": self._url, **content(notification)}).encode()
        try:
            outcome = json.loads(await programs.run(PROGRAM, request, LIMIT_S))
        except ProgramError as error:
            reason = str(error) if find_spec("apprise") else MISSING
            raise DeliveryError(without_secrets(reason, self._url)) from error
        if not outcome["is_sent"]:
            reason = without_secrets(outcome["reason"], self._url)
            raise DeliveryError(reason, is_final=outcome["is_final"])


def content(notification: Notification) -> dict[str, Any]:
    """Return the input of the program for a notification."""
    return {
        "title": notification.title,
        "body": notification.body,
        "html": notification.html,
        "files": [
            (each.name, each.media_type, b64encode(each.content).decode())
            for each in notification.attachments
        ],
    }


def check(receivers: Sequence[Receiver]) -> None:
    """Raise `ConfigurationError` if apprise is missing or does not support a receiver's URL."""
    if not receivers:
        return
    names = ", ".join(each.name for each in receivers)
    if find_spec("apprise") is None:
        raise ConfigurationError(f"receivers {names}: {MISSING}")
    urls = [each.url.get_secret_value() for each in receivers if each.url]
    try:
        checked = subprocess.run(  # noqa: S603 (our own program)
            [*programs.command(PROGRAM), "check"],
            check=True,
            cwd=programs.FOLDER,
            input=json.dumps(urls).encode(),
            capture_output=True,
            timeout=CHECK_LIMIT_S,
        )
    except subprocess.SubprocessError as error:
        raise ConfigurationError(f"receivers {names}: apprise cannot be started") from error
    known = json.loads(checked.stdout)
    unknown = [each.name for each, is_known in zip(receivers, known, strict=True) if not is_known]
    if unknown:
        lines = (f"receivers.{name}: url is none that apprise knows" for name in unknown)
        raise ConfigurationError("\n".join(lines))
