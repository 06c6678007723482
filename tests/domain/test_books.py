"""The audit: every finding, with its exact amount and sign."""

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from northstar.domain.books import Check, Place, audit, checks, half_a_step
from northstar.domain.ledger import merge
from northstar.domain.messages import decode
from support import guide
from support.findings import subject_of
from support.snapshots import snapshot

NO_SECTIONS = dict.fromkeys(("trendsData", "costBreakdown", "agentAttribution"), ...)


def residuals(**changes: Any) -> list[Check]:
    """Return the findings in a variation of the example."""
    return audit(snapshot(**changes))


def found(**changes: Any) -> list[tuple[str, str, Decimal]]:
    """Return place, subject and amount of each finding."""
    return [(r.place.value, subject_of(r), r.amount) for r in residuals(**changes)]


def agents(**changes: Any) -> list[dict[str, Any]]:
    """Return the example's agents, the first with some fields changed."""
    first, *rest = guide.message()["agentAttribution"]
    return [first | changes, *rest]


def costs(**changes: Any) -> list[dict[str, Any]]:
    """Return the example's categories, the first with some fields changed."""
    first, *rest = guide.message()["costBreakdown"]
    return [first | changes, *rest]


def test_audit_of_the_example() -> None:
    """The guide's own example balances, with one day and with thirty."""
    assert residuals() == []
    assert residuals(trendsData=guide.month()) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"netPnL": 77131}, [("net", "stated net", Decimal(1))]),
        ({"netPnL": -77130}, [("net", "stated net", Decimal(-154260))]),
        ({"previousNetPnL": 77000.5}, [("net", "stated previous net", Decimal("-99.5"))]),
        (
            {"trendsData": [{**guide.month()[0], "net": 70551}, guide.month()[-1]]},
            [("trend", "2026-01-27: net", Decimal(1))],
        ),
        (
            {"trendsData": [{"date": "2026-02-25", "revenue": 125000, "expenses": 48320}]},
            [("trend", "today's row: revenue", Decimal(-450))],
        ),
        (
            {"trendsData": [{"date": "2026-02-25", "revenue": 125450, "expenses": 48320.25}]},
            [("trend", "today's row: expenses", Decimal("0.25"))],
        ),
        (
            {"costBreakdown": costs(value=18499.99)},
            [("costs", "categories sum to", Decimal("-0.01"))],
        ),
        (
            {"agentAttribution": agents(revenue=75010, net=46510)},
            [("agents", "revenue: agents sum to", Decimal(10))],
        ),
        (
            {"agentAttribution": agents(expenses=28000, net=47000)},
            [("agents", "expenses: agents sum to", Decimal(-500))],
        ),
        (
            {"agentAttribution": agents(net=46499)},
            [("agents", "Scalper: net", Decimal(-1))],
        ),
        ({"agentAttribution": agents(net=0)}, [("agents", "Scalper: net", Decimal(-46500))]),
    ],
)
def test_audit_finds(changes: dict[str, Any], expected: list[tuple[str, str, Decimal]]) -> None:
    """One wrong figure is one finding; too much is positive, too little is negative."""
    assert found(**changes) == expected


def test_audit_of_everything_at_once() -> None:
    """Findings are in the order of the page, and none hides another."""
    wrong = residuals(revenue=125451, expenses=48321, netPnL=1)

    assert [residual.place for residual in wrong] == [
        Place.NET,
        Place.TREND,
        Place.TREND,
        Place.COSTS,
        Place.AGENTS,
        Place.AGENTS,
    ]
    assert wrong[0] == Check(Place.NET, "stated net", Decimal(1), Decimal(77130))
    assert [residual.amount for residual in wrong[1:]] == [-1] * 5


def test_audit_of_a_placeholder() -> None:
    """The net of zero that the guide's servers send states nothing."""
    assert residuals(netPnL=0, previousNetPnL=0) == []


def test_audit_of_what_was_not_sent() -> None:
    """A missing section or statement is no finding."""
    assert residuals(**NO_SECTIONS) == []
    assert residuals(netPnL=..., previousNetPnL=...) == []
    assert residuals(netPnL=..., previousRevenue=..., previousNetPnL=5) == []


def test_audit_of_empty_sections() -> None:
    """An empty section sums to zero, which can be a finding."""
    wrong = residuals(trendsData=[], costBreakdown=[], agentAttribution=[])

    assert [residual.amount for residual in wrong] == [-48320, -125450, -48320]


@pytest.mark.parametrize(
    ("timestamp", "today"),
    [
        ("2026-02-25T22:24:00Z", "2026-02-25"),
        ("2026-02-26T03:00:00+09:00", "2026-02-26"),  # still the 25th in UTC
    ],
)
def test_audit_of_a_source_further_east(timestamp: str, today: str) -> None:
    """The current day at the source is compared with the totals."""
    month = guide.month(today)

    assert residuals(timestamp=timestamp, trendsData=month) == []
    month[-1]["revenue"] -= 7
    assert [r.amount for r in residuals(timestamp=timestamp, trendsData=month)] == [7, -7]


def test_audit_of_percentages_in_full() -> None:
    """Percentages that are not rounded are no finding."""
    values = [18500, 12800, 11200, 5820]
    costs = [
        {"name": str(value), "value": value, "percentage": value / 48320 * 100} for value in values
    ]

    assert residuals(costBreakdown=costs) == []


def test_audit_of_an_older_trend() -> None:
    """Rows of other days are not compared with the current totals."""
    assert residuals(trendsData=guide.month("2026-02-24")[:-1]) == []


@pytest.mark.parametrize(
    ("dust", "count"),
    [(0.004999, 0), (0.005, 0), (0.005001, 1), (-0.004999, 0), (-0.005, 0), (-0.006, 1)],
)
def test_audit_of_dust(dust: float, count: int) -> None:
    """A floating-point difference of up to half a cent is no finding."""
    assert len(residuals(costBreakdown=costs(value=18500 + dust))) == count


def test_audit_of_floating_sums() -> None:
    """A source that adds 0.1 and 0.2 in floating point has no finding."""
    parts = [{"name": name, "value": value} for name, value in (("a", 0.1), ("b", 0.2))]

    assert 0.1 + 0.2 != 0.3
    assert residuals(**{**NO_SECTIONS, "netPnL": ..., "costBreakdown": parts}, expenses=0.3) == []


@pytest.mark.parametrize(
    ("stated", "amount"),
    [
        ("38.3", None),
        ("38.29", None),
        ("38.2864238", None),
        ("38", None),
        ("38.30", None),
        ("38.20", "-0.09"),
        ("38.4", "0.11"),
        ("39", "0.71"),
        ("0", "-38.29"),
    ],
)
def test_audit_of_a_percentage(stated: str, amount: str | None) -> None:
    """A rounded percentage is no finding: 18 500 of 48 320 is 38.2864… percent."""
    raw = guide.text().replace('"percentage": 38.3', f'"percentage": {stated}')

    wrong = audit(merge(None, decode(raw, ZoneInfo("UTC"))))

    assert [(r.subject, r.unit, str(round(r.amount, 2))) for r in wrong] == (
        [] if amount is None else [("Trading Fees: share", "%", amount)]
    )


def test_audit_of_percentages_of_nothing() -> None:
    """If the categories sum to zero, their percentages are not checked."""
    nothing = [{"name": "a", "value": 0, "percentage": 50}]

    assert residuals(expenses=0, netPnL=0, trendsData=..., agentAttribution=...) != []
    assert (
        residuals(expenses=0, netPnL=0, trendsData=..., agentAttribution=..., costBreakdown=nothing)
        == []
    )


@pytest.mark.parametrize(
    ("stated", "half"),
    [("38", "0.5"), ("38.3", "0.05"), ("38.30", "0.005"), ("4e1", "0.5"), ("0", "0.5")],
)
def test_half_a_step_by_places_sent(stated: str, half: str) -> None:
    """Trailing zeros count as claimed precision."""
    assert half_a_step(Decimal(stated)) == Decimal(half)


def test_checks_of_the_example() -> None:
    """Every possible comparison is made, in the order of the page."""
    made = [(check.place.value, subject_of(check)) for check in checks(snapshot())]

    assert made == [
        ("net", "stated net"),
        ("net", "stated previous net"),
        ("trend", "2026-02-25: net"),
        ("trend", "today's row: revenue"),
        ("trend", "today's row: expenses"),
        ("costs", "categories sum to"),
        ("costs", "Trading Fees: share"),
        ("costs", "Infrastructure: share"),
        ("costs", "Personnel: share"),
        ("costs", "Other: share"),
        ("agents", "revenue: agents sum to"),
        ("agents", "expenses: agents sum to"),
        ("agents", "Scalper: net"),
        ("agents", "John: net"),
        ("agents", "Cliff: net"),
    ]
    assert all(check.holds for check in checks(snapshot()))


def test_checks_of_what_was_not_sent() -> None:
    """Missing values and placeholders are not compared."""
    assert checks(snapshot(**NO_SECTIONS, netPnL=0, previousNetPnL=...)) == []


def test_checks_and_audit() -> None:
    """The audit consists of exactly the failed checks."""
    state = snapshot(revenue=125451, netPnL=1)

    held = [check for check in checks(state) if check.holds]
    assert len(held) == 12
    assert [check for check in checks(state) if check not in held] == audit(state)


@pytest.mark.parametrize(
    ("stated", "tolerance", "holds"),
    [
        ("10.005", "0.005", True),
        ("9.995", "0.005", True),
        ("10.006", "0.005", False),
        ("9.994", "0.005", False),
        ("10", "0", True),
        ("10.05", "0.05", True),
        ("-10", "0.05", False),
    ],
)
def test_check_that_holds(stated: str, tolerance: str, holds: object) -> None:
    """A check passes up to and including its tolerance, in both directions."""
    check = Check(Place.NET, "it says", Decimal(stated), Decimal(10), tolerance=Decimal(tolerance))

    assert check.holds == holds
    assert check.amount == Decimal(stated) - 10
