"""The log: its two formats, masked secrets, and lines of requests."""

import json
import logging
import re
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from northstar.logs import configure, masking, request_id, secrets_in
from northstar.settings.table import Settings

SECRETS = {
    "token": "tok-1a2b3c4d",
    "headers": "X-Key: key-5e6f7g8h",
    "auth_token": "auth-0123456789abcdef",
    "screen_token": "screen-0123456789abcdef",
    "alive_url": "https://ping.test/alive-9i0j",
    "db": "postgresql://keeper:db-pass-w0rd@host/books",
    "ws_url": "ws://host/pnl?key=query-k3y",
    "api_url": "https://reader:api-pass%2Dw0rd@host/api",
}
FORMATS = ("text", "json")
NAMES = ("", "northstar", "uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi")
log = logging.getLogger("northstar.test")


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """Restore the logging configuration afterwards."""
    loggers = [logging.getLogger(name) for name in NAMES]
    before = [(logger, logger.handlers[:], logger.level, logger.propagate) for logger in loggers]
    token = request_id.set(None)
    yield
    request_id.reset(token)
    logging.captureWarnings(capture=False)
    for logger, handlers, level, propagate in before:
        logger.handlers[:] = handlers
        logger.setLevel(level)
        logger.propagate = propagate


class Printed:
    """The log's output after it was set up."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def lines(self) -> list[str]:
        return self._capsys.readouterr().err.splitlines()

    def object(self) -> dict[str, Any]:
        """Return the only line, which must be JSON."""
        [line] = self.lines()
        return dict(json.loads(line))


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Printed:
    """Return the content of standard error."""
    return Printed(capsys)


def set_up(log_format: str = "text", **more: Any) -> None:
    """Set the log up with given settings."""
    configure(Settings.model_validate({"demo": True, "log_format": log_format, **more}))


def fail(words: str) -> None:
    """Log an exception with this text."""
    try:
        _break(words)
    except ValueError:
        log.exception("fault in work")


def _break(words: str) -> None:
    raise ValueError(words)


def test_text(printed: Printed) -> None:
    """A text line has the time, the level, the message and the request's id."""
    set_up()
    log.info("the data is %s", "live")
    request_id.set("abc-1")
    log.warning("history is paused")

    first, second = printed.lines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO the data is live", first)
    assert second.endswith(" WARNING history is paused [abc-1]")


def test_json(printed: Printed) -> None:
    """A JSON line is one object with an aware time."""
    set_up("json")
    request_id.set("abc-1")
    log.info("the data is %s", "live")

    told = printed.object()
    assert datetime.now(UTC) >= datetime.fromisoformat(told.pop("time"))
    assert told == {
        "level": "INFO",
        "logger": "northstar.test",
        "message": "the data is live",
        "request_id": "abc-1",
    }


def test_worker(printed: Printed) -> None:
    """A line of one of several workers has the worker's number."""
    for log_format in ("text", "json"):
        configure(Settings.model_validate({"demo": True, "log_format": log_format}), "2")
        log.info("the data is live")

    text, line = printed.lines()
    assert text.endswith(" INFO worker 2: the data is live")
    assert json.loads(line)["worker"] == "2"


def test_exception_in_text(printed: Printed) -> None:
    """A traceback is indented below its line, so that no line of it looks like another entry."""
    set_up()
    fail("bad\n2026-02-25 22:24:00,000 INFO all is well")

    head, *below = printed.lines()
    assert head.endswith("ERROR fault in work")
    assert len(below) > 3
    assert [line for line in below if not line.startswith("    ")] == []
    assert "ValueError: bad" in below[-2]


def test_exception_in_json(printed: Printed) -> None:
    """A traceback is one field of the object."""
    set_up("json")
    fail("bad\nworse")

    told = printed.object()
    assert told["exception"].startswith("Traceback")
    assert told["exception"].endswith("ValueError: bad\nworse")


@pytest.mark.parametrize("log_format", FORMATS)
@pytest.mark.parametrize(
    "sent", ["\n", "\r\n", "\x1b[2K", "\x00", "\x85", "\u2028", "\u202e", "\u2066", "\ud800"]
)
def test_control_characters(sent: str, log_format: str, printed: Printed) -> None:
    """External text cannot end the line, move the cursor or change the direction."""
    set_up(log_format)
    log.warning("source: %s", f"bad{sent}2026-02-25 INFO all is well")

    [line] = printed.lines()
    assert line.isprintable()
    assert sent.encode("unicode_escape").decode() in line or log_format == "json"


@pytest.mark.parametrize("log_format", FORMATS)
@pytest.mark.parametrize("name", SECRETS)
def test_secrets(name: str, log_format: str, printed: Printed) -> None:
    """No secret is printed in a message or exception, neither raw nor decoded."""
    set_up(log_format, **SECRETS)
    given = SECRETS[name].removeprefix("X-Key: ")
    plain = re.split(r"[@?=:/]", given.replace("%2D", "-"))
    log.warning("cannot reach %s", given)
    fail(f"said {SECRETS['api_url'].replace('%2D', '-')} and {given}")

    text = "\n".join(printed.lines())
    assert "…" in text.replace("\\u2026", "…")
    assert [part for part in plain if re.search(r"\d", part) and part in text] == []


def test_secrets_within_each_other() -> None:
    """A secret that contains another is masked completely."""
    assert masking(["secret", "secret-and-more"])("a secret-and-more, a secret") == "a …, a …"


def test_secrets_too_short() -> None:
    """A secret shorter than four characters is not masked, because it would match everywhere."""
    settings = Settings(
        demo=True, token=SecretStr("abc"), headers={"X-Desk": SecretStr("7")}, db="data/a.db"
    )

    assert secrets_in(settings) == set()
    assert masking(())("nothing to hide") == "nothing to hide"


def test_user_without_a_password() -> None:
    """A user name alone is no secret."""
    assert secrets_in(Settings(demo=True, db="postgresql://keeper@host/books")) == set()


def test_libraries(printed: Printed) -> None:
    """Warnings of libraries are printed in the same format; their information is not."""
    set_up("json")
    logging.getLogger("uvicorn.error").warning("no more files")
    assert printed.object()["logger"] == "uvicorn.error"

    for name in ("uvicorn.access", "uvicorn.error", "websockets.server", "alembic"):
        logging.getLogger(name).info("told")
    assert printed.lines() == []

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("it is old", DeprecationWarning, stacklevel=1)
    assert "it is old" in printed.object()["message"]


def test_logs_set_up_twice(printed: Printed) -> None:
    """After a repeated set-up a line is printed once, also with uvicorn's own."""
    logging.getLogger("uvicorn.error").addHandler(logging.StreamHandler())
    set_up()
    set_up()
    logging.getLogger("uvicorn.error").warning("no more files")

    assert len(printed.lines()) == 1
