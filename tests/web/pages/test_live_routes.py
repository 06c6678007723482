"""The served page: complete at once, and never a template of another package."""

import json
import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest

from northstar.view.live.figures import CHARTS
from northstar.view.shared.charts import blank
from northstar.view.shared.ids import Id
from northstar.view.shared.money import legible
from northstar.web.pages import history, live
from support import guide
from support.checkout import ASSETS
from support.frames import read_whole
from support.inprocess import Dashboard, demo, empty, filled, read_frame, source
from support.sources import Stream
from support.waiting import until

__all__ = ["demo", "empty", "filled", "source"]  # fixtures

EVIL = [
    "</script><script>alert(1)</script>",
    "{%scripts%}",
    "{%first_frame%}{%page%}{%nothing%}",
    "<!-- </style> \\u003c \\1 \\g<0>",
    '"><img src=x onerror=alert(1)>',
    "\u2028&lt;script&gt;&amp;\x00",
]


class Elements(HTMLParser):
    """Collects every element of a page and the content of its scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script":
            self.scripts[-1] += data

    def shape(self) -> list[tuple[str, str | None]]:
        """Return tag and id of every element except those of rows."""
        return [
            (tag, attributes.get("id"))
            for tag, attributes in self.found
            if not re.search(r"-\d+-", attributes.get("id") or "")
        ]


def first_frame(page: str) -> dict[str, Any]:
    """Return the frame embedded in the page."""
    found = re.search(
        r'<script type="application/json" id="first-frame">(.*?)</script>', page, re.DOTALL
    )
    assert found
    return read_whole(found[1])


def said(page: str, element_id: str) -> str:
    """Return the text of an element that contains only text."""
    found = re.search(rf'<[^>]* id="{element_id}"[^>]*>([^<]*)<', page)
    assert found, element_id
    return unescape(found[1])


def evil(name: str) -> str:
    """Return the guide's example with this name in every name field and an unknown one."""
    return guide.text(
        costBreakdown=[{"name": name, "value": 48320, "percentage": 5}],
        agentAttribution=[{"agent": name, "revenue": 125450, "expenses": 48320}],
        comment=name,
    )


def test_page(empty: Dashboard) -> None:
    """The page of a real stream has the plain title and our styles, and loads our scripts."""
    answer = empty.get("/")

    assert answer.headers["content-type"].startswith("text/html")
    assert "<title>NorthStar Synergy | P&amp;L</title>" in answer.text
    assert "--fill-gain" in answer.text
    assert "{%" not in answer.text
    assets = re.findall(r'"(/assets/[^"?]+)', answer.text)
    assert "/assets/live.js" in assets
    for asset in assets:
        assert empty.get(asset).status_code == 200


@pytest.mark.parametrize(("path", "others"), [("/", live.OTHERS), ("/history", history.OTHERS)])
def test_order_of_scripts(empty: Dashboard, path: str, others: str) -> None:
    """The page loads one script before those of Dash, with its files in the order of assets/."""
    page = empty.get(path, follow_redirects=True).text
    sources = re.findall(r'<script src="([^"]+)', page)
    [script] = [address for address in sources if address.startswith("/assets/")]
    answer = empty.get(script)
    loaded = re.findall(r"^/\* (\S+\.js) \*/$", answer.text, re.MULTILINE)
    listing = sorted(file.name for file in ASSETS.glob("*.js"))

    assert loaded == [name for name in listing if not re.search(others, name)]
    assert loaded != listing
    assert sources[0] == script
    assert answer.headers["cache-control"].endswith("immutable")


def test_page_of_a_demo(demo: Dashboard) -> None:
    """A demo is labelled in the title and on the page."""
    page = demo.get("/").text

    assert "· DEMO</title>" in page
    assert said(page, Id.SOURCE) == "DEMO"


def test_page_without_a_socket_of_dash(empty: Dashboard) -> None:
    """Dash's configuration has no socket, so that a tab opens one less."""
    page = empty.get("/").text
    found = re.search(r'<script id="_dash-config"[^>]*>(.*?)</script>', page, re.DOTALL)

    assert found
    assert "websocket" not in json.loads(found[1])


def test_page_with_numbers(source: Stream, filled: Dashboard) -> None:
    """The page contains the current numbers, not those at the start."""
    page = filled.get("/").text
    assert re.search(r'id="kpi-net-value"[^>]*>\$77,130<small>.00</small><', page)
    assert said(page, "kpi-revenue-value") == "$125,450.00"
    assert said(page, "costs-legend-0-amount") == "$18,500.00"
    assert said(page, "agent-cards-2-net") == "$11,430.00"
    assert said(page, Id.FEED_WORD) == "Stale", "the guide's example is of February"

    source.send(guide.text(revenue=99_000.5))

    until(lambda: said(filled.get("/").text, "kpi-revenue-value") == "$99,000.50")


def test_page_before_any_message(empty: Dashboard) -> None:
    """Without data the page shows no number, and its frame has none."""
    page = empty.get("/").text

    assert not re.search(r"\$\d", page)
    assert said(page, "kpi-net-value") == "–"
    assert said(page, Id.FEED_WORD) == "Connecting"
    assert first_frame(page)["props"] is None


def test_first_frame_of_a_page(filled: Dashboard) -> None:
    """The embedded frame equals the one that the socket would send."""
    with filled.open("/view-stream") as viewer:
        drawn = read_frame(viewer, "$125,450.00")

    frame = first_frame(filled.get("/").text)

    assert frame.keys() == drawn.keys()
    for name in ("protocol", "epoch", "seq", "as_of", "props"):
        assert frame[name] == drawn[name]
    assert frame["props"][Id.CHART_WATERFALL]["figure"]["data"][0]["y"][0] == 125450


def test_preloads_of_a_page(empty: Dashboard) -> None:
    """Dash's first requests, every script and plotly.js are preloaded."""
    page = Elements(empty.get("/").text)

    links = [attributes for tag, attributes in page.found if tag == "link"]
    first = [link for link in links if link["rel"] == "preload" and link["as"] != "font"]
    preloads = [link["href"] or "" for link in first]
    scripts = [attributes.get("src") for tag, attributes in page.found if tag == "script"]
    assert preloads[:2] == ["/_dash-layout", "/_dash-dependencies"]
    assert preloads[2:-1] == [script for script in scripts if script]
    assert "plotly" in preloads[-1]
    for href in (*preloads, *(link["href"] or "" for link in links if link["rel"] == "icon")):
        assert empty.get(href).status_code == 200


def test_layout_of_dash(filled: Dashboard) -> None:
    """Dash's layout has the stream and the charts, but no number."""
    layout = filled.get("/_dash-layout")

    assert "$" not in layout.text
    assert "125" not in layout.text
    figures = re.findall(r'"figure":', layout.text)
    assert len(figures) == len(CHARTS)
    shown = [
        part["props"]["children"]["props"]["figure"]
        for part in layout.json()["props"]["children"][1:]
    ]
    assert shown == [blank()] * len(CHARTS)


@pytest.mark.parametrize("name", EVIL)
def test_page_of_hostile_names(name: str, source: Stream, filled: Dashboard) -> None:
    """A name cannot end a script, is not markup and is no placeholder of the template."""
    with filled.open("/view-stream") as viewer:
        source.send(
            guide.text(
                costBreakdown=[{"name": "A", "value": 48320, "percentage": 5}],
                agentAttribution=[{"agent": "A", "revenue": 125450, "expenses": 48320}],
                revenue=125_449,
            )
        )
        read_frame(viewer, "$125,449.00")
        tame = Elements(filled.get("/").text)

        source.send(evil(name))
        drawn = read_frame(viewer, "$125,450.00")
    page = filled.get("/").text

    found = Elements(page)
    assert found.shape() == tame.shape()
    assert len(found.scripts) == len(tame.scripts)
    assert [a.get("title") for _, a in found.found if a.get("class") == "name"] == [legible(name)]
    assert first_frame(page)["props"] == drawn["props"]
    assert drawn["props"]["chart-costs-table"]["rows"][0][0] == legible(name)
    assert not any("onerror" in attributes for _, attributes in found.found)


@pytest.mark.parametrize("kpi", ["kpi-net", "kpi-revenue", "kpi-expenses", "kpi-margin"])
def test_explanation(kpi: str, filled: Dashboard) -> None:
    """Each key figure has an explanation, which is never cached."""
    answer = filled.get(f"/explain/{kpi}")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    found = re.search("<pre[^>]*>\n(.*)</pre>", answer.text, re.DOTALL)
    assert found
    assert unescape(found[1]) == guide.EXAMPLE
    assert "<dt>Message</dt><dd>1 since the start</dd>" in answer.text


def test_explanation_before_any_message(empty: Dashboard) -> None:
    """Without data the explanation says that there is nothing to explain."""
    answer = empty.get("/explain/kpi-net")

    assert (answer.status_code, answer.text) == (200, "no data yet")


@pytest.mark.parametrize("name", ["kpi-nothing", "", "chart-nothing", "kpi-net/x", "%3Cscript%3E"])
def test_explanation_of_what_is_not_there(name: str, filled: Dashboard) -> None:
    """An unknown key figure is answered with 404 in JSON, never in HTML."""
    answer = filled.get(f"/explain/{name}", follow_redirects=False)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"
    assert set(answer.json()) == {"error"}


@pytest.mark.parametrize("name", EVIL)
def test_explanation_of_a_hostile_message(name: str, source: Stream, filled: Dashboard) -> None:
    """The message is shown unchanged, and none of it is markup."""
    tame = Elements(filled.get("/explain/kpi-net").text)
    sent = evil(name)
    source.send(sent)
    until(lambda: filled.get("/api/feed").json()["tally"]["accepted"] == 2)

    told = filled.get("/explain/kpi-net").text

    assert Elements(told).shape() == tame.shape()
    found = re.search("<pre[^>]*>\n(.*)</pre>", told, re.DOTALL)
    assert found
    assert unescape(found[1]) == sent
