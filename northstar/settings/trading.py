"""Parse the setting of holidays: those of a country, a market or a file.

Each function raises `ValueError` with the expected form. The package of holidays is imported only
if a country or market is given: it takes 0.2 s.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from northstar.settings.parsing import decode
from northstar.settings.paths import expanded, read_bytes

HOLIDAYS_EXPECTED = "expected a country or market such as US, DE-BY or NYSE, or a file of dates"
# Codes of ISO 3166 with an optional subdivision, and of markets.
CODE = re.compile(r"([A-Z][A-Z0-9]{1,3})(?:-([A-Z0-9]{1,4}))?", re.IGNORECASE | re.ASCII)
MOST_YEARS = 1000  # years and codes whose holidays are remembered


@dataclass(frozen=True, slots=True)
class Holidays:
    """The dates of files, and the holidays of countries and markets; `in` tests for one."""

    dates: frozenset[date] = frozenset()
    codes: tuple[str, ...] = ()

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and (
            day in self.dates or any(day in _of_year(code, day.year) for code in self.codes)
        )

    def __bool__(self) -> bool:
        return bool(self.dates or self.codes)


def read_holidays(text: object) -> object:
    """Return the holidays of comma-separated codes and files."""
    if not isinstance(text, str):
        return text
    dates: frozenset[date] = frozenset()
    codes = []
    for part in filter(None, map(str.strip, text.split(","))):
        if CODE.fullmatch(part) and _is_supported(part.upper()):
            codes.append(part.upper())
        else:
            dates |= _read_file(Path(expanded(part)))
    return Holidays(dates, tuple(codes))


def _is_supported(code: str) -> bool:
    try:
        _of_year(code, date.min.year)
    except NotImplementedError:
        return False
    return True


@lru_cache(MOST_YEARS)
def _of_year(code: str, year: int) -> frozenset[date]:
    """Return the holidays of a country, `US` or `DE-BY`, or a market, `NYSE`, in a year.

    Immutable, unlike the calendars of the package, so that threads can share them. Raises
    `NotImplementedError` if the package does not have the country, subdivision or market.
    """
    import holidays  # noqa: PLC0415 (takes 0.2 s)

    name, _, subdivision = code.partition("-")
    try:
        return frozenset(holidays.country_holidays(name, subdivision or None, years=year))
    except NotImplementedError:
        if subdivision:
            raise
        return frozenset(holidays.financial_holidays(name, years=year))


def _read_file(path: Path) -> frozenset[date]:
    """Return the dates of a file: one a line, `#` starts a comment."""
    try:
        lines = decode(read_bytes(path), str(path)).splitlines()
    except FileNotFoundError as error:
        raise ValueError(
            f"{str(path)!r} is no such code and no file; {HOLIDAYS_EXPECTED}"
        ) from error
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}; {HOLIDAYS_EXPECTED}") from error
    return frozenset(
        _read_date(content, f"line {number} of {path}")
        for number, line in enumerate(lines, 1)
        if (content := line.partition("#")[0].strip())
    )


def _read_date(text: str, place: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{place} is {text!r}; expected a date such as 2026-12-25") from error
