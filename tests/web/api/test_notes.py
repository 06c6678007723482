"""Notes over HTTP: writing, refusing, deleting and showing them."""

import asyncio
import io
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from fastapi import FastAPI

from northstar.errors import StoreError
from northstar.settings.table import Settings
from northstar.web.app import create_server
from support.filled import noon, path, settings  # noqa: F401 (fixtures)
from support.notes import (  # noqa: F401 (fixtures)
    DAY,
    HOST,
    NOTE,
    ORIGIN,
    TWO_USERS,
    closed,
    delete,
    server,
    texts,
    token,
    viewer,
    write,
)


async def test_write_and_delete(server: FastAPI) -> None:
    """Without a sign-in, anybody on this machine can write and delete notes."""
    async with viewer(server) as client:
        written = await write(client, {**NOTE, "at": "14:05"})
        listed = await client.get(f"/api/notes?from={DAY}&to={DAY}")
        gone = await delete(client, 1)
        again = await delete(client, 1)
        left = await texts(client)

    assert written.status_code == HTTPStatus.CREATED
    assert written.headers["cache-control"] == "no-store"
    assert written.json() == {
        "id": 1,
        "date": DAY,
        "at": "2026-02-25T14:05:00+01:00",
        "who": "anonymous",
        "writtenAt": "2026-02-26T13:00:00+01:00",
        "text": "Fees rose",
    }
    assert listed.json() == [written.json()]
    assert (gone.status_code, again.status_code) == (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND)
    assert again.json() == {"error": "there is no note 1"}
    assert left == []


@pytest.mark.parametrize(
    ("note", "field", "reason"),
    [
        ({"date": DAY, "text": ""}, "text", "expected 1 to 1,000 characters, got 0"),
        ({"date": DAY, "text": "x" * 1001}, "text", "expected 1 to 1,000 characters, got 1,001"),
        ({"date": DAY, "text": "a\x00"}, "text", "expected text without control characters"),
        ({"date": DAY, "text": 3}, "text", "expected a text"),
        ({"date": DAY}, "text", "missing"),
        ({"date": "25 Feb", "text": "x"}, "date", "expected a date, YYYY-MM-DD"),
        ({"date": "2026-02-27", "text": "x"}, "date", "expected a date no later than today"),
        ({**NOTE, "at": "25:00"}, "at", "expected a time of that day up to now, HH:MM or ISO 8601"),
        ({**NOTE, "at": f"{DAY}T23:00Z"}, "at", "expected a time of that day up to now, "),
        ({**NOTE, "date": "2026-02-26", "at": "13:01"}, "at", "expected a time of that day up to"),
        ({**NOTE, "date": "0001-01-01", "at": "00:00"}, "at", "expected a time of that day up to"),
        ({**NOTE, "who": "alice"}, "who", "unknown"),
        ([], "body", "expected a JSON object"),
    ],
)
async def test_invalid_note(server: FastAPI, note: Any, field: str, reason: str) -> None:
    """An invalid note is refused with the field and what was expected."""
    async with viewer(server) as client:
        refused = await write(client, note)

    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    [detail] = refused.json()["detail"]
    assert detail["loc"][-1] == field
    assert detail["msg"].startswith(reason)


@pytest.mark.parametrize(
    ("given", "at"),
    [
        ("00:00", "2026-02-25T00:00:00+01:00"),
        (f"{DAY}T14:05", "2026-02-25T14:05:00+01:00"),
        (f"{DAY}T14:05:07Z", "2026-02-25T15:05:07+01:00"),
        (None, None),
    ],
)
async def test_moment(server: FastAPI, given: str | None, at: str | None) -> None:
    """A moment is a time of the day or a time with date, in the configured zone."""
    async with viewer(server) as client:
        assert (await write(client, {**NOTE, "at": given})).json()["at"] == at


async def test_moment_of_a_day_that_closes_in_the_evening(path: Path, noon: None) -> None:  # noqa: ARG001
    """With a close in the evening, a time gets the date on which it belongs to the day."""
    server = create_server(settings(path, day_close="17:00"))
    async with viewer(server) as client:
        evening = await write(client, {**NOTE, "at": "18:00"})
        morning = await write(client, {**NOTE, "at": "09:00"})

    assert evening.json()["at"] == "2026-02-24T18:00:00+01:00"
    assert morning.json()["at"] == "2026-02-25T09:00:00+01:00"


async def test_large_body(server: FastAPI) -> None:
    """A body beyond 16 kB is refused; the longest text fits with any escaping."""
    async with viewer(server) as client:
        longest = await write(client, {"date": DAY, "text": "\N{GRINNING FACE}" * 1000})
        refused = await write(client, {"date": DAY, "text": "x" * 16_384})

    assert longest.status_code == HTTPStatus.CREATED
    assert refused.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


async def test_concurrent(server: FastAPI) -> None:
    """Notes sent at the same time are all stored."""
    async with viewer(server) as client:
        sent = [write(client, {"date": DAY, "text": str(number)}) for number in range(15)]
        answers = await asyncio.gather(*sent)
        found = await texts(client)

    assert {answer.status_code for answer in answers} == {HTTPStatus.CREATED}
    assert sorted(found, key=int) == [str(number) for number in range(15)]


async def test_unwritable_history(server: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    """A note that cannot be written is refused with the reason."""
    async with viewer(server) as client:

        def fail(*_: object) -> None:
            raise StoreError("the disk is full")

        monkeypatch.setattr("northstar.history.notebook.record", fail)
        refused = await write(client)
        left = await texts(client)

    assert refused.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert refused.json() == {"error": "the note was not written: the disk is full"}
    assert left == []


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_other_methods(server: FastAPI, method: str) -> None:
    """Methods other than writing and deleting are refused."""
    async with viewer(server) as client:
        answer = await client.request(method, "/api/notes", headers=ORIGIN)

    assert answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED


async def test_shown(server: FastAPI) -> None:
    """A note is in the rows of its day, and in CSV and XLSX, where it is no formula."""
    formula = '=HYPERLINK("http://evil.example")'
    period = f"from={DAY}&to=2026-02-26"
    async with viewer(server) as client:
        written = await write(client, {"date": DAY, "text": formula})
        rows = (await client.get(f"/api/days?{period}")).json()
        csv = (await client.get(f"/api/export.csv?{period}")).text
        book = await client.get(f"/api/export.xlsx?{period}")

    assert [row["notes"] for row in rows] == [[written.json()], []]
    assert "'=HYPERLINK" in csv
    assert csv.splitlines()[0].endswith(",Restated,Notes")
    sheet = openpyxl.load_workbook(io.BytesIO(book.content))["Days"]
    heads, _, row = [[cell.value for cell in cells] for cells in sheet.iter_rows(max_row=3)]
    assert row[heads.index("Notes")] == f"{formula} (anonymous)"


async def test_demo() -> None:
    """The page of a demo shows notes as text, and says that they end with the demo."""
    note = {"date": datetime.now(UTC).date().isoformat(), "text": "<script>alert(1)</script>"}
    async with viewer(create_server(Settings(demo=True))) as client:
        written = await write(client, note)
        page = (await client.get("/history")).text

    assert written.status_code == HTTPStatus.CREATED
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "These notes end with the program" in page
