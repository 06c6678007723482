"""Amounts, percentages and times as people read them."""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from northstar.domain.currency import round_half_up
from northstar.view.shared.money import Notation, _date, _written, isolated
from northstar.view.shared.panels import change_text

AMERICAN = Notation()
INDIAN = Notation("en_IN", "INR")
GERMAN = Notation("de_DE", "EUR")
SWISS = Notation("de_CH", "CHF")
FRENCH = Notation("fr_FR", "EUR")
DUTCH = Notation("nl_NL", "EUR")
TURKISH = Notation("tr_TR", "TRY")
JAPANESE = Notation("ja_JP", "JPY")
TAIWANESE = Notation("zh_Hant_TW", "TWD")
EGYPTIAN = Notation("ar_EG", "EGP")
HEBREW = Notation("he_IL", "ILS")
PERSIAN = Notation("fa_IR", "IRR")
KUWAITI = Notation("en_US", "KWD")
WORLD = [
    *(AMERICAN, INDIAN, GERMAN, SWISS, FRENCH, DUTCH, TURKISH),
    *(JAPANESE, TAIWANESE, EGYPTIAN, HEBREW, PERSIAN, KUWAITI),
]
everywhere = pytest.mark.parametrize("notation", WORLD, ids=lambda each: each.locale)

# Notation of these tests: a no-break space is _, a narrow one ~, the ends of an isolate < and >.
VISIBLE = str.maketrans({"\u00a0": "_", "\u202f": "~", "\u2068": "<", "\u2069": ">"})
POUND = "<\u062c.\u0645.>"  # Egypt's, in Arabic
RIAL = "<\u0631\u06cc\u0627\u0644>"
YEN = "\uffe5"
MARK = "\u2019"  # between the groups of Swiss digits


def visible(text: str) -> str:
    """Return text with visible characters for special spaces and isolates."""
    return text.translate(VISIBLE)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("0", "$0.00"),
        ("-0", "$0.00"),
        ("125450", "$125,450.00"),
        ("125450.00", "$125,450.00"),
        ("1e5", "$100,000.00"),
        ("118731.6667", "$118,731.67"),
        ("0.1", "$0.10"),
        ("0.005", "$0.01"),
        ("0.004999", "$0.00"),
        ("0.995", "$1.00"),
        ("-77130", "-$77,130.00"),
        ("-0.5", "-$0.50"),
        ("-0.005", "-$0.01"),
        ("-0.004", "$0.00"),
        ("1.005", "$1.01"),
        ("2.675", "$2.68"),
        ("999999999999999.99", "$999,999,999,999,999.99"),
    ],
)
def test_money_of(amount: str, expected: str) -> None:
    """All decimals are written; a loss has a minus, zero never has one."""
    assert AMERICAN.money(Decimal(amount)) == expected


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("250", "+$250.00"),
        ("-250.5", "-$250.50"),
        ("0", "$0.00"),
        ("0.004", "$0.00"),
        ("-0.004", "$0.00"),
        ("0.005", "+$0.01"),
    ],
)
def test_signed_money_of(amount: str, expected: str) -> None:
    """Only an amount that is not shown as zero has a sign."""
    assert AMERICAN.signed_money(Decimal(amount)) == expected


@pytest.mark.parametrize(
    ("share", "plain", "signed"),
    [
        ("61.4827", "61.5%", "+61.5%"),
        ("-20.8", "-20.8%", "-20.8%"),
        ("0.05", "0.1%", "+0.1%"),
        ("0.04", "0.0%", "0.0%"),
        ("-0.04", "0.0%", "0.0%"),
        ("100", "100.0%", "+100.0%"),
        ("12345.67", "12,345.7%", "+12,345.7%"),
        ("999999.9", "999,999.9%", "+999,999.9%"),
        ("1000000", "n/a", "n/a"),
        ("-1e60", "n/a", "n/a"),
    ],
)
def test_percent_of(share: str, plain: str, signed: str) -> None:
    """A percentage has one decimal, no negative zero, and is n/a if it is meaningless."""
    assert AMERICAN.percent(Decimal(share)) == plain
    assert AMERICAN.signed_percent(Decimal(share)) == signed


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        ("1.25", "0", "+1.3 pp"),
        ("-0.0988", "0", "-0.1 pp"),
        ("0.01", "0", "0.0 pp"),
        ("1e6", "0", "n/a"),
        ("6e5", "-6e5", "n/a"),
        ("61.64", "61.56", "0.0 pp"),
        ("61.65", "61.64", "+0.1 pp"),
    ],
)
def test_points_of(now: str, before: str, expected: str) -> None:
    """A difference of percentages is in points of the rounded percentages."""
    assert AMERICAN.signed_points(Decimal(now), Decimal(before)) == expected


@pytest.mark.parametrize(
    ("now", "before", "percent", "expected"),
    [
        ("100.004", "99.996", "0.008", "$0.00 (0.0%)"),
        ("0.004", "0.002", "100", "$0.00 (0.0%)"),
        ("0.004", "0", None, "$0.00 (n/a)"),
        ("100.006", "100.004", "0.002", "▲ +$0.01 (0.0%)"),
        ("-1.004", "-0.006", "-16633.3", "▼ -$0.99 (-16,633.3%)"),
    ],
)
def test_change_of(now: str, before: str, percent: str | None, expected: str) -> None:
    """A change is the difference of the rounded amounts; equal ones have zero percent, too."""
    shown = AMERICAN.difference(Decimal(now), Decimal(before))

    assert change_text(shown, Decimal(percent) if percent else None, AMERICAN) == expected


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (AMERICAN.money, "–"),
        (AMERICAN.signed_money, "–"),
        (AMERICAN.percent, "n/a"),
        (AMERICAN.signed_percent, "n/a"),
    ],
)
def test_unknown_of(write: Callable[[None], str], expected: str) -> None:
    """Unknown is a dash and meaningless is n/a; neither is zero."""
    assert write(None) == expected


@pytest.mark.parametrize("amount", ["-1234567.89", "0.5", "99"])
def test_spaces_of_money(amount: str) -> None:
    """American notation is ASCII, without special spaces."""
    assert AMERICAN.signed_money(Decimal(amount)).isascii()
    assert AMERICAN.signed_percent(Decimal(amount)).isascii()


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (datetime(2026, 2, 25, 22, 24, tzinfo=ZoneInfo("UTC")), "22:24:00 of 25 Feb 2026 · UTC"),
        (datetime(2026, 2, 25, 0, 0, 5, tzinfo=UTC), "00:00:05 of 25 Feb 2026 · UTC"),
        (
            datetime(2026, 2, 25, 22, 24, 0, 999999, ZoneInfo("America/New_York")),
            "22:24:00 of 25 Feb 2026 · EST",
        ),
        (
            datetime(2026, 7, 1, 9, 5, 7, 0, ZoneInfo("Europe/Berlin")),
            "09:05:07 of 1 Jul 2026 · CEST",
        ),
        (
            datetime(2026, 2, 25, 22, 24, tzinfo=timezone(timedelta(hours=5, minutes=30))),
            "22:24:00 of 25 Feb 2026 · UTC+05:30",
        ),
    ],
    ids=["utc", "midnight", "winter", "summer", "offset"],
)
def test_time_in_a_zone(time: datetime, expected: str) -> None:
    """A time is in its own zone and has the zone's name."""
    assert f"{AMERICAN.time_of_day(time)} of {AMERICAN.day(time)}" == expected


@pytest.mark.parametrize(
    ("notation", "amount", "plain", "signed"),
    [
        (GERMAN, "1234567.5", "1.234.567,50_€", "+1.234.567,50_€"),
        (GERMAN, "-77130", "-77.130,00_€", "-77.130,00_€"),
        (GERMAN, "-0.004", "0,00_€", "0,00_€"),
        (Notation("de_DE"), "250", "250,00_$", "+250,00_$"),
        (Notation("en_US", "EUR"), "-77130", "-€77,130.00", "-€77,130.00"),
        (Notation("en_US", "CHF"), "-0.5", "-CHF_0.50", "-CHF_0.50"),
        (Notation("ar_EG", "USD"), "250", "250.00_US$", "+250.00_US$"),
        (FRENCH, "1234567.5", "1~234~567,50_€", "+1~234~567,50_€"),
        (FRENCH, "-77130", "-77~130,00_€", "-77~130,00_€"),
        (INDIAN, "1234567.5", "₹12,34,567.50", "+₹12,34,567.50"),
        (INDIAN, "-100000", "-₹1,00,000.00", "-₹1,00,000.00"),
        (JAPANESE, "1234567.5", f"{YEN}1,234,568", f"+{YEN}1,234,568"),
        (JAPANESE, "-0.4", f"{YEN}0", f"{YEN}0"),
        (TAIWANESE, "-77130.5", "-$77,130.50", "-$77,130.50"),
        (KUWAITI, "1234.5", "KWD_1,234.500", "+KWD_1,234.500"),
        (KUWAITI, "0.0005", "KWD_0.001", "+KWD_0.001"),
        (KUWAITI, "-77130.0004", "-KWD_77,130.000", "-KWD_77,130.000"),
        (SWISS, "1234567.5", f"CHF_1{MARK}234{MARK}567.50", f"CHF+1{MARK}234{MARK}567.50"),
        (SWISS, "-77130", f"CHF-77{MARK}130.00", f"CHF-77{MARK}130.00"),
        (DUTCH, "77130", "€_77.130,00", "€_+77.130,00"),
        (DUTCH, "-77130", "€_-77.130,00", "€_-77.130,00"),
        (Notation("fy", "EUR"), "-250", "€_250,00-", "€_250,00-"),
        (Notation("fy", "EUR"), "250", "€_250,00", "€_250,00+"),
        (EGYPTIAN, "1234567.5", f"1,234,567.50_{POUND}", f"+1,234,567.50_{POUND}"),
        (EGYPTIAN, "-77130", f"-77,130.00_{POUND}", f"-77,130.00_{POUND}"),
        (HEBREW, "-77130", "-77,130.00_₪", "-77,130.00_₪"),
        (PERSIAN, "-77130", f"-{RIAL}_77,130.00", f"-{RIAL}_77,130.00"),
    ],
)
def test_money_in(notation: Notation, amount: str, plain: str, signed: str) -> None:
    """Groups, digits and positions follow locale and currency; a plus has the minus's position."""
    assert visible(notation.money(Decimal(amount))) == plain
    assert visible(notation.signed_money(Decimal(amount))) == signed


@pytest.mark.parametrize(
    ("notation", "gain", "loss", "points", "many"),
    [
        (AMERICAN, "+61.5%", "-1,234.6%", "+61.5 pp", "1,234,567"),
        (GERMAN, "+61,5_%", "-1.234,6_%", "+61,5 pp", "1.234.567"),
        (SWISS, "+61.5%", f"-1{MARK}234.6%", "+61.5 pp", f"1{MARK}234{MARK}567"),
        (FRENCH, "+61,5_%", "-1~234,6_%", "+61,5 pp", "1~234~567"),
        (INDIAN, "+61.5%", "-1,234.6%", "+61.5 pp", "12,34,567"),
        (JAPANESE, "+61.5%", "-1,234.6%", "+61.5 pp", "1,234,567"),
        (EGYPTIAN, "+61.5%", "-1,234.6%", "+61.5 pp", "1,234,567"),
        (TURKISH, "+%61,5", "-%1.234,6", "+61,5 pp", "1.234.567"),
    ],
)
def test_numbers_in(notation: Notation, gain: str, loss: str, points: str, many: str) -> None:
    """Percentages, points and counts have the locale's separators and percent sign."""
    assert visible(notation.signed_percent(Decimal("61.48"))) == gain
    assert visible(notation.percent(Decimal("-1234.55"))) == loss
    assert visible(notation.signed_points(Decimal("61.48"), Decimal(0))) == points
    assert visible(notation.count(1234567)) == many


@pytest.mark.parametrize(
    ("notation", "day", "short"),
    [
        (AMERICAN, "25 Feb 2026 · UTC", "25 Feb"),
        (INDIAN, "25 Feb 2026 · UTC", "25 Feb"),
        (GERMAN, "25. Feb. 2026 · UTC", "25. Feb."),
        (FRENCH, "25 févr. 2026 · UTC", "25 févr."),
        (JAPANESE, "2026年2月25日 · UTC", "2月25日"),
        (TAIWANESE, "2026年2月25日 · UTC", "2月25日"),
        (EGYPTIAN, "<25 فبراير 2026> · UTC", "<25 فبراير>"),
    ],
)
def test_dates_in(notation: Notation, day: str, short: str) -> None:
    """A date is in the locale's order; the time of day is the same everywhere."""
    time = datetime(2026, 2, 25, 22, 24, 5, tzinfo=UTC)

    assert visible(notation.day(time)) == day
    assert visible(notation.short_day(time.date())) == short
    assert notation.time_of_day(time) == "22:24:05"


@pytest.mark.parametrize(
    ("notation", "symbol", "separators"),
    [
        (AMERICAN, "$", ".,"),
        (INDIAN, "₹", ".,"),
        (GERMAN, "€", ",."),
        (FRENCH, "€", ",~"),
        (SWISS, "CHF", f".{MARK}"),
        (JAPANESE, YEN, ".,"),
        (EGYPTIAN, POUND, ".,"),
    ],
)
def test_signs_of(notation: Notation, symbol: str, separators: str) -> None:
    """Charts have the currency's symbol, and the separators in plotly's order."""
    assert visible(notation.symbol) == symbol
    assert visible(notation.separators) == separators


@everywhere
def test_unknown_in(notation: Notation) -> None:
    """Unknown and meaningless values have the same text in every locale."""
    assert notation.money(None) == notation.signed_money(None) == "–"
    assert notation.percent(None) == notation.signed_percent(Decimal(1_000_000)) == "n/a"
    assert notation.signed_points(None, None) == "–"


@everywhere
@pytest.mark.parametrize("amount", ["-1234567.125", "-0.999", "0", "0.001", "99", "77130.5"])
def test_money_read_back(notation: Notation, amount: str) -> None:
    """The written amount is exact to half of the smallest unit, in digits 0 to 9."""
    text = notation.money(Decimal(amount)).replace(notation.symbol, "")
    decimal_sign = notation.separators[0]
    digits = "".join(
        "." if letter == decimal_sign else letter
        for letter in text
        if letter in f"-0123456789{decimal_sign}"
    )

    half = {"JPY": "0.5", "KWD": "0.0005"}.get(notation.currency, "0.005")
    assert abs(Decimal(digits) - Decimal(amount)) <= Decimal(half)


@everywhere
def test_direction_of(notation: Notation) -> None:
    """Text outside isolates contains no right-to-left characters or embeddings."""
    time = datetime(2026, 2, 25, tzinfo=UTC)
    texts = [notation.signed_money(Decimal(-5)), notation.percent(Decimal(-5)), notation.day(time)]

    for text in texts:
        outside = re.sub("\u2068[^\u2069]*\u2069", "", text)
        assert not {"R", "AL", "AN", "RLE", "RLO"} & set(map(unicodedata.bidirectional, outside))


def test_isolated_of() -> None:
    """Foreign text is isolated without direction controls; plain text is unchanged."""
    assert isolated("Trading fees") == "Trading fees"
    assert isolated("\u202eabc") == "\u2068abc\u2069"


def test_rounding_of_halves() -> None:
    """Halves are rounded away from zero, as in bank statements."""
    cent = Decimal("0.01")

    assert [
        str(round_half_up(Decimal(n), cent)) for n in ("0.125", "-0.125", "0.135", "-0.001")
    ] == [
        "0.13",
        "-0.13",
        "0.14",
        "0.00",
    ]


def test_texts_of_a_long_report() -> None:
    """Days and amounts of five years are formatted once and then cached."""
    days = [date(2021, 1, 1) + timedelta(days=n) for n in range(5 * 365)]
    amounts = [Decimal(100_000 + 7 * n) / 100 for n in range(5 * len(days))]

    def write() -> None:
        for day in days:
            AMERICAN.full_day(day)
        for amount in amounts:
            AMERICAN.money(amount)

    write()
    before = [cache.cache_info().misses for cache in (_date, _written)]
    write()

    assert [cache.cache_info().misses for cache in (_date, _written)] == before
