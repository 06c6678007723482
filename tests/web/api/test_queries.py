"""Queries that the history API refuses, and answers without a readable store."""

import re
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from sqlalchemy import text

from northstar.history.database import open_database, read_url

# One hour ahead of UTC in February: a day is from 23:00 to 23:00 UTC.
from support.filled import noon, past, path, settings, shared  # noqa: F401 (fixtures)
from support.inprocess import Dashboard, dashboard

PERIODS = ("days", "export.csv", "export.zip", "export.xlsx")


def assert_refused(past: Dashboard, query: str, field: str, reason: str) -> None:
    """Assert that a query is refused for that field with a reason that contains this text."""
    answer = past.get(f"/api/{query}")
    assert answer.status_code == 422, answer.text
    (problem,) = answer.json()["detail"]
    assert problem["loc"] == ["query", field]
    assert reason in problem["msg"]


@pytest.mark.parametrize(
    ("query", "field", "reason"),
    [
        ("rnage=7d", "rnage", "expected only "),
        ("range=7d&range=30d", "range", "expected once"),
        ("range=nonsense", "range", "expected today, 7d, 30d, 90d, month, quarter or year"),
        ("range=", "range", "expected today"),
        ("from=2026-02-25&to=2026-02-24", "from", "no later than to, 2026-02-24"),
        ("from=2026-02-27", "from", "no later than today, 2026-02-26"),
        ("to=2026-02-25", "from", "expected a date, YYYY-MM-DD"),
        ("from=2026-02-25&range=7d", "range", "not both"),
        ("to=2026-02-25&range=7d", "range", "not both"),
        ("from=25.02.2026", "from", "expected a date, YYYY-MM-DD"),
        ("from=20260225ab", "from", "expected a date, YYYY-MM-DD"),
        ("from=2026-02-25&to=2026-02-30", "to", "expected a date, YYYY-MM-DD"),
        ("from=2026-02-25&to=", "to", "expected a date, YYYY-MM-DD"),
        ("from=0001-01-01", "from", "at most 10000 days"),
        ("from=2026-02-25&to=9999-12-31", "from", "at most 10000 days"),
    ],
)
def test_bad_period(query: str, field: str, reason: str, past: Dashboard) -> None:
    """Every route with a period names the invalid field and the reason."""
    for kind in PERIODS:
        assert_refused(past, f"{kind}?{query}", field, reason)


@pytest.mark.parametrize(
    ("query", "field", "reason"),
    [
        ("export.csv?compare=nonsense", "compare", "expected none, previous or year"),
        ("export.xlsx?compare=", "compare", "expected none, previous or year"),
        ("days?rnage=7d", "rnage", "expected only amounts, from, range, to"),
        ("days?compare=year", "compare", "expected only amounts, from, range, to"),
        ("trend?day=7", "day", "expected only amounts, days"),
        ("trend?days=7&days=7", "days", "expected once"),
        ("history?from=2026-02-25&setp=day", "setp", "expected only amounts, cursor, from, limit"),
        ("history?form=2026-02-25", "form", "expected only amounts, cursor, from, limit"),
        ("feed?days=7", "days", "expected no query"),
        ("trend?days=0", "days", "expected 1 or more"),
        ("trend?days=-1", "days", "expected 1 or more"),
        ("trend?days=10001", "days", "expected 10000 or less"),
        ("trend?days=all", "days", "expected a whole number"),
        (f"trend?days={'9' * 5000}", "days", "expected a smaller number"),
        ("trend?amounts=text", "amounts", "expected number or string"),
        ("pnl?amounts=", "amounts", "expected number or string"),
        ("pnl?amount=string", "amount", "expected only amounts"),
        ("history?from=2026-02-25&limit=0", "limit", "expected 1 or more"),
        ("history?from=2026-02-25&limit=50001", "limit", "expected 50000 or less"),
        ("history?from=2026-02-25&cursor=next", "cursor", "YYYY-MM-DD, or a time, ISO 8601"),
        ("history", "from", "missing"),
        ("history?to=2026-02-25", "from", "missing"),
        ("history?from=2026-02-25&step=hour", "step", "expected second, minute or day"),
        ("history?from=yesterday", "from", "YYYY-MM-DD, or a time, ISO 8601"),
        ("history?from=", "from", "YYYY-MM-DD, or a time, ISO 8601"),
        ("history?from=2026-02-25&to=", "to", "YYYY-MM-DD, or a time, ISO 8601"),
        ("history?from=20260225ab", "from", "YYYY-MM-DD, or a time, ISO 8601"),
        ("history?from=2026-02-30", "from", "YYYY-MM-DD, or a time, ISO 8601"),
        ("history?from=2026-02-25T25:00", "from", "YYYY-MM-DD, or a time, ISO 8601"),
        ("history?from=2026-02-25&to=2026-02-24", "from", "expected a time before"),
        ("history?from=2026-02-25T12:00&to=2026-02-25T12:00", "from", "expected a time before"),
        ("history?from=2026-02-27", "from", "expected a time before"),
        ("history?from=0001-01-01T00:00%2B14:00", "from", "YYYY-MM-DD, or a time, ISO 8601"),
        ("history?from=2026-02-25&to=9999-12-31T23:59-14:00", "to", "or a time, ISO 8601"),
    ],
)
def test_bad_query(query: str, field: str, reason: str, past: Dashboard) -> None:
    """An invalid query is answered with its field and the reason."""
    assert_refused(past, query, field, reason)


@pytest.mark.parametrize(
    ("zone", "close"),
    [
        ("Pacific/Kiritimati", "12:00"),
        ("America/Los_Angeles", "17:00"),
        *(
            pytest.param(zone, close, marks=pytest.mark.long)
            for zone, close in [
                ("Pacific/Kiritimati", "00:00"),
                ("Pacific/Kiritimati", "17:00"),
                ("America/Los_Angeles", "00:00"),
                ("America/Los_Angeles", "12:00"),
            ]
        ),
    ],
)
def test_edges_of_the_calendar(zone: str, close: str, path: Path, long_wait: None) -> None:  # noqa: ARG001
    """The first and the last year of the calendar cause no error in any zone."""
    queries = [
        *(f"{kind}?from=0001-01-01&to=0001-01-0{last}" for kind in PERIODS for last in (1, 2)),
        *(f"{kind}?from=0001-01-01&to=0001-01-01&compare=year" for kind in PERIODS),
        "history?from=0001-01-01&to=9999-12-31&step=day",
        "history?from=0001-01-01&to=0001-01-01",
        "history?from=9999-12-31&to=9999-12-31",
        "history?from=0001-01-01T12:00Z&to=0001-01-01T12:01Z&step=second",
        "history?from=9999-12-31T10:00Z&to=9999-12-31T10:01Z&step=second",
        "history?from=0001-01-01T12:00Z&to=0001-01-01T12:01Z&step=day",
        "history?from=9999-12-31T10:00Z&to=9999-12-31T10:01Z&step=day",
    ]
    with dashboard(settings(path, timezone=zone, day_close=close)) as edge:
        answers = {query: edge.get(f"/api/{query}").status_code for query in queries}

    assert {query: code for query, code in answers.items() if code not in {200, 422}} == {}


PARAMETERS = st.dictionaries(
    st.sampled_from(
        ["range", "from", "to", "compare", "step", "days", "limit", "cursor", "amounts"]
    ),
    st.one_of(
        st.text(max_size=30),
        st.sampled_from(["7d", "today", "year", "previous", "none", "second", "minute", "day"]),
        st.integers().map(str),
        st.dates().map(str),
        st.datetimes().map(datetime.isoformat),
        st.datetimes(timezones=st.timezones()).map(datetime.isoformat),
        st.from_regex(r"\A[0-9]{4}-?[W0-9]{2,3}-?[0-9]{1,2}[ T][0-9:.,Z+-]{0,20}\Z"),
    ),
)


def test_any_query(past: Dashboard) -> None:
    """Every query is answered or refused with a reason."""

    @effort(deadline=None, max_examples=300)
    @given(st.sampled_from(["trend", "history", *PERIODS]), PARAMETERS)
    def ask(kind: str, parameters: dict[str, str]) -> None:
        answer = past.get(f"/api/{kind}?{urlencode(parameters, errors='replace')}")
        assert answer.status_code in {200, 422}
        if answer.status_code == 422:
            assert all(problem["loc"] and problem["msg"] for problem in answer.json()["detail"])

    ask()


def test_store_that_cannot_be_read(path: Path, noon: None, long_wait: None) -> None:  # noqa: ARG001
    """While the store cannot be read, its answers are 503 with one line; others still work."""
    queries = ["trend", "days", "history?from=2026-02-25", *PERIODS[1:]]
    with dashboard(settings(path)) as broken:
        engine = open_database(read_url(str(path)))
        with engine.begin() as connection:
            for table in ("days", "minutes"):
                connection.execute(text(f"DROP TABLE {table}"))
        engine.dispose()

        for query in queries:
            answer = broken.get(f"/api/{query}")
            assert answer.status_code == 503, query
            (problem,) = answer.json().values()
            assert re.fullmatch(r"history cannot be read: no such table: (days|minutes)", problem)
        assert broken.get("/api/pnl").status_code == 200
