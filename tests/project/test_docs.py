"""The documentation is complete: settings, routes, metrics, dependencies and architecture."""

import re
import tomllib
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import grimp
import pytest
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from northstar.domain.cluster import ClusterStatus, Member
from northstar.settings.table import Settings, flag, variable
from northstar.web.app import create_server
from northstar.web.metrics import Metrics
from support.checkout import ROOT
from support.guards import BEARER, client_of, guarded
from support.pipelines import AT, ManualPipeline

# Routes used by Dash and the pages themselves, other spellings of pages, and those with 404.
INTERNAL = re.compile(r"(/history)?/(_|assets|vendor)|/api/docs/static$|/history/$|$|/{path:path}$")
ROOM = re.compile(r"^(\w+)(?: +→ (.*))?$", re.MULTILINE)
FILE = re.compile(r"`((?:northstar|assets|tests|tools|benchmarks|docs|deploy)/[\w./*-]+)`")
README_LINES = 200


def page(name: str) -> str:
    """Return a page of the documentation."""
    return (ROOT / "docs" / name).read_text()


def rows(name: str) -> dict[str, str]:
    """Return the tables of a page by each code in the first cell of a row."""
    found = re.findall(r"^\| (.+?) \| (.*) \|$", page(name), re.MULTILINE)
    return {code: rest for cell, rest in found for code in re.findall(r"`([^`]+)`", cell)}


@pytest.mark.parametrize("name", Settings.model_fields)
def test_setting(name: str) -> None:
    """Every setting is documented by its variable and its option."""
    assert rows("settings.md")[variable(name)].startswith(f"`{flag(name)}` |")


def test_no_other_setting() -> None:
    """No setting is documented that does not exist."""
    assert set(rows("settings.md")) == set(map(variable, Settings.model_fields))


def test_routes() -> None:
    """Every route is documented with its method, and no other."""
    written = [route.partition("?")[0] for route in rows("api.md")]

    servers = create_server(guarded()), create_server(Settings(demo=True))
    served = set().union(*(methods_and_paths(server.router.routes) for server in servers))
    assert {route for route in written if " /" in route} == served


def methods_and_paths(routes: Iterable[BaseRoute]) -> set[str]:
    """Return the public routes as `GET /path`."""
    served = set()
    for route in routes:
        assert isinstance(route, Route | Mount | WebSocketRoute), route
        methods = route.methods if isinstance(route, Route) else None
        if not INTERNAL.match(route.path):
            served |= {f"{method} {route.path}" for method in (methods or {"WS"}) - {"HEAD"}}
    return served


async def test_metrics(tmp_path: Path) -> None:
    """Every metric of our own is documented with its labels, and no other."""
    file = tmp_path / "alerts.toml"
    file.write_text("[receivers.desk]\nwebhook = 'https://example.org'\n")
    async with client_of(guarded(alerts=file)) as client:
        text = (await client.get("/metrics", headers=BEARER)).text
    one = ManualPipeline()
    one.broadcast.cluster = ClusterStatus("a", "a", AT, 0, [Member("a", "1", 0)])
    in_cluster = generate_latest(Metrics(one, {"answered": 1}).registry).decode()
    served = set()
    for family in chain(*map(text_string_to_metric_families, (text, in_cluster))):
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        name = f"{family.name}_total" if family.type == "counter" else family.name
        served.add(name + (f"{{{','.join(sorted(labels))}}}" if labels else ""))

    ours = {name for name in served if re.match(r"northstar_(?!.*_created$)", name)}
    assert {name for name in rows("metrics.md") if name.startswith("northstar_")} == ours


def test_diagram() -> None:
    """The diagram has the layers of the import contract, and the imports of the code."""
    drawn = re.search(r"```text\n(.*?)```", page("architecture.md"), re.DOTALL)
    assert drawn
    layers = [ROOM.findall(layer) for layer in drawn[1].split("──\n")]
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    rooms = [layer.split(" | ") for layer in contract["contracts"][0]["layers"]]

    assert [[room for room, _ in layer] for layer in layers] == rooms
    assert {room: imports for layer in layers for room, imports in layer} == imports_of(rooms)


def imports_of(rooms: Iterable[Iterable[str]]) -> dict[str, str]:
    """Return the rooms that each room imports, in the order of the layers."""
    graph = grimp.build_graph("northstar")
    names = [room for layer in rooms for room in layer]

    def imports(room: str, other: str) -> bool:
        return room != other and graph.direct_import_exists(
            importer=f"northstar.{room}", imported=f"northstar.{other}", as_packages=True
        )

    return {room: ", ".join(other for other in names if imports(room, other)) for room in names}


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/architecture.md"]
)
def test_files_exist(name: str) -> None:
    """Every file named in the documentation exists; a `*` is a wildcard."""
    named = re.findall(FILE, (ROOT / name).read_text())

    assert [path for path in named if not list(ROOT.glob(path))] == []


def test_readme_is_short() -> None:
    """The README is an overview; the rest is in docs/."""
    assert len((ROOT / "README.md").read_text().splitlines()) <= README_LINES
