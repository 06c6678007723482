"""The theme: colours by name, each in the style sheet, and readable text."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from northstar.domain.calendar import Calendar
from northstar.domain.day import Amounts, DayRecord, Moment
from northstar.domain.limits import Limit
from northstar.reports.drawdowns import Opening
from northstar.reports.periods import Comparison, Period
from northstar.reports.report import Feed, Report
from northstar.view.history.figures import CHARTS as HISTORY
from northstar.view.live.figures import CHARTS
from northstar.view.shared import theme
from northstar.view.shared.charts import blank
from northstar.view.shared.money import Notation
from support.checkout import ROOT
from support.snapshots import snapshot

TOKENS = (ROOT / "assets" / "10-tokens.css").read_text()
GRID = (ROOT / "assets" / "40-grid.css").read_text()
DARK, LIGHT = ":root", ':root[data-theme="light"]'
SAFE, SAFE_LIGHT = ':root[data-palette="safe"]', ':root[data-palette="safe"][data-theme="light"]'
# The choices of a viewer with the rules that apply, strongest last.
LOOKS = {
    "dark": [DARK],
    "light": [DARK, LIGHT],
    "dark-safe": [DARK, SAFE],
    "light-safe": [DARK, LIGHT, SAFE, SAFE_LIGHT],
}
GROUNDS = ["--ground-1", "--ground-2", "--ground-3", "--panel"]
WRITTEN = ["--text", "--muted", "--accent", "--gain", "--loss", "--warn"]
READABLE = 4.5  # WCAG 2.2, success criterion 1.4.3
VISIBLE = 3  # success criterion 1.4.11
every_look = pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS.keys())

Colour = tuple[float, float, float, float]


def rules() -> dict[str, dict[str, str]]:
    """Return the definitions of each rule of the style sheet: selector → name → value."""
    plain = re.sub(r"/\*.*?\*/", "", TOKENS, flags=re.DOTALL)
    return {
        " ".join(selector.split()): dict(re.findall(r"(--[\w-]+):\s*([^;]+);", body))
        for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", plain)
    }


RULES = rules()


def tokens(look: list[str]) -> dict[str, str]:
    """Return the value of each custom property under these rules."""
    return {name: value for selector in look for name, value in RULES[selector].items()}


def colour(value: str) -> Colour:
    """Return red, green and blue from 0 to 255, and opacity from 0 to 1."""
    if function := re.fullmatch(r"rgba\((\d+), (\d+), (\d+), ([\d.]+)\)", value):
        red, green, blue, opacity = map(float, function.groups())
        return red, green, blue, opacity
    digits = value.removeprefix("#")
    assert re.fullmatch("[0-9a-f]{3}|[0-9a-f]{6}", digits), value
    digits = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
    return red, green, blue, 1


def over(top: Colour, ground: Colour) -> Colour:
    """Return the visible colour of a possibly transparent one on a background."""
    red, green, blue = (
        a * top[3] + b * (1 - top[3]) for a, b in zip(top[:3], ground[:3], strict=True)
    )
    return red, green, blue, 1


def luminance(seen: Colour) -> float:
    """Return the relative luminance, as WCAG defines it."""
    shares = (channel / 255 for channel in seen[:3])
    linear = [
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    ]
    return sum(
        weight * channel for weight, channel in zip((0.2126, 0.7152, 0.0722), linear, strict=True)
    )


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast ratio, as WCAG defines it: from 1 to 21."""
    dim, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dim + 0.05)


def names_in(part: Any) -> set[str]:
    """Return every colour name in a figure."""
    match part:
        case dict():
            return set().union(*map(names_in, part.values()))
        case list():
            return set().union(*map(names_in, part))
        case str() if part.startswith("--"):
            return {part}
        case _:
            return set()


def drawn() -> set[str]:
    """Return every colour name of the charts, in profit and in loss."""
    costs = [{"name": f"c{n}", "value": n} for n in range(40)]
    agents = [{"agent": f"a{n}", "revenue": n, "expenses": 20} for n in range(40)]
    variations: list[dict[str, Any]] = [
        {},
        {"revenue": 1},
        {"costBreakdown": costs},
        {"costBreakdown": costs[:7]},
    ]
    variations += [{"agentAttribution": agents[n : n + 8]} for n in range(0, 40, 8)]
    found = names_in(blank("none"))
    for changes in variations:
        known = snapshot(**changes)
        state = replace(known, limits=[Limit("floor", Decimal(0), is_floor=True)])
        for chart in CHARTS.values():
            found |= names_in(chart(state, Notation()))
    return found | drawn_of_the_past()


def drawn_of_the_past() -> set[str]:
    """Return every colour name of the history page's charts, with a restated day."""
    day, amounts = date(2026, 2, 25), Amounts(Decimal(1), Decimal(2))
    period = Period(day, day)
    report = Report(
        period=period,
        comparison=Comparison.PREVIOUS,
        compared=period,
        days=[DayRecord(day, amounts, closed=amounts)],
        before=[],
        opening=Opening(),
        moments=[Moment(datetime(2026, 2, 25, tzinfo=UTC), amounts)],
        known=(day, day),
        same_time=None,
        feed=Feed("live", None),
        made_at=datetime(2026, 2, 25, tzinfo=UTC),
        today=day + timedelta(days=1),
        calendar=Calendar(UTC),
        tolerance=Decimal(0),
    )
    return {name for chart in HISTORY.values() for name in names_in(chart(report, Notation()))}


def named() -> set[str]:
    """Return every colour name of the theme."""
    single = {
        value for value in vars(theme).values() if isinstance(value, str) and value.startswith("--")
    }
    series = {theme.series(n) for n in range(theme.SERIES)}
    return single | series | {theme.cost(n) for n in range(theme.COSTS)}


def test_contrast_of_known_colours() -> None:
    """The ratios equal WCAG's for black on white, for equal colours and for its grey."""
    assert contrast(colour("#000"), colour("#fff")) == pytest.approx(21)
    assert contrast(colour("#123456"), colour("#123456")) == 1
    assert contrast(colour("#767676"), colour("#ffffff")) == pytest.approx(4.54, abs=0.005)
    assert over(colour("rgba(0, 0, 0, 0.5)"), colour("#fff")) == (127.5, 127.5, 127.5, 1)


def test_rules_of_the_style_sheet() -> None:
    """Every rule belongs to a look that a viewer can choose."""
    assert RULES.keys() == {selector for look in LOOKS.values() for selector in look}


def test_names_that_charts_use() -> None:
    """Charts use exactly the colours of the theme."""
    assert drawn() == named()


@every_look
def test_colours_of(look: list[str]) -> None:
    """Each name of the theme is a colour in every look."""
    defined = tokens(look)

    assert named() - defined.keys() == set()
    for name in named():
        assert colour(defined[name])


def test_colours_of_the_light_theme() -> None:
    """The light theme defines every colour again."""
    dark = {name for name in RULES[DARK] if name not in {"--font", "--gap", "--radius"}}

    assert RULES[LIGHT].keys() == dark


def test_colours_of_the_safe_palette() -> None:
    """The safe palette has every colour that separates gains from losses or series."""
    told_apart = {name for name in named() if re.match("--(fill|series)", name)}

    assert told_apart - RULES[SAFE].keys() == {theme.REST}
    assert RULES[SAFE].keys() - told_apart == {"--gain", "--loss"}
    assert RULES[SAFE_LIGHT].keys() <= RULES[SAFE].keys()


@every_look
def test_series_that_can_be_told_apart(look: list[str]) -> None:
    """No two series have the same colour, nor that of the rest."""
    defined = tokens(look)

    colours = [defined[theme.series(n)] for n in range(theme.SERIES)] + [defined[theme.REST]]
    assert len(set(colours)) == theme.SERIES + 1
    assert defined[theme.GAIN] != defined[theme.LOSS]


def marks() -> set[str]:
    """Return the colour names of marks, except those of areas below a line."""
    return {name for name in named() if re.match("--(fill|series|cost|axis)", name)} - {theme.FALL}


def dimmed(seen: Colour, saturation: float) -> Colour:
    """Return a colour after the CSS filter `saturate`."""
    weights = (0.213, 0.715, 0.072)
    grey = sum(weight * channel for weight, channel in zip(weights, seen[:3], strict=True))
    red, green, blue = (grey + saturation * (channel - grey) for channel in seen[:3])
    return min(255, max(0, red)), min(255, max(0, green)), min(255, max(0, blue)), 1


@every_look
def test_contrast_of_marks(look: list[str]) -> None:
    """Every mark is visible on its panel, also when stale numbers are dimmed."""
    [saturation] = re.findall(r"saturate\(([\d.]+)\)", GRID)
    defined = tokens(look)
    panel = colour(defined["--panel"])

    for name in marks():
        seen = over(colour(defined[name]), panel)
        assert contrast(seen, panel) >= VISIBLE, name
        assert contrast(dimmed(seen, float(saturation)), panel) >= VISIBLE, f"{name}, dimmed"


@every_look
def test_contrast_of_edges(look: list[str]) -> None:
    """The borders of controls are visible on header, background and panels."""
    defined = tokens(look)

    for ground in map(colour, map(defined.__getitem__, [*GROUNDS, "--header"])):
        assert contrast(over(colour(defined["--edge"]), ground), ground) >= VISIBLE


@every_look
def test_colours_of_costs(look: list[str]) -> None:
    """Cost categories do not have the colours of results, revenue, expenses or agents."""
    defined = tokens(look)
    costs = {defined[theme.cost(n)] for n in range(theme.COSTS)}
    others = {theme.GAIN, theme.LOSS, theme.REVENUE, theme.EXPENSES, theme.REST}
    others |= {theme.series(n) for n in range(theme.SERIES)}

    assert len(costs) == theme.COSTS
    assert costs & {defined[name] for name in others} == set()


@every_look
@pytest.mark.parametrize("text", WRITTEN)
@pytest.mark.parametrize("ground", GROUNDS)
def test_contrast_of_text(look: list[str], text: str, ground: str) -> None:
    """Text on each background has the contrast that WCAG requires."""
    defined = tokens(look)

    assert contrast(colour(defined[text]), colour(defined[ground])) >= READABLE


@every_look
@pytest.mark.parametrize("text", WRITTEN)
def test_contrast_of_text_on_what_lets_through(look: list[str], text: str) -> None:
    """Text on transparent layers over a background or a panel has that contrast, too."""
    defined = tokens(look)
    beneath = {"--header": GROUNDS, "--hover": GROUNDS, "--inset": ["--panel"]}

    for name, grounds in beneath.items():
        for ground in grounds:
            seen = over(colour(defined[name]), colour(defined[ground]))
            assert contrast(colour(defined[text]), seen) >= READABLE, (name, ground)


def test_style_of_the_charts() -> None:
    """The charts use the page's font."""
    letters = [name.strip(" \"'") for name in theme.FONT.split(",")]

    assert [name.strip(" \"'") for name in RULES[DARK]["--font"].split(",")] == letters


@pytest.mark.parametrize(
    ("index", "name"),
    [(0, "--series-0"), (11, "--series-11"), (12, "--series-0"), (35, "--series-11")],
)
def test_series(index: int, name: str) -> None:
    """After the twelfth series the colours repeat."""
    assert theme.series(index) == name


@pytest.mark.parametrize(
    ("net", "name"),
    [(1.0, "--fill-gain"), (0.0, "--fill-gain"), (-0.0, "--fill-gain"), (-0.01, "--fill-loss")],
)
def test_result(net: float, name: str) -> None:
    """A result of zero is not a loss."""
    assert theme.result(Decimal(net)) == name


@given(name=st.text(max_size=8))
@settings(database=None, deadline=None)
def test_colour_of_any_name(name: str) -> None:
    """A name always has the same one of the twelve colours."""
    assert theme.by_name(name) in {theme.series(n) for n in range(theme.SERIES)}
    assert theme.by_name(name) == theme.by_name(name)


def test_colours_of_the_guide() -> None:
    """The agents of the guide have different colours, which never change."""
    colours = [theme.by_name(name) for name in ("Scalper", "John", "Cliff")]

    assert colours == ["--series-7", "--series-11", "--series-0"]
