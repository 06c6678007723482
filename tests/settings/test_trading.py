"""The settings of trading days: weekdays, holidays and the tolerance of restatements."""

import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from northstar import wiring
from northstar.domain.weekdays import EVERY_WEEKDAY
from northstar.errors import ConfigurationError
from northstar.settings.loading import load
from northstar.settings.table import Settings
from northstar.wiring import create_pipeline
from support.checkout import ROOT

CHRISTMAS = date(2026, 12, 25)
EPIPHANY = date(2026, 1, 6)  # a holiday in Bavaria but not in Berlin


def settings(*arguments: str) -> Settings:
    """Return the settings of a demo with these arguments."""
    return load(["--demo", *arguments])


def refusal(*arguments: str) -> str:
    """Return the error for these arguments."""
    with pytest.raises(ConfigurationError) as refused:
        settings(*arguments)
    return str(refused.value)


@pytest.mark.parametrize(
    ("text", "weekdays"),
    [
        ("all", {0, 1, 2, 3, 4, 5, 6}),
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("sun-thu", {6, 0, 1, 2, 3}),
        ("mon,wed,fri", {0, 2, 4}),
        (" Monday - Thursday , SAT ", {0, 1, 2, 3, 5}),
        ("sat", {5}),
        ("mon-mon", {0}),
    ],
)
def test_weekdays(text: str, weekdays: set[int]) -> None:
    """Weekdays are names and ranges, which may cross the end of the week."""
    assert set(settings("--trading-days", text).trading_days) == weekdays


def test_defaults() -> None:
    """By default every day is a trading day, as the help says."""
    assert settings().trading_days == EVERY_WEEKDAY
    assert str(settings().trading_days) == "all"
    assert CHRISTMAS not in settings().holidays


@pytest.mark.parametrize("text", ["", "mon-", "mo-fr", "mon fri", "weekdays", "mon,,fri", "1-5"])
def test_no_weekdays(text: str) -> None:
    """Any other value is refused with the expected form."""
    assert refusal("--trading-days", text) == (
        f"NORTHSTAR_TRADING_DAYS / --trading-days is {text!r}: expected all, or weekdays such as"
        " mon-fri or mon,wed,fri"
    )


@pytest.mark.parametrize(
    ("code", "day", "is_holiday"),
    [
        ("US", date(2026, 7, 3), True),  # the 4th is a Saturday
        ("us", date(2026, 7, 3), True),
        ("DE-BY", EPIPHANY, True),
        ("DE-BE", EPIPHANY, False),
        ("DE-BE,DE-BY", EPIPHANY, True),
        ("NYSE", date(2026, 4, 3), True),  # Good Friday, no federal holiday
        ("US", date(2026, 4, 3), False),
        ("NYSE", date(2031, 11, 27), True),
        ("NYSE", date(2026, 11, 25), False),
    ],
)
def test_codes(code: str, day: date, is_holiday: bool) -> None:  # noqa: FBT001
    """The holidays of a country, of a part of one or of a market are known for any year."""
    assert (day in settings("--holidays", code).holidays) is is_holiday


def test_file(tmp_path: Path) -> None:
    """A file has a date per line, comments and maybe a byte order mark, and combines with codes."""
    path = tmp_path / "closed.txt"
    path.write_text("\ufeff# ours\n2026-08-17\r\n\n  2026-08-18 # the move\n", "utf-8")

    holidays = settings("--holidays", f"{path}, US").holidays

    assert date(2026, 8, 17) in holidays
    assert date(2026, 8, 18) in holidays
    assert CHRISTMAS in holidays
    assert date(2026, 8, 19) not in holidays


@pytest.mark.parametrize(
    ("value", "content", "words"),
    [
        ("XX", None, "'XX' is no such code and no file"),
        ("DE-XX", None, "'DE-XX' is no such code and no file"),
        ("US,missing.txt", None, "'missing.txt' is no such code and no file"),
        (".", None, ". cannot be read: Is a directory"),
        ("f.txt", b"2026-12-25\n24.12.2026\n", "line 2 of f.txt is '24.12.2026'; expected a date"),
        ("f.txt", b"2026-12-25 # F\xfcr alle\n", "line 1 of f.txt is not UTF-8"),
    ],
)
def test_no_holidays(value: str, content: bytes | None, words: str) -> None:
    """An unknown code, a missing file or an invalid line is refused with its place."""
    if content is not None:
        Path("f.txt").write_bytes(content)

    message = refusal("--holidays", value)

    assert message.startswith(f"NORTHSTAR_HOLIDAYS / --holidays is {value!r}: {words}")


def test_import_is_deferred() -> None:
    """The package of holidays is imported only for a code."""
    program = (
        "import sys; from northstar.settings.loading import load;"
        "load(['--demo']); assert 'holidays' not in sys.modules;"
        "load(['--demo', '--holidays', 'US']); assert 'holidays' in sys.modules"
    )

    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


@pytest.mark.parametrize(
    ("arguments", "tolerance"),
    [
        ([], "0.005"),
        (["--currency", "JPY"], "0.5"),
        (["--currency", "KWD"], "0.0005"),
        (["--restatement-tolerance", "0.5"], "0.5"),
        (["--restatement-tolerance", "0"], "0"),
    ],
)
def test_tolerance(arguments: list[str], tolerance: str) -> None:
    """The tolerance is the configured one, or half of the currency's last decimal."""
    assert wiring.tolerance(settings(*arguments)) == Decimal(tolerance)


@pytest.mark.parametrize("text", ["-1", "nan", "Infinity", "1,5", "0.5 USD", ""])
def test_no_tolerance(text: str) -> None:
    """Any value but a non-negative amount is refused."""
    assert refusal("--restatement-tolerance", text) == (
        f"NORTHSTAR_RESTATEMENT_TOLERANCE / --restatement-tolerance is {text!r}: expected an amount"
        " of 0 or more, such as 0.5"
    )


def test_wired() -> None:
    """The history has the calendar and the tolerance of the settings."""
    given = ["--trading-days", "mon-fri", "--holidays", "US", "--restatement-tolerance", "0.5"]
    pipeline = create_pipeline(settings(*given))
    store = pipeline.history.store

    try:
        assert store.tolerance == Decimal("0.5")
        assert date(2026, 12, 24) in store.calendar.trading
        assert CHRISTMAS not in store.calendar.trading
        assert date(2026, 12, 26) not in store.calendar.trading  # a Saturday
    finally:
        store.close()
