"""Send one notification with apprise, or check URLs: JSON in, JSON out.

Undocumented parts of apprise used here, and by no other module:

- `convert_between` of `apprise.plugins.email.base`: the text beside the HTML of a mail. Without it,
  readers without HTML would get what apprise makes of the page.
- `NotifyEmail.inline`, `NotifyBase.resolve_format()`, `socket_connect_timeout` and
  `socket_read_timeout`. Without them, pictures would be attached instead of shown, and a server
  that does not answer would be waited for until the process is killed.
- the texts of its log. Without them, the reason of a failure would be unknown.
"""

import json
import logging
import os
import re
import sys
from base64 import b64decode
from collections.abc import Iterable, Mapping
from contextlib import redirect_stdout
from http import HTTPStatus
from typing import Any

from apprise import Apprise, AppriseAsset, AppriseAttachment, NotifyBase, NotifyFormat
from apprise.attachment.memory import AttachMemory
from apprise.plugins.email import base as mail

NICENESS = 10
TIMEOUT_S = 8.0  # of a connection, and of each answer
MAILS = {"mailto", "mailtos"}
# Answers of mail servers, as smtplib writes them, and codes of HTTP as apprise does.
MAIL_ANSWER = re.compile(r"""\(?([45]\d\d), b(['"])(.*?)\2""", re.DOTALL)
HTTP_STATUS = re.compile(r"error[= ](\d{3})\b")
SYSTEM_REASON = re.compile(r"\[(?:Errno )?[^\]]*\] ([^'\")]+)")
DETAIL = "Socket Exception: "
PASSING = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}


class Records(logging.Handler):
    """Collects what apprise logs, the only place where it says why a message was not sent."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    @property
    def reason(self) -> str:
        """The reason of a failure: the other side's words, or else apprise's."""
        texts = [record.getMessage() for record in self.records]
        details = [text.removeprefix(DETAIL) for text in texts if text.startswith(DETAIL)]
        for detail in reversed(details):
            if found := MAIL_ANSWER.search(detail):
                return f"{found[1]} {found[3]}"
        warnings = [each.getMessage() for each in self.records if each.levelno >= logging.WARNING]
        summary = warnings[-1] if warnings else "apprise does not say why"
        if not details:
            return summary
        found = SYSTEM_REASON.search(details[-1])
        return f"{summary}: {found[1] if found else details[-1]}"


def main() -> None:
    """Read standard input, with a priority lower than that of the server."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    given = json.load(sys.stdin)
    with redirect_stdout(sys.stderr):  # a service may print
        outcome = check(given) if sys.argv[1:] == ["check"] else send(given)
    json.dump(outcome, sys.stdout)


def check(urls: Iterable[str]) -> list[bool]:
    """Return which URLs apprise supports."""
    return [service_of(url) is not None for url in urls]


def send(message: Mapping[str, Any]) -> dict[str, Any]:
    """Send a message; return whether it was sent, and if not, why and whether that is final."""
    logger, records = logging.getLogger("apprise"), Records()
    logger.addHandler(records)
    logger.setLevel(logging.DEBUG)
    service = service_of(message["url"])
    if service is None:
        return {"is_sent": False, "reason": "apprise does not know its url", "is_final": True}
    is_sent = bool(notify(service, message))
    reason = "" if is_sent else records.reason
    return {"is_sent": is_sent, "reason": reason, "is_final": is_final(reason)}


def service_of(url: str) -> NotifyBase | None:
    """Return the service of a URL; None if there is none.

    Nothing is read from or written to disk, and no redirect is followed. The process has a time
    limit, so the services need none that takes another thread.
    """
    asset = AppriseAsset(
        app_id="NorthStar",
        app_desc="NorthStar",
        app_url="",
        image_url_mask="",
        async_mode=False,
        interpret_escapes=False,
        interpret_emojis=False,
        http_redirects=False,
        pgp_autogen=False,
        pem_autogen=False,
        storage_mode="memory",
        service_timeout=0,
    )
    return Apprise.instantiate(url, asset=asset)


def notify(service: NotifyBase, message: Mapping[str, Any]) -> bool:
    """Send a message as text, or as HTML with the picture in it where a mail is sent as such."""
    service.socket_connect_timeout = service.socket_read_timeout = TIMEOUT_S
    sender = Apprise()
    sender.add(service)
    files = AppriseAttachment()
    for name, media_type, content in message["files"]:
        file = AttachMemory(b64decode(content), name, media_type)  # type: ignore[no-untyped-call]
        files.add(file)
    body, form = message["body"], NotifyFormat.TEXT
    takes_html = service.resolve_format(NotifyFormat.HTML) == NotifyFormat.HTML
    if message["html"] and takes_html and service.schema in MAILS:
        # The text for readers without HTML is ours, not what apprise makes of the page.
        mail.convert_between = lambda *_: message["body"]  # type: ignore[attr-defined]
        body, form = message["html"], NotifyFormat.HTML
        service.inline = True  # type: ignore[attr-defined]
    return bool(
        sender.notify(body=body, title=message["title"], body_format=form, attach=files or None)
    )


def is_final(reason: str) -> bool:
    """Return whether the other side has refused the message for good."""
    if found := HTTP_STATUS.search(reason):
        status = int(found[1])
        is_client_error = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
        return is_client_error and status not in PASSING
    return bool(re.match(r"5\d\d ", reason))


if __name__ == "__main__":
    main()
