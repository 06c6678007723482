"""The page as HTML: the component tree with escaped text."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest
from dash import html
from dash.development.base_component import Component
from hypothesis import given, settings
from hypothesis import strategies as st

from northstar.domain.outcomes import Receipt
from northstar.view.live.explain import ORIGINS, explain
from northstar.view.live.layout import page
from northstar.view.live.panels import texts
from northstar.view.shared.html import Markup, to_html
from northstar.view.shared.ids import Id
from northstar.view.shared.money import Notation
from support import guide
from support.feed_states import FEED
from support.snapshots import snapshot

EVIL = """</pre></style><script>alert('1')</script> & "quoted" {%scripts%} <!-- &lt;b&gt;"""
HTML_NAMES = {"className": "class", "dateTime": "datetime", "tabIndex": "tabindex"}


@dataclass
class Element:
    """An element as a browser would parse it; `inside` has its texts and elements."""

    tag: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    inside: list["Element | str"] = field(default_factory=list)

    def add(self, text: str) -> None:
        """Append text to the preceding text, if any."""
        if self.inside and isinstance(self.inside[-1], str):
            text = f"{self.inside.pop()}{text}"
        self.inside.append(text)


class Reader(HTMLParser):
    """A strict HTML parser: elements are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), "an attribute comes once"
        element = Element(tag, dict(attrs))
        self.open[-1].inside.append(element)
        self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        at = self.open[-1]
        if at.tag == "pre" and not at.inside:  # HTML ignores the first line break
            data = data.removeprefix("\n")
        if data:
            at.add(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


def read(written: str) -> list[Element | str]:
    """Return the top-level nodes of a page's HTML."""
    reader = Reader()
    reader.feed(written)
    reader.close()
    (top,) = reader.open
    return top.inside


def due(component: Component) -> Element:
    """Return the element that a browser must have for a component."""
    props: dict[str, Any] = dict(component.to_plotly_json()["props"])
    children = props.pop("children", None)
    found = Element(type(component).__name__.lower())
    for name, value in props.items():
        if value not in (None, False):
            found.attributes[HTML_NAMES.get(name, name)] = _attribute(value)
    for child in children if isinstance(children, list | tuple) else [children]:
        if isinstance(child, Component):
            found.inside.append(due(child))
        elif isinstance(child, Markup):
            found.inside.extend(read(child))
        elif child not in (None, ""):
            found.add(str(child))
    return found


def _attribute(value: Any) -> str | None:
    if isinstance(value, dict):
        return ";".join(f"{name}:{said}" for name, said in value.items())
    return None if value is True else str(value)


def elements(inside: list[Element | str]) -> Iterator[Element]:
    """Yield every element, outermost first."""
    for each in inside:
        if isinstance(each, Element):
            yield each
            yield from elements(each.inside)


def hostile() -> dict[str, Any]:
    """Return sections with hostile names."""
    return {
        "costBreakdown": [{"name": EVIL, "value": 48320, "percentage": 5}],
        "agentAttribution": [{"agent": EVIL, "revenue": 125450, "expenses": 48320}],
    }


@pytest.mark.parametrize("changes", [None, {}, hostile()], ids=["none", "example", "hostile"])
def test_page_as_html(changes: dict[str, Any] | None) -> None:
    """Every component of the page is an element: same order, attributes and text."""
    known = {} if changes is None else texts(snapshot(**changes), Notation())
    tree = page(FEED, known, {})

    found = read(to_html(tree))

    assert found == [due(tree)]
    assert len(list(elements(found))) > 100
    assert {element.tag for element in elements(found)} & {"script", "style", "iframe"} == set()


@pytest.mark.parametrize("raw", [EVIL, guide.EXAMPLE, "\n\n{}\n"], ids=["evil", "guide", "lines"])
@pytest.mark.parametrize("kpi", ORIGINS)
def test_explanation_as_html(kpi: str, raw: str) -> None:
    """A panel's text is what the message said, letter for letter, line by line."""
    receipt = Receipt(1, raw, snapshot().as_of, "ws://host")
    panel = explain(Id(kpi), snapshot(**hostile()), receipt, Notation())

    found = read(to_html(panel))

    assert found == [due(panel)]
    (pre,) = (element for element in elements(found) if element.tag == "pre")
    assert pre.inside == [raw]


@pytest.mark.parametrize(
    ("component", "written"),
    [
        (html.P(), "<p></p>"),
        (html.P("a"), "<p>a</p>"),
        (html.P(0), "<p>0</p>"),
        (html.P(["a", None, html.B("b"), "c"]), "<p>a<b>b</b>c</p>"),
        (html.P((html.I(), "a")), "<p><i></i>a</p>"),
        (html.P(html.B("b")), "<p><b>b</b></p>"),
        (html.H1("&<>\"'"), "<h1>&amp;&lt;&gt;&quot;&#x27;</h1>"),
        (html.P(id="a", className="b c"), '<p id="a" class="b c"></p>'),
        (html.P(title="\"'<&>"), '<p title="&quot;&#x27;&lt;&amp;&gt;"></p>'),
        (html.P(title=""), '<p title=""></p>'),
        (html.Div(hidden=True), "<div hidden></div>"),
        (html.Div(hidden=False), "<div></div>"),
        (html.Div(tabIndex="-1"), '<div tabindex="-1"></div>'),
        (html.Time("now", dateTime="2026"), '<time datetime="2026">now</time>'),
        (html.I(style={"--a": 7, "background": "red"}), '<i style="--a:7;background:red"></i>'),
        (html.I(style={"--a": '"<'}), '<i style="--a:&quot;&lt;"></i>'),
        (html.P(**{"data-a": "1", "aria-b": "c"}), '<p data-a="1" aria-b="c"></p>'),
        ([html.P("a"), html.P("b")], "<p>a</p><p>b</p>"),
        ((), ""),
    ],
)
def test_html_of(component: Any, written: str) -> None:
    """Attributes have HTML's names, true ones have no value; text and values are escaped."""
    assert sorted_attributes(to_html(component)) == sorted_attributes(written)


def sorted_attributes(written: str) -> list[tuple[str, ...]]:
    """Return HTML with sorted attributes."""
    head, _, rest = written.partition(">")
    return [tuple(sorted(head.split(" "))), (rest,)]


@given(text=st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"])))
@settings(database=None, deadline=None)
def test_html_of_any_text(text: str) -> None:
    """Any text or attribute value survives a round trip through HTML."""
    found = read(to_html(html.P(text, title=text, **{"data-copy": text})))

    attributes: dict[str, str | None] = {"title": text, "data-copy": text}
    assert found == [Element("p", attributes, [text] if text else [])]
