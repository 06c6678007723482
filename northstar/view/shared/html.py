"""Render components as HTML.

All that comes from the stream is text or the value of an attribute, and escaped here.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from dash.development.base_component import Component

# React's names of attributes that have another one in HTML.
ATTRIBUTES = {"className": "class", "dateTime": "datetime", "tabIndex": "tabindex"}


def to_html(content: Component | Sequence[Component]) -> str:
    """Return a tree of `dash.html` components, or several, as HTML."""
    return "".join(_write(content))


def _write(node: object) -> Iterator[str]:
    match node:
        case None:
            return
        case Component():
            written = node.to_plotly_json()
            tag, properties = written["type"].lower(), written["props"]
            children = properties.pop("children", None)
            yield f"<{tag}{''.join(_attributes(properties))}>"
            if tag == "pre":
                yield "\n"  # the first line break in it is HTML's, not the text's
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
