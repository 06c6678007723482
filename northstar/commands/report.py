"""`northstar report`: print the report of a day, or write it as a page."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from northstar.errors import ConfigurationError
from northstar.history.store import Store
from northstar.reports.daily import Daily, make_daily
from northstar.reports.periods import PeriodError, read_date
from northstar.reports.report import Feed
from northstar.settings.command_line import CommandLine
from northstar.settings.loading import load
from northstar.settings.table import Settings
from northstar.view.daily.page import charts, page, text
from northstar.view.daily.wording import wording
from northstar.view.shared import theme
from northstar.view.shared.assets import ASSETS
from northstar.view.shared.money import Notation
from northstar.view.shared.panels import REAL
from northstar.wiring import open_for_reading

NOT_CONNECTED = Feed("not connected", None)
OTHERS = "Other options are settings, such as --db and --timezone."


def run(arguments: Sequence[str], program: str) -> None:
    """Run `northstar report`. Raises `ConfigurationError`, and `StoreError`."""
    parser = CommandLine(
        prog=f"{program} report",
        description="Print the report of a day, or write it as a page.",
        epilog=OTHERS,
    )
    parser.add_argument("--date", metavar="YYYY-MM-DD", help="the day; default: the running one")
    parser.add_argument("--html", metavar="FILE", type=Path, help="write it as a page to this file")
    given, others = parser.parse_known_args(arguments)
    settings = load(["--demo", *others], parser.prog)  # no stream is needed
    notation = Notation(settings.locale, settings.currency, settings.decimals)
    with _reading(settings) as store:
        now = datetime.now(UTC)
        day = _day(given.date, store.calendar.day_of(now))
        daily = make_daily(store, day, now, NOT_CONNECTED, notation.tolerance)
    words = wording(daily, settings.title, REAL, notation)
    if given.html is None:
        print(words.title, text(words), sep="\n")
    else:
        _write(given.html, _page(daily, settings, notation))
        print(f"{words.title}\n{given.html} is written")


@contextmanager
def _reading(settings: Settings) -> Iterator[Store]:
    store = open_for_reading(settings)
    try:
        yield store
    finally:
        store.close()


def _day(text: str | None, today: date) -> date:
    if text is None:
        return today
    try:
        day = read_date("--date", text)
    except PeriodError as error:
        raise ConfigurationError(f"--date is {text!r}: {error.reason}") from error
    if day > today:
        raise ConfigurationError(f"--date is {text}: expected a day no later than today, {today}")
    return day


def _page(daily: Daily, settings: Settings, write: Notation) -> str:
    """Return the page, with its charts in it."""
    words = wording(daily, settings.title, REAL, write)
    css = (ASSETS / "10-tokens.css").read_text("utf-8")
    drawn = charts(daily, write, theme.colours(css, light=True))
    return page(words, settings.title, [chart.inline for chart in drawn])


def _write(file: Path, content: str) -> None:
    try:
        file.write_text(content, "utf-8")
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be written: {error.strerror}") from error
