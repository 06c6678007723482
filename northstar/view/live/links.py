"""Agents and categories on the live page: links to their pages, and marks that belong together."""

from collections.abc import Mapping
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from northstar.reports.parts import Part, PartKind


def part_link(kind: PartKind, shown: str, name: str, **more: str) -> Component:
    """Return a name as a link to its page; `name` is the source's, empty for a group of them."""
    text = {"children": shown, "title": shown, **more}
    if not name:
        return html.Span(**text)
    return html.A(href=f"history?{urlencode({kind.value: name})}", **text)


def mark(part: Part | None) -> Mapping[str, str]:
    """Return the attribute that the marks of one part share: they are highlighted together."""
    return {"data-part": f"{part.kind} {part.name}"} if part else {}
