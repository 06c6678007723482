"""What is exported of the past, read back as a person's program reads it."""

import csv
from datetime import datetime
from io import BytesIO, StringIO
from typing import Any

import pytest
from openpyxl import load_workbook

from northstar.settings.table import Settings
from support.inprocess import Dashboard, dashboard

# An hour ahead of UTC in February: a day is from 23:00 to 23:00.
from support.kept import AT, COMMAND, LINK, NOBODY, XLSX, noon, past, path  # noqa: F401 (fixtures)
from support.waiting import until

PERIOD = "from=2026-02-24&to=2026-02-25"
ABOUT = [
    ["As of", "2026-02-26T13:00:00+01:00"],
    ["Zone", "Europe/Berlin"],
    ["A day closes at", "00:00"],
    ["Currency", "EUR"],
    ["Source", NOBODY],
    ["Range", "2026-02-24 to 2026-02-25"],
    ["Compared with", "2026-02-22 to 2026-02-23"],
    ["Days not known", "0"],
    ["Days not known of those compared with", "1"],
    ["Costs known of", "1 of 2 days"],
    ["Agents known of", "1 of 2 days"],
]
HEADS = {
    "Comparison": ["Figure", "This period", "Compared with", "Change", "Change %"],
    "Highlights": ["Figure", "Day", "Amount", "Days", "%"],
    "Days": [
        "Day",
        "Status",
        "Revenue",
        "Expenses",
        "Net",
        "Cumulative net",
        "Below its peak",
        "Closed at net",
        "Restated",
        "Last state",
    ],
    "Drawdowns": ["Peak", "Lowest", "Depth", "Days", "Recovered"],
    "Agents": ["Agent", "Revenue", "Expenses", "Net", "Margin %"],
    "Costs": ["Category", "Amount", "Share %"],
}


def read_csv(past: Dashboard, query: str) -> list[list[str]]:
    """Return the lines of an export."""
    answer = past.get(f"/api/export.csv?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(answer.content.decode("utf-8-sig"), newline=""), strict=True))


def read_xlsx(past: Dashboard, query: str) -> Any:
    """Return the workbook of an export."""
    answer = past.get(f"/api/export.xlsx?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == XLSX
    return load_workbook(BytesIO(answer.content))


def values(page: Any) -> list[list[Any]]:
    """Return what a sheet has in its cells."""
    return [list(row) for row in page.iter_rows(values_only=True)]


def test_csv(past: Dashboard) -> None:
    """All tables stand below each other, exact, and no name is a formula."""
    assert read_csv(past, PERIOD) == [
        *ABOUT,
        [],
        ["Comparison"],
        HEADS["Comparison"],
        ["Revenue", "451", "200", "251", ""],
        ["Expenses", "132", "50", "82", ""],
        ["Net", "319", "150", "169", ""],
        [],
        ["Highlights"],
        HEADS["Highlights"],
        ["Net margin", "", "", "", "70.73170731707317073170731707"],
        ["Net margin compared with", "", "", "", "75.00"],
        ["Best day", "2026-02-25", "249", "", ""],
        ["Worst day", "2026-02-24", "70", "", ""],
        ["Deepest drawdown", "", "", "", ""],
        ["Longest drawdown", "", "", "", ""],
        [],
        ["Days"],
        HEADS["Days"],
        [
            *("2026-02-25", "restated", "331", "82", "249", "319", "0", "249.95"),
            *("2026-02-26T12:00:00+01:00", "2026-02-25T11:01:10+01:00"),
        ],
        ["2026-02-24", "stated", "120", "50", "70", "70", "0", "", "", ""],
        [],
        ["Drawdowns"],
        HEADS["Drawdowns"],
        [],
        ["Agents"],
        HEADS["Agents"],
        [f"'{COMMAND}", "200", "50", "150", "75.00"],
        [f"'{LINK}", "100", "30", "70", "70.0"],
        [],
        ["Costs"],
        HEADS["Costs"],
        [f"'{AT}", "60", "75.00"],
        ["Fees", "20", "25.00"],
    ]


def test_xlsx(past: Dashboard) -> None:
    """Each table is a sheet of numbers and dates; names are as they were sent."""
    book = read_xlsx(past, PERIOD)

    assert book.sheetnames == ["About", *HEADS]
    assert values(book["About"]) == ABOUT
    assert values(book["Comparison"]) == [
        HEADS["Comparison"],
        ["Revenue", 451, 200, 251, None],
        ["Expenses", 132, 50, 82, None],
        ["Net", 319, 150, 169, None],
    ]
    assert values(book["Days"]) == [
        HEADS["Days"],
        [
            *(datetime(2026, 2, 25), "restated", 331, 82, 249, 319, 0, 249.95),  # noqa: DTZ001 (Excel's)
            *(datetime(2026, 2, 26, 12), datetime(2026, 2, 25, 11, 1, 10)),  # noqa: DTZ001
        ],
        [datetime(2026, 2, 24), "stated", 120, 50, 70, 70, 0, None, None, None],  # noqa: DTZ001
    ]
    assert values(book["Drawdowns"]) == [HEADS["Drawdowns"]]
    assert values(book["Agents"]) == [
        HEADS["Agents"],
        [COMMAND, 200, 50, 150, 0.75],
        [LINK, 100, 30, 70, 0.7],
    ]
    assert values(book["Costs"]) == [HEADS["Costs"], [AT, 60, 0.75], ["Fees", 20, 0.25]]


def test_hostile_names_in_xlsx(past: Dashboard) -> None:
    """A name that looks like a formula is text, marked so that it stays that when edited."""
    book = read_xlsx(past, PERIOD)
    names = [book["Agents"]["A2"], book["Agents"]["A3"], book["Costs"]["A2"]]

    assert [(cell.data_type, cell.quotePrefix) for cell in names] == [("s", True)] * 3
    assert not any(cell.hyperlink for page in book for row in page for cell in row)


def test_export_of_one_day(past: Dashboard) -> None:
    """A single day has its minutes, too."""
    query = "from=2026-02-25&to=2026-02-25&compare=none"
    lines = read_csv(past, query)
    start = lines.index(["Minutes"])

    assert ["Compared with", "nothing"] in lines
    assert lines[start + 1 : start + 6] == [
        ["Time", "Revenue", "Expenses", "Net"],
        ["2026-02-25T00:00:00+01:00", "300", "60", "240"],
        ["2026-02-25T11:00:50+01:00", "320", "75", "245"],
        ["2026-02-25T11:01:10+01:00", "330.00", "80.05", "249.95"],
        [],
    ]
    assert len(values(read_xlsx(past, query)["Minutes"])) == 4


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_name_of_an_export(kind: str, past: Dashboard) -> None:
    """A file is named for its period, and not for a live source."""
    answer = past.get(f"/api/export.{kind}?range=7d")

    expected = f'attachment; filename="northstar-2026-02-20-2026-02-26.{kind}"'
    assert answer.headers["content-disposition"] == expected
    assert answer.headers["cache-control"] == "no-store"
    assert b"Not real" not in answer.content


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_export_of_a_demo(kind: str, noon: None) -> None:  # noqa: ARG001
    """What is invented says so, in the file and in its name."""
    with dashboard(Settings(demo=True)) as demo:
        until(lambda: len(demo.get("/api/trend").json()) == 30, what="the past is invented")
        answer = demo.get(f"/api/export.{kind}?range=7d")
        told = read_csv(demo, "range=7d")[0]
        sheet = values(read_xlsx(demo, "range=7d")["About"])[0]

    expected = f'attachment; filename="northstar-2026-02-20-2026-02-26-demo.{kind}"'
    assert answer.headers["content-disposition"] == expected
    assert told == sheet == ["Not real", "DEMO: these numbers are not real"]
