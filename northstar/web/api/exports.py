"""Exports of the history page's tables: CSV, ZIP and XLSX.

Handlers read the store, so they are plain functions, which FastAPI runs in its thread pool.
"""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Response, status

from northstar.live.pipeline import Pipeline
from northstar.reports.csv_files import to_csv, to_zip
from northstar.reports.report import Report
from northstar.reports.spreadsheet import Export, to_xlsx
from northstar.reports.tables import Table, about, marked, sheet, sheets
from northstar.view.history.notes import rounding
from northstar.web.api.queries import UNREADABLE, ReportQuery
from northstar.web.api.report_limiter import ReportLimiter
from northstar.web.api.rows import NO_STORE

CSV = "text/csv"
ZIP = "application/zip"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def add_exports(server: FastAPI, pipeline: Pipeline, limiter: ReportLimiter) -> None:
    """Add the exports under `/api`; `limiter` bounds the requests served at a time."""
    limit = [Depends(limiter.hold_slot, scope="function")]  # released before the response is sent

    @server.get(
        "/api/export.csv", response_class=Response, responses=_files(CSV), dependencies=limit
    )
    def export_csv(
        query: Annotated[ReportQuery, Depends()],
        table: Annotated[Table, Query(description="the table")] = Table.DAYS,
    ) -> Response:
        """Return one table of the history page as CSV, in UTF-8 with a byte order mark.

        Dates are in ISO format. `minutes` has rows only for a single day.
        """
        report = query.report(pipeline)
        content = to_csv(marked(sheet(table, report), pipeline.shown.source))
        return _file(content, name(report, "csv", f"-{table}"), f"{CSV}; charset=utf-8")

    @server.get(
        "/api/export.zip", response_class=Response, responses=_files(ZIP), dependencies=limit
    )
    def export_zip(query: Annotated[ReportQuery, Depends()]) -> Response:
        """Return all tables of the history page as a ZIP archive of CSV files."""
        report = query.report(pipeline)
        return _file(to_zip(export(report)), name(report, "zip"), ZIP)

    @server.get(
        "/api/export.xlsx", response_class=Response, responses=_files(XLSX), dependencies=limit
    )
    def export_xlsx(query: Annotated[ReportQuery, Depends()]) -> Response:
        """Return the tables of the history page as an Excel workbook with one sheet per table."""
        report = query.report(pipeline)
        write = pipeline.broadcast.notation
        note = rounding(report, write)  # a CSV file has every digit
        book = to_xlsx(
            export(report, *([("Rounding", note)] if note else ())),
            decimals=write.places,
            zone=report.calendar.zone,
            as_of=report.made_at,
        )
        return _file(book, name(report, "xlsx"), XLSX)

    def export(report: Report, *notes: tuple[str, str]) -> Export:
        currency = pipeline.broadcast.notation.currency
        summary = about(report, currency, pipeline.shown.source, pipeline.shown.status().name)
        return Export([("Desk", pipeline.desk), *summary, *notes], sheets(report))

    def name(report: Report, kind: str, table: str = "") -> str:
        """Return a file name with the range and the time of the export."""
        unreal = "" if pipeline.shown.source == "live" else f"-{pipeline.shown.source}"
        days = f"{report.period.first}-to-{report.period.last}"
        return f"northstar{table}-{days}-at-{report.made_at:%Y-%m-%dT%H%M%S}{unreal}.{kind}"


def _files(kind: str) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI description of a file response."""
    content = {kind: {"schema": {"type": "string", "format": "binary"}}}
    return {status.HTTP_200_OK: {"content": content}, **UNREADABLE}


def _file(content: bytes, name: str, kind: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', **NO_STORE}
    return Response(content, media_type=kind, headers=headers)
