"""The notes that people wrote about the days of a period, and the form for another one."""

from dataclasses import replace
from datetime import datetime
from itertools import compress

from dash import dcc, html
from dash.development.base_component import Component

from northstar.domain.notes import Note, time_of
from northstar.reports.report import Report
from northstar.reports.spreadsheet import Sheet
from northstar.reports.tables import NOTES, Table, sheet
from northstar.view.history.links import Links
from northstar.view.shared.ids import HistoryId, part
from northstar.view.shared.marks import shortened
from northstar.view.shared.money import Notation, legible

OCCASIONAL = {"Closed at net", "Restated", NOTES}  # columns of the table of days


def days_sheet(report: Report) -> Sheet:
    """Return the table of days with short notes, without columns in which no day has anything."""
    whole = sheet(Table.DAYS, report)
    short = [(*others, notes and shortened(str(notes))) for *others, notes in whole.rows]
    used = [
        column.name not in OCCASIONAL or any(row[at] for row in short)
        for at, column in enumerate(whole.columns)
    ]
    return replace(
        whole,
        columns=list(compress(whole.columns, used)),
        rows=[list(compress(row, used)) for row in short],
        total=list(compress(whole.total or (), used)),
    )


def notes_panel(report: Report, write: Notation, *, temporary: bool) -> Component:
    """Return the notes of a period, with a form that a script shows and sends.

    A `temporary` history ends with the program, and its notes do.
    """
    links = Links(report)
    notes = [_note(note, report, links, write) for note in report.notes]
    listed = html.Ul(notes) if notes else html.P("No notes in these days.", className="label")
    return html.Section(
        [html.H2("Notes"), listed, _form(report, temporary=temporary)],
        id=HistoryId.NOTES,
        className="panel day-notes",
    )


def _note(note: Note, report: Report, links: Links, write: Notation) -> Component:
    """Return a note; its author and their method tell the script who may delete it."""
    about: list[str | Component] = [links.day_text(note.day, write.full_day(note.day))]
    if note.at:
        about.append(f", {time_of(note, report.calendar.zone)}")
    by = f" · {legible(note.author.name)}, {_time(note.written_at, report, write)}"
    author = {"data-who": note.author.name, "data-method": note.author.method}
    named = {"aria-label": f"Delete the note of {write.full_day(note.day)}"}
    button = {"className": "control", "hidden": True, "data-delete": note.number}
    delete = html.Button("Delete", **button, **named)
    text = html.P(legible(note.text), className="text")
    line = html.P([*about, by], className="label")
    return html.Li([text, line, delete], id=f"note-{note.number}", tabIndex="-1", **author)


def _time(at: datetime, report: Report, write: Notation) -> str:
    local = at.astimezone(report.calendar.zone)
    return f"written {write.full_day(local.date())}, {write.time_of_day(local)}"


def _form(report: Report, *, temporary: bool) -> Component:
    first, last = report.period.first, min(report.period.last, report.today)
    days = {"min": first.isoformat(), "max": last.isoformat(), "value": last.isoformat()}
    one = dcc.Input(type="hidden", name="date", value=first.isoformat())
    day = dcc.Input(type="date", name="date", required=True, **days)
    warning = "These notes end with the program: its history is temporary." if temporary else ""
    fields = [
        one if report.is_one_day else _labelled("Day", day),
        _labelled("Time, if it is about a moment", dcc.Input(type="time", name="at")),
        _labelled("Note", dcc.Textarea(name="text", rows=3, required=True), "wide"),
    ]
    author = html.P(id=part(HistoryId.NOTES, "author"), className="label", role="status")
    problem = html.P(id=part(HistoryId.NOTES, "problem"), className="problem", role="alert")
    foot = [author, html.P(warning, className="label"), html.Button("Save", className="control")]
    form = html.Form([*fields, problem, *foot])
    summary = html.Summary("Write a note", className="control")
    return html.Details([summary, form], hidden=True)


def _labelled(label: str, field: Component, name: str = "") -> Component:
    return html.Label([html.Span(label), field], className=name)
