"""The settings of the history: its database, its retention and the close of a day."""

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
    """By default the history is a file in a data folder, and days close at midnight."""
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
    """The close is a time of day in minutes."""
    assert load(["--ws-url", URL, "--day-close", text]).day_close == expected


@pytest.mark.parametrize("text", ["24:00", "17", "17:60", "5pm", "17:00:00", "\u0661\u0667:00"])
def test_day_close_that_is_none(text: str) -> None:
    """Any other close is refused with what was expected."""
    said = refusal("--day-close", text)

    assert "NORTHSTAR_DAY_CLOSE / --day-close is" in said
    assert said.endswith("expected a time of day such as 17:00")


@pytest.mark.parametrize(
    "db", ["/var/lib/n.db", "sqlite:///n.db", "postgresql://me@host/pnl", "postgres://host/pnl"]
)
def test_db(db: str) -> None:
    """The database is a file or PostgreSQL."""
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
    """Other databases and SQLite in memory are refused without printing a password."""
    said = refusal("--db", db)

    assert "NORTHSTAR_DB / --db is" in said
    assert said.endswith("expected a file path or postgresql://user@host/database")
    assert "secret" not in said


def test_db_with_an_at_sign_in_the_password() -> None:
    """An unescaped @ in the password is refused, because the rest would be read as the host."""
    said = refusal("--db", "postgresql://me:sec@ret@host/pnl")

    assert said == "NORTHSTAR_DB / --db is '…@host/pnl': expected each @ in user or password as %40"


def test_password_of_the_db_is_not_shown() -> None:
    """Printing the settings does not print the password."""
    settings = load(["--ws-url", URL, "--db", "postgresql://me:secret@host/pnl"])

    assert "secret" not in repr(settings)


@pytest.mark.parametrize(
    ("flag", "value"),
    [("--keep-seconds-h", "0"), ("--keep-minutes-d", "-1"), ("--keep-days-d", "ever")],
)
def test_keeping_for_a_time_that_is_none(flag: str, value: str) -> None:
    """An invalid retention is refused with its name."""
    assert f"{flag} is '{value}': expected" in refusal(flag, value)
