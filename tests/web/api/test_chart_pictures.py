"""Pictures of the current charts for programs and chats."""

import struct
import sys
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree as ET

import pytest

from northstar.web.api.chart_pictures import HEIGHTS, MOST_KEPT, WIDTHS, Chart
from support.inprocess import Dashboard, empty, filled, source
from support.sources import Stream
from support.today import now
from support.waiting import until

__all__ = ["empty", "filled", "source"]  # fixtures

TEXT = "{http://www.w3.org/2000/svg}text"


def svg(at: Dashboard, path: str) -> ET.Element:
    """Return a parsed SVG."""
    answer = at.get(f"/chart/{path}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["cache-control"] == "no-store"
    return ET.fromstring(answer.text)  # noqa: S314 (ours)


def size(content: bytes) -> tuple[int, int]:
    """Return width and height of a PNG."""
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", content[16:24])
    return width, height


@pytest.mark.parametrize("chart", list(Chart))
def test_picture(filled: Dashboard, chart: Chart) -> None:
    """Each chart is a picture with its title and state, as SVG and as PNG of double size."""
    drawn = svg(filled, f"{chart}.svg?width=640&height=360")
    answer = filled.get(f"/chart/{chart}.png?width=640&height=360")

    title = drawn.findtext(TEXT) or ""
    assert " · as of 22:24:00, 25 Feb 2026 · UTC · " in title
    assert title.endswith(" · STALE")  # the time of the example is in the past
    assert (drawn.get("width"), drawn.get("height")) == ("640", "360")
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "no-store"
    assert size(answer.content) == (1280, 720)
    assert len(answer.content) > 5_000


def test_theme(filled: Dashboard) -> None:
    """A picture is dark unless the light theme is requested."""
    background = [
        svg(filled, f"costs.svg{query}")[1].get("fill")
        for query in ("", "?theme=dark", "?theme=light")
    ]

    assert background == ["#20263f", "#20263f", "#fff"]


def test_picture_of_now(filled: Dashboard, source: Stream) -> None:
    """A picture stays the same until the state changes."""
    first = [filled.get("/chart/waterfall.png").content for _ in range(2)]
    assert first[0] == first[1]

    source.send(now(revenue=130_000))
    until(lambda: filled.get("/api/feed").json()["tally"]["accepted"] == 2, what="it is accepted")

    texts = [each.text for each in svg(filled, "waterfall.svg").iter(TEXT)]
    assert "$130,000.00" in texts
    assert (texts[0] or "").endswith(" · LIVE")
    assert filled.get("/chart/waterfall.png").content != first[0]


def test_pictures_of_many_sizes(filled: Dashboard) -> None:
    """Simultaneous requests for more sizes than are cached all get their size."""
    widths = range(WIDTHS[0], WIDTHS[0] + MOST_KEPT + 3)

    def drawn(width: int) -> str | None:
        return svg(filled, f"agents.svg?width={width}").get("width")

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(drawn, widths)) == list(map(str, widths))


def test_largest_picture(filled: Dashboard) -> None:
    """A picture can be requested in the largest size."""
    answer = filled.get(f"/chart/trend.png?width={WIDTHS[1]}&height={HEIGHTS[1]}")

    assert size(answer.content) == (2 * WIDTHS[1], 2 * HEIGHTS[1])


@pytest.mark.parametrize(
    ("path", "field", "reason"),
    [
        ("nothing.png", "name", "expected trend, waterfall, costs or agents"),
        ("trend.png?theme=blue", "theme", "expected dark or light"),
        (f"trend.png?width={WIDTHS[1] + 1}", "width", f"expected {WIDTHS[1]} or less"),
        ("trend.svg?height=1", "height", f"expected {HEIGHTS[0]} or more"),
        ("trend.svg?size=1", "size", "expected only height, theme, width"),
    ],
)
def test_invalid_picture(filled: Dashboard, path: str, field: str, reason: str) -> None:
    """An unknown chart, theme, size or name is refused with the reason."""
    answer = filled.get(f"/chart/{path}")

    assert answer.status_code == 422
    [detail] = answer.json()["detail"]
    assert (detail["loc"][1], detail["msg"]) == (field, reason)


def test_picture_before_the_first_message(empty: Dashboard) -> None:
    """Before the first message the answer has the state of the feed and no picture."""
    answer = empty.get("/chart/trend.png")

    assert answer.status_code == 503
    assert answer.json()["error"] == "no data yet"


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("sys.exit('no font to write texts with')", "no font to write texts with"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("sys.exit(1)", "no reason given"),
        ("sys.stdin.read(); threading.Event().wait()", "not done within 0.5 s"),
    ],
)
def test_picture_that_cannot_be_drawn(
    filled: Dashboard, monkeypatch: pytest.MonkeyPatch, program: str, reason: str
) -> None:
    """If drawing fails the answer has the reason, and the SVG is still served."""
    command = (sys.executable, "-c", f"import sys, threading; {program}")
    monkeypatch.setattr("northstar.programs.command", lambda _: command)
    monkeypatch.setattr("northstar.live.pictures.LIMIT_S", 0.5 if "wait" in program else 20)

    answer = filled.get("/chart/trend.png")

    assert (answer.status_code, answer.json()) == (503, {"error": reason})
    assert filled.get("/chart/trend.svg").status_code == 200


def test_description(filled: Dashboard) -> None:
    """The OpenAPI description has both routes with their parameters and answers."""
    paths = filled.get("/api/openapi.json").json()["paths"]

    for kind, media in (("png", "image/png"), ("svg", "image/svg+xml")):
        get = paths[f"/chart/{{name}}.{kind}"]["get"]
        names = [each["name"] for each in get["parameters"]]
        assert names == ["name", "theme", "width", "height"]
        assert list(get["responses"]) == ["200", "503", "422"]
        assert list(get["responses"]["200"]["content"]) == [media]
