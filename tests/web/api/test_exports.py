"""Exports of the history, read back as other programs do."""

import csv
from datetime import datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from northstar.reports.tables import Table
from northstar.settings.table import Settings
from northstar.web.app import create_server
from support.alert_events import store_events

# One hour ahead of UTC in February: a day is from 23:00 to 23:00 UTC.
from support.filled import (  # noqa: F401 (fixtures)
    AT,
    COMMAND,
    LINK,
    NOBODY,
    XLSX,
    noon,
    past,
    path,
    settings,
    shared,
)
from support.inprocess import Dashboard, dashboard
from support.notes import viewer
from support.waiting import until

PERIOD = "from=2026-02-24&to=2026-02-25"
ABOUT = [
    ["Desk", "NorthStar Synergy"],
    ["As of", "2026-02-26T12:00:00+01:00"],
    ["Feed", "offline"],
    ["Exported", "2026-02-26T13:00:00+01:00"],
    ["Zone", "Europe/Berlin"],
    ["A day closes at", "00:00"],
    ["Currency", "EUR"],
    ["Source", NOBODY],
    ["Range", "2026-02-24 to 2026-02-25"],
    ["Days compared", "2026-02-24 to 2026-02-25"],
    ["Compared with", "2026-02-22 to 2026-02-23"],
    ["Basis of the comparison", "average day, no percentage: days are unknown or incomplete"],
    ["Days not known", "0"],
    ["Days incomplete", "0"],
    ["Days of the comparison not known or incomplete", "1"],
    ["Costs known of", "1 of 2 days"],
    ["Agents known of", "1 of 2 days"],
    ["Drawdowns", "of cumulative net of the 3 days known since 2026-02-23"],
]
BOOK = ["Revenue", "Expenses", "Net"]
HEADS = {
    "Comparison": [
        *("Figure", "This period", "Days compared", "Compared with"),
        *("Change", "Change %", "Basis"),
    ],
    "Highlights": ["Figure", "Day", "Amount", "Days", "%"],
    "Days": [
        *("Day", "Status", "Last state", *BOOK),
        *("Cumulative net", "Below its peak", "Closed at net", "Restated", "Notes"),
    ],
    "Versions": ["Day", "Known from", "Origin", *BOOK, "Change of net"],
    "Drawdowns": [
        *("Peak", "Lowest", "Depth", "% of peak", "Days", "Recovered", "Depth before the period")
    ],
    "Agents": ["Agent", *BOOK, "Margin %"],
    "Costs": ["Category", "Amount", "Share %"],
}
PARTIAL = "average day, no percentage: days are unknown or incomplete"


def parsed(content: bytes) -> list[list[str]]:
    """Return the rows of a CSV file."""
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


def read_csv(past: Dashboard, query: str) -> list[list[str]]:
    """Return the rows of a table's export."""
    answer = past.get(f"/api/export.csv?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return parsed(answer.content)


def until_offline(past: Dashboard) -> None:
    """Wait until the first attempt to connect has failed."""
    until(lambda: past.get("/api/feed").json()["state"] == "offline", what="the feed is offline")


def read_zip(past: Dashboard, query: str) -> dict[str, list[list[str]]]:
    """Return the rows of each file of an export."""
    answer = past.get(f"/api/export.zip?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    with ZipFile(BytesIO(answer.content)) as archive:
        return {name: parsed(archive.read(name)) for name in archive.namelist()}


def read_xlsx(past: Dashboard, query: str) -> Any:
    """Return the workbook of an export."""
    answer = past.get(f"/api/export.xlsx?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == XLSX
    return load_workbook(BytesIO(answer.content))


def values(page: Any) -> list[list[Any]]:
    """Return the values of a sheet's cells."""
    return [list(row) for row in page.iter_rows(values_only=True)]


def test_zip(past: Dashboard) -> None:
    """All tables are separate files with exact amounts, and no name is a formula."""
    until_offline(past)

    assert read_zip(past, PERIOD) == {
        "about.csv": [["Note", "Text"], *ABOUT],
        "comparison.csv": [
            HEADS["Comparison"],
            ["Revenue", "451", "225.5", "200", "25.5", "", PARTIAL],
            ["Expenses", "132", "66", "50", "16", "", PARTIAL],
            ["Net", "319", "159.5", "150", "9.5", "", PARTIAL],
        ],
        "highlights.csv": [
            HEADS["Highlights"],
            ["Net margin", "", "", "", "70.7"],
            ["Net margin of the days compared", "", "", "", "70.7"],
            ["Net margin compared with", "", "", "", "75.0"],
            ["Average day", "", "159.5", "2", ""],
            ["Best day", "2026-02-25", "249", "", ""],
            ["Worst day", "2026-02-24", "70", "", ""],
            ["Deepest drawdown", "", "", "", ""],
            ["Longest drawdown", "", "", "", ""],
        ],
        "days.csv": [
            HEADS["Days"],
            [
                *("2026-02-25", "restated", "2026-02-25T11:01:10+01:00", "331", "82", "249"),
                *("319", "0", "249.95", "2026-02-26T12:00:00+01:00", ""),
            ],
            ["2026-02-24", "stated", "", "120", "50", "70", "70", "0", "", "", ""],
            ["Total", "", "", "451", "132", "319", "", "", "", "", ""],
        ],
        "versions.csv": [
            HEADS["Versions"],
            [
                *("2026-02-25", "2026-02-25T11:01:10+01:00", "state"),
                *("330.00", "80.05", "249.95", ""),
            ],
            [
                *("2026-02-25", "2026-02-26T12:00:00+01:00", "trend"),
                *("331", "82", "249", "-0.95"),
            ],
        ],
        "drawdowns.csv": [HEADS["Drawdowns"]],
        "agents.csv": [
            HEADS["Agents"],
            [f"'{COMMAND}", "200", "50", "150", "75.0"],
            [f"'{LINK}", "100", "30", "70", "70.0"],
            ["Not attributed", "31", "2", "29", ""],
            ["Total", "331", "82", "249", "75.2"],
        ],
        "costs.csv": [
            HEADS["Costs"],
            [f"'{AT}", "60", "75.0"],
            ["Fees", "20", "25.0"],
            ["Not itemised", "2", ""],
            ["Total", "82", ""],
        ],
    }


@pytest.mark.parametrize("table", [table for table in Table if table is not Table.ALERTS])
def test_csv_of_a_table(table: Table, past: Dashboard) -> None:
    """Each table can be exported alone, with the content it has in the archive."""
    query = "from=2026-02-25&to=2026-02-25"

    assert read_csv(past, f"{query}&table={table}") == read_zip(past, query)[f"{table}.csv"]


def test_csv_of_the_days(past: Dashboard) -> None:
    """Without a name the days are exported."""
    assert read_csv(past, PERIOD) == read_csv(past, f"{PERIOD}&table=days")


def test_csv_of_no_table(past: Dashboard) -> None:
    """An unknown table is refused with the names of the tables."""
    answer = past.get(f"/api/export.csv?{PERIOD}&table=nets")

    assert answer.status_code == 422
    assert "expected comparison, highlights, days" in answer.text


def test_xlsx(past: Dashboard) -> None:
    """Each table is a sheet of numbers and dates; names are unchanged."""
    until_offline(past)
    book = read_xlsx(past, PERIOD)

    assert book.sheetnames == ["About", *HEADS]
    assert values(book["About"]) == ABOUT
    assert values(book["Comparison"])[1:] == [
        ["Revenue", 451, 225.5, 200, 25.5, None, PARTIAL],
        ["Expenses", 132, 66, 50, 16, None, PARTIAL],
        ["Net", 319, 159.5, 150, 9.5, None, PARTIAL],
    ]
    assert values(book["Days"])[1:] == [
        [
            *(datetime(2026, 2, 25), "restated"),  # noqa: DTZ001 (Excel's)
            *(datetime(2026, 2, 25, 11, 1, 10), "+01:00"),  # noqa: DTZ001
            *(331, 82, 249, 319, 0, 249.95),
            *(datetime(2026, 2, 26, 12), "+01:00", None),  # noqa: DTZ001
        ],
        [
            *(datetime(2026, 2, 24), "stated", None, None),  # noqa: DTZ001
            *(120, 50, 70, 70, 0, None, None, None, None),
        ],
        ["Total", None, None, None, 451, 132, 319, None, None, None, None, None, None],
    ]
    assert values(book["Drawdowns"]) == [HEADS["Drawdowns"]]
    assert values(book["Agents"]) == [
        HEADS["Agents"],
        [COMMAND, 200, 50, 150, 0.75],
        [LINK, 100, 30, 70, 0.7],
        ["Not attributed", 31, 2, 29, None],
        ["Total", 331, 82, 249, pytest.approx(249 / 331)],
    ]
    assert values(book["Costs"]) == [
        HEADS["Costs"],
        [AT, 60, 0.75],
        ["Fees", 20, 0.25],
        ["Not itemised", 2, None],
        ["Total", 82, None],
    ]


def test_hostile_names_in_xlsx(past: Dashboard) -> None:
    """A name that looks like a formula is marked as text, so that it stays text when edited."""
    book = read_xlsx(past, PERIOD)
    names = [book["Agents"]["A2"], book["Agents"]["A3"], book["Costs"]["A2"]]

    assert [(cell.data_type, cell.quotePrefix) for cell in names] == [("s", True)] * 3
    assert not any(cell.hyperlink for page in book for row in page for cell in row)


def test_export_of_one_day(past: Dashboard) -> None:
    """The export of a single day includes its minutes."""
    query = "from=2026-02-25&to=2026-02-25&compare=none"
    files = read_zip(past, query)

    assert ["Compared with", "nothing"] in files["about.csv"]
    assert files["minutes.csv"] == [
        ["Time", *BOOK],
        ["2026-02-25T00:00:00+01:00", "300", "60", "240"],
        ["2026-02-25T11:00:50+01:00", "320", "75", "245"],
        ["2026-02-25T11:01:10+01:00", "330.00", "80.05", "249.95"],
    ]
    assert len(values(read_xlsx(past, query)["Minutes"])) == 4


async def test_alert_events(path: Path, noon: None) -> None:  # noqa: ARG001 (stops the clock)
    """Archive and workbook have a table of alert events if there are any."""
    store_events(path)
    async with viewer(create_server(settings(path))) as client:
        one = await client.get("/api/export.csv?table=alerts&from=2026-02-25")
        whole = await client.get("/api/export.zip?from=2026-02-25")
        book = await client.get("/api/export.xlsx?from=2026-02-25")
        nothing = await client.get("/api/export.zip?from=2026-02-26")

    rows = parsed(one.content)
    assert [row[1] for row in rows] == ["Event", "over", "acknowledged", "reminder", "began"]
    assert rows[-1][0] == "2026-02-25T10:00:00+01:00"
    with ZipFile(BytesIO(whole.content)) as archive:
        assert parsed(archive.read("alerts.csv")) == rows
    assert [*load_workbook(BytesIO(book.content))["Alerts"].values][-1][6:8] == (-60.5, -50)
    with ZipFile(BytesIO(nothing.content)) as archive:
        assert "alerts.csv" not in archive.namelist()


@pytest.mark.parametrize(
    ("kind", "name"), [("csv", "northstar-days"), ("zip", "northstar"), ("xlsx", "northstar")]
)
def test_name_of_an_export(kind: str, name: str, past: Dashboard) -> None:
    """A file is named for its period and the time of the export."""
    answer = past.get(f"/api/export.{kind}?range=7d")

    expected = f"{name}-2026-02-20-to-2026-02-26-at-2026-02-26T130000.{kind}"
    assert answer.headers["content-disposition"] == f'attachment; filename="{expected}"'
    assert answer.headers["cache-control"] == "no-store"
    assert b"not real" not in answer.content


def test_export_of_a_demo(noon: None) -> None:  # noqa: ARG001
    """An export of a demo is labelled in content and file name; a workbook says it is rounded."""
    mark = "DEMO: these numbers are not real"
    with dashboard(Settings(demo=True, demo_scene="calm", currency="JPY")) as demo:
        until(lambda: len(demo.get("/api/trend").json()) == 30, what="the history is invented")
        answer = demo.get("/api/export.csv?range=7d")
        rows = read_csv(demo, "range=7d")
        notes = read_zip(demo, "range=7d")["about.csv"]
        sheet = values(read_xlsx(demo, "range=7d")["About"])

    assert answer.headers["content-disposition"].endswith('-demo.csv"')
    assert [row[-1] for row in rows] == ["Source", *[mark] * 8]
    assert notes[2] == sheet[1] == ["Not real", mark]
    assert sheet[-1] == ["Rounding", "amounts are rounded to ¥1"]
    assert "Rounding" not in [name for name, _ in notes]  # CSV has every digit
