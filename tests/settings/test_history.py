"""The settings of the history: where it is kept, for how long, and when a day closes."""

from datetime import time

import pytest

from northstar.errors import ConfigurationError
from northstar.settings.loading import load

URL = "ws://host/stream"


def refusal(*arguments: str) -> str:
    """Return the error of a refused command line."""
    with pytest.raises(ConfigurationError) as refused:
        load(["--ws-url", URL, *arguments])
    return str(refused.value)


def test_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is to be set up: a file in a data folder, and days from midnight to midnight."""
    monkeypatch.delenv("NORTHSTAR_DB")
    settings = load(["--ws-url", URL])

    assert (settings.db, settings.day_close) == ("data/northstar.db", time(0))
    kept = settings.keep_seconds_h, settings.keep_minutes_d, settings.keep_days_d
    assert kept == (48, 90, 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("17:00", time(17)), ("4:30", time(4, 30)), ("00:00", time(0)), (" 23:59 ", time(23, 59))],
)
def test_day_close(text: str, expected: time) -> None:
    """It is a time of day, to the minute."""
    assert load(["--ws-url", URL, "--day-close", text]).day_close == expected


@pytest.mark.parametrize("text", ["24:00", "17", "17:60", "5pm", "17:00:00", "\u0661\u0667:00"])
def test_day_close_that_is_none(text: str) -> None:
    """Anything else is refused, with what was expected."""
    said = refusal("--day-close", text)

    assert "NORTHSTAR_DAY_CLOSE / --day-close is" in said
    assert said.endswith("expected a time of day such as 17:00")


@pytest.mark.parametrize(
    "db", ["/var/lib/n.db", "sqlite:///n.db", "postgresql://me@host/pnl", "postgres://host/pnl"]
)
def test_db(db: str) -> None:
    """It is a file or a PostgreSQL database."""
    assert load(["--ws-url", URL, "--db", db]).db == db


@pytest.mark.parametrize(
    "db",
    [
        "mysql://me:secret@host/pnl",
        "mysql://host/pnl?password=secret",
        "mysql://me'secret:secret\nsecret@host/pnl",
        ":memory:",
        "sqlite:///:memory:",
        "https://host",
        "postgresql:/me:secret@host/pnl",
        "postgres:me:secret@host/pnl",
        "host=/run/postgresql dbname=pnl password=secret",
        "password = 'secret'",
    ],
)
def test_db_of_another_kind(db: str) -> None:
    """Another one is refused, and so is memory, which would forget; no password is printed."""
    said = refusal("--db", db)

    assert "NORTHSTAR_DB / --db is" in said
    assert said.endswith("expected a file path or postgresql://user@host/database")
    assert "secret" not in said


def test_db_with_an_at_sign_in_the_password() -> None:
    """What follows it would be taken for the host, and shown as one that does not exist."""
    said = refusal("--db", "postgresql://me:sec@ret@host/pnl")

    assert said == "NORTHSTAR_DB / --db is '…@host/pnl': expected each @ in user or password as %40"


def test_password_of_the_db_is_not_shown() -> None:
    """Printing the settings does not tell it."""
    settings = load(["--ws-url", URL, "--db", "postgresql://me:secret@host/pnl"])

    assert "secret" not in repr(settings)


@pytest.mark.parametrize(
    ("flag", "value"),
    [("--keep-seconds-h", "0"), ("--keep-minutes-d", "-1"), ("--keep-days-d", "ever")],
)
def test_keeping_for_a_time_that_is_none(flag: str, value: str) -> None:
    """A time for which nothing can be kept is refused by its name."""
    assert f"{flag} is '{value}': expected" in refusal(flag, value)
