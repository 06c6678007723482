"""The history API: a real server on a database filled by hand."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest

# One hour ahead of UTC in February: a day is from 23:00 to 23:00 UTC.
from support.filled import AT, COMMAND, CSV, LINK, XLSX, book, day, get, past, shared  # noqa: F401 (fixtures)
from support.inprocess import Dashboard

ABOUT = {"currency": "EUR", "zone": "Europe/Berlin"}
NOON = "2026-02-26T12:00:00+01:00"
DAYS = {
    23: day(23, 200, 50) | ABOUT | {"status": "closed", "asOf": "2026-02-23T23:59:59+01:00"},
    24: day(24, 120, 50) | ABOUT | {"status": "stated", "asOf": NOON},
    25: day(25, 331, 82) | ABOUT | {"status": "restated", "asOf": NOON},
    26: day(26, 10, 5) | ABOUT | {"status": "running", "asOf": NOON},
}


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("", [23, 24, 25, 26]),
        ("?days=1", [26]),
        ("?days=2", [25, 26]),
        ("?days=4", [23, 24, 25, 26]),
        ("?days=10000", [23, 24, 25, 26]),
    ],
)
def test_trend(query: str, days: list[int], past: Dashboard) -> None:
    """The newest days up to the current one have their current figures."""
    assert get(past, f"trend{query}") == [DAYS[number] for number in days]


def test_days(past: Dashboard) -> None:
    """A day has all its fields, restated or not; times are in the configured zone."""
    unknown: dict[str, Any] = {
        "closed": None,
        "restatedAt": None,
        "costs": None,
        "agents": None,
        "notes": [],
    }
    at_noon = {"at": NOON, "origin": "trend"}

    assert get(past, "days?from=2026-02-23&to=2026-02-25") == [
        {
            **DAYS[23],
            **unknown,
            "lastStateAt": "2026-02-23T23:59:59+01:00",
            "versions": [
                {"at": "2026-02-23T23:59:59+01:00", "origin": "state", **book(200, 50)},
            ],
        },
        {
            **DAYS[24],
            **unknown,
            "lastStateAt": None,
            "versions": [at_noon | book(120, 50)],
        },
        {
            **DAYS[25],
            "versions": [
                {
                    "at": "2026-02-25T11:01:10+01:00",
                    "origin": "state",
                    "revenue": 330.0,
                    "expenses": 80.05,
                    "net": 249.95,
                },
                at_noon | book(331, 82),
            ],
            "lastStateAt": "2026-02-25T11:01:10+01:00",
            "closed": {"revenue": 330.0, "expenses": 80.05, "net": 249.95},
            "restatedAt": NOON,
            "costs": {AT: 60, "Fees": 20},
            "agents": {LINK: book(100, 30), COMMAND: book(200, 50)},
            "notes": [],
        },
    ]


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("", [23, 24, 25, 26]),
        ("?range=today", [26]),
        ("?range=7d", [23, 24, 25, 26]),
        ("?range=month", [23, 24, 25, 26]),
        ("?from=2026-02-25", [25, 26]),
        ("?from=2026-02-24&to=2026-02-24", [24]),
        ("?from=2026-02-26&to=2026-03-31", [26]),
        ("?from=2026-01-01&to=2026-01-31", []),
    ],
)
def test_days_of_a_period(query: str, days: list[int], past: Dashboard) -> None:
    """A period is a range by name, or its first and last day, both included."""
    assert [row["date"] for row in get(past, f"days{query}")] == [
        f"2026-02-{number}" for number in days
    ]


def test_amounts_digit_for_digit(past: Dashboard) -> None:
    """Amounts have the digits of the message, including trailing zeros."""
    rows = past.get("/api/history?from=2026-02-25T11:00&to=2026-02-25T11:00:30&step=second").text

    assert '"revenue":310.10,"expenses":70,"net":240.10' in rows


FORMS = ("number", "string")

# The minutes and seconds of the 25th in the configured zone.
MIDNIGHT, FIVE, FIFTY, LAST = "00:00:00", "11:00:05", "11:00:50", "11:01:10"


@pytest.mark.parametrize(
    ("first", "last", "step", "times"),
    [
        ("2026-02-25", "2026-02-25", None, [MIDNIGHT, FIFTY, LAST]),
        ("2026-02-25", "2026-02-25", "minute", [MIDNIGHT, FIFTY, LAST]),
        ("2026-02-25", "2026-02-25", "second", [MIDNIGHT, FIVE, FIFTY, LAST]),
        ("2026-02-24", "2026-02-24", "minute", []),
        ("2026-02-25T00:00", "2026-02-25T11:01", "minute", [MIDNIGHT, FIFTY]),
        ("2026-02-25T00:01", "2026-02-25T11:02", "minute", [FIFTY, LAST]),
        ("2026-02-25T11:00:05", "2026-02-25T11:00:50", "second", [FIVE]),
        ("2026-02-25T11:00:05", "2026-02-25T11:00:51", "second", [FIVE, FIFTY]),
        ("2026-02-25T11:00:06", "2026-02-25T12:00", "second", [FIFTY, LAST]),
        ("2026-02-25 11:00:06", "2026-02-25 12:00", "second", [FIFTY, LAST]),
        ("2026-02-25T10:00:05Z", "2026-02-25T10:00:50Z", "second", [FIVE]),
        ("2026-02-25T15:30:05+05:30", "2026-02-25T05:00:50-05:00", "second", [FIVE]),
        ("2026-02-24T23:00Z", "2026-02-25T00:00:01+01:00", "second", [MIDNIGHT]),
    ],
)
def test_history(
    first: str, last: str, step: str | None, times: list[str], past: Dashboard
) -> None:
    """A span includes its start and excludes its end, unless the end is a date."""
    query = urlencode({"from": first, "to": last, **({"step": step} if step else {})})
    assert [row["at"] for row in get(past, f"history?{query}")] == [
        f"2026-02-25T{time}+01:00" for time in times
    ]


def test_history_by_minute(past: Dashboard) -> None:
    """A row has the day's totals at that time, and the fields of the whole day."""
    yesterday = {"date": "2026-02-25", "status": "restated", **ABOUT}
    last = {"revenue": 330.0, "expenses": 80.05, "net": 249.95}

    assert get(past, "history?from=2026-02-25T11:00&to=2026-02-26") == [
        {"at": "2026-02-25T11:00:50+01:00", **book(320, 75), **yesterday},
        {"at": "2026-02-25T11:01:10+01:00", **last, **yesterday},
        {"at": NOON, **book(10, 5), "date": "2026-02-26", "status": "running", **ABOUT},
    ]


@pytest.mark.parametrize("plus", ["+", "%2B"])
def test_plus_in_a_query(plus: str, past: Dashboard) -> None:
    """The plus of an offset is read as a plus, even if it was not escaped."""
    times = f"from=2026-02-25T11:00:05{plus}01:00&to=2026-02-25T12:00:50{plus}02:00"

    assert [row["at"] for row in get(past, f"history?{times}&step=second")] == [
        "2026-02-25T11:00:05+01:00"
    ]


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("from=2026-02-23&to=2026-02-25", [23, 24, 25]),
        ("from=2026-02-24", [24, 25, 26]),
        ("from=2026-02-23T12:00&to=2026-02-25T00:00", [23, 24]),
        ("from=2026-02-23T12:00&to=2026-02-25T00:01", [23, 24, 25]),
        ("from=2026-02-23T23:00Z&to=2026-02-24T23:00Z", [24]),
        ("from=0001-01-01&to=9999-12-31", [23, 24, 25, 26]),
    ],
)
def test_history_by_day(query: str, days: list[int], past: Dashboard) -> None:
    """Each day that the span overlaps is listed as in the trend."""
    assert get(past, f"history?{query}&step=day") == [DAYS[number] for number in days]


@pytest.mark.parametrize("step", ["second", "minute", "day"])
@pytest.mark.parametrize("limit", [1, 2, 3, 50_000])
@pytest.mark.parametrize("last", ["", "&to=2026-02-26", "&to=2026-02-25T11:00:30%2B01:00"])
def test_pages(step: str, limit: int, last: str, past: Dashboard) -> None:
    """A client that follows the pages reads every row once, with as few pages as possible."""
    address = f"/api/history?from=2026-02-23{last}&step={step}&amounts=string"
    whole = past.get(address).json()
    pages, link = [], {"url": f"{address}&limit={limit}"}
    while link:
        answer = past.get(link["url"])
        pages.append(answer.json())
        link = answer.links.get("next", {})

    assert [row for page in pages for row in page] == whole
    assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert 0 < len(pages[-1]) <= limit


def test_more_rows_than_one_page_has(past: Dashboard) -> None:
    """A span with too many rows is answered with the first rows and the address of the rest."""
    answer = past.get("/api/history?from=0001-01-01&to=9999-12-31&step=second&limit=2")

    assert len(answer.json()) == 2
    assert answer.headers["link"].endswith('; rel="next"')
    assert "link" not in past.get("/api/history?from=0001-01-01&step=minute").headers


@pytest.mark.parametrize(
    "query", ["trend", "days", "history?from=2026-02-23", "history?from=2026-02-23&step=day"]
)
def test_amounts_as_strings(query: str, past: Dashboard) -> None:
    """Amounts as strings have the digits of the number, and nothing else changes."""
    more = "&" if "?" in query else "?"
    number, text = (past.get(f"/api/{query}{more}amounts={form}").text for form in FORMS)

    assert number == past.get(f"/api/{query}").text
    assert re.sub(r'"(-?\d+(?:\.\d+)?)"', r"\1", text) == number
    assert not re.search(r'":-?\d', text)


def test_history_up_to_now(past: Dashboard) -> None:
    """Without an end, a span ends now."""
    assert [row["at"] for row in get(past, "history?from=2026-02-26")] == [
        "2026-02-26T12:00:00+01:00"
    ]


# ---- The interface's own description -------------------------------------------------------


def test_description(past: Dashboard) -> None:
    """Each route is described with its parameters and its answers."""
    described = past.get("/api/openapi.json").json()["paths"]
    asked = ["range", "from", "to"]
    paged = ["amounts", "from", "to", "step", "limit", "cursor"]

    assert {
        path: ([each["name"] for each in get["parameters"]], list(get["responses"]))
        for path, methods in described.items()
        for get in [methods.get("get", {})]
        if "parameters" in get and path.startswith("/api/")
    } == {
        "/api/pnl": (["amounts"], ["200", "503", "422"]),
        "/api/trend": (["days", "amounts"], ["200", "503", "422"]),
        "/api/days": (["amounts", *asked], ["200", "503", "422"]),
        "/api/notes": (asked, ["200", "503", "422"]),
        "/api/alerts/events": (asked, ["200", "503", "422"]),
        "/api/history": (paged, ["200", "503", "422"]),
        "/api/export.csv": (["table", "compare", *asked], ["200", "503", "422"]),
        "/api/export.zip": (["compare", *asked], ["200", "503", "422"]),
        "/api/export.xlsx": (["compare", *asked], ["200", "503", "422"]),
    }
    assert all(each["description"] for methods in described.values() for each in methods.values())


def test_description_of_answers(past: Dashboard) -> None:
    """The rows of each answer have a schema with their actual names."""
    description = past.get("/api/openapi.json").json()
    schemas = description["components"]["schemas"]

    def content(path: str, code: str = "200") -> Any:
        return description["paths"][path]["get"]["responses"][code]["content"]

    assert content("/api/trend")["application/json"]["schema"]["items"] == {
        "$ref": "#/components/schemas/TrendRow"
    }
    assert list(content("/api/export.csv")) == [CSV]
    assert list(content("/api/export.xlsx")) == [XLSX]
    assert content("/api/days", "503")["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Problem"
    }
    for name, query in {
        "TrendRow": "trend",
        "DayRow": "days",
        "StateRow": "history?from=2026-02-25",
    }.items():
        for row in get(past, query):
            assert set(row) == set(schemas[name]["properties"])
            assert set(row) == set(schemas[name]["required"])


def test_address_with_a_slash(past: Dashboard) -> None:
    """An address with a trailing slash is redirected with its query."""
    answer = past.get("/history/?range=7d")

    assert (answer.status_code, answer.headers["location"]) == (307, "../history?range=7d")


def test_documentation(past: Dashboard) -> None:
    """The documentation loads, with all its files from the same server."""
    page = past.get("/api/docs")
    assert page.status_code == 200
    assert not re.search(r"""(src|href|url)\s*[=:(]\s*["']?(\w+:)?//""", page.text)

    parts = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert any(part.endswith(".js") for part in parts)
    for part in [*parts, "/api/openapi.json"]:
        assert past.get(part).status_code == 200
