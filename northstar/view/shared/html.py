"""Render components as HTML.

Data from the stream is always text or an attribute value, and is escaped here.

Undocumented parts of Dash used here (`web/files/dash_app.py` lists the others):

- `Component.to_plotly_json()`: the type and properties of a component, in a dict of their own.
  Without it, components could not be written as HTML on the server.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from dash.development.base_component import Component

# React's attribute names that differ from HTML's.
ATTRIBUTES = {"className": "class", "dateTime": "datetime", "tabIndex": "tabindex"}


class Markup(str):
    """Text that is HTML already, in which everything from the stream is escaped."""

    __slots__ = ()


def to_html(content: Component | Sequence[Component]) -> str:
    """Return one or more trees of `dash.html` components as HTML."""
    return "".join(_write(content))


def _write(node: object) -> Iterator[str]:
    match node:
        case None:
            return
        case Markup():
            yield node
        case Component():
            written = node.to_plotly_json()
            tag, properties = written["type"].lower(), written["props"]
            children = properties.pop("children", None)
            yield f"<{tag}{''.join(_attributes(properties))}>"
            if tag == "pre":
                yield "\n"  # HTML drops the first line break in the element
            yield from _write(children)
            yield f"</{tag}>"
        case list() | tuple():
            for child in node:
                yield from _write(child)
        case _:
            yield escape(str(node))


def _attributes(properties: Mapping[str, object]) -> Iterator[str]:
    for name, value in properties.items():
        if value is None or value is False:
            continue
        attribute = ATTRIBUTES.get(name, name)
        text = _style(value) if isinstance(value, Mapping) else str(value)
        yield f" {attribute}" if value is True else f' {attribute}="{escape(text)}"'


def _style(declarations: Mapping[str, object]) -> str:
    return ";".join(f"{name}:{value}" for name, value in declarations.items())
