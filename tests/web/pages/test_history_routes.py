"""The pages of an agent and of a category: a real server on a database filled by hand."""

from collections.abc import Iterator

import pytest
from tenacity import wait_fixed

from support.filled import AT, COMMAND, LINK, STATES, fill, past, settings  # noqa: F401 (a fixture)
from support.inprocess import Dashboard, dashboard
from support.isolation import isolate, no_threads_left

HTML = {"Accept": "text/html"}
PERIOD = {"from": "2026-02-23", "to": "2026-02-25"}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """Run a dashboard on a database filled by hand, without a connection to its source."""
    folder = tmp_path_factory.mktemp("parts")
    fill(folder / "history.db", *STATES)
    with no_threads_left(), pytest.MonkeyPatch.context() as patch:
        isolate(patch, folder)
        patch.setattr("northstar.feeds.link.BACKOFF", wait_fixed(1000))
        with dashboard(settings(folder / "history.db")) as running:
            yield running


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"agent": LINK}, ["€100", "€70", "25 Feb 2026"]),
        ({"agent": COMMAND, "compare": "none"}, ["€200", "€150"]),
        ({"category": AT}, ["€60", "75.0%", "25 Feb 2026"]),
    ],
)
def test_page(query: dict[str, str], expected: list[str], past: Dashboard) -> None:
    """Each name of the history has a page with its figures, whatever its characters."""
    answer = past.get("/history", params=PERIOD | query, headers=HTML)

    assert answer.status_code == 200
    assert [text for text in expected if text not in answer.text] == []
    name = next(value for key, value in query.items() if key in {"agent", "category"})
    assert name not in str(answer.headers)


@pytest.mark.parametrize("kind", ["agent", "category"])
@pytest.mark.parametrize("name", ["Nobody", "", "<script>alert(1)</script>", "\ud800"])
def test_unknown_name(kind: str, name: str, past: Dashboard) -> None:
    """An unknown name is not found; the page lists the known names."""
    query = {kind: name.encode("utf-8", "surrogatepass")}
    answer = past.get("/history", params=query, headers=HTML)

    assert answer.status_code == 404
    assert f"The history has no {kind}" in answer.text
    assert "%40SUM%281%29" in answer.text or "cmd%7C" in answer.text
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize(
    "query", ["agent=Fees&category=Fees", "agent=a&agent=b", "agents=Fees", "agent=a&range=no"]
)
def test_refused(query: str, past: Dashboard) -> None:
    """Agent and category together, a repeated name and a misspelt key are refused with a page."""
    answer = past.get(f"/history?{query}", headers=HTML)

    assert answer.status_code == 422
    assert "expected" in answer.text


@pytest.mark.parametrize("route", ["days", "export.zip", "export.csv", "export.xlsx", "trend"])
def test_only_the_page_has_parts(route: str, past: Dashboard) -> None:
    """Exports and the API refuse the parameter for a part of the page."""
    assert past.get(f"/api/{route}?agent=x").status_code == 422
