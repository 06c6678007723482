"""The shape of the house: which way imports point, how long files are, what is documented."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from northstar.settings import Settings, flag, variable

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "northstar").rglob("*.py"))
MAX_LINES = 400

# The parts of the package, and for each the parts that it may import.
CORE = {"errors", "messages", "ledger", "books", "clocks", "session"}
# What is told of the past, none of which knows a clock or a socket.
PAST = {"days", "periods", "performance", "export", "report", "sheets"}
MAY_IMPORT = {
    "northstar": set[str](),
    "errors": set[str](),
    "messages": {"errors"},
    "ledger": {"errors", "messages"},
    "books": {"errors", "messages", "ledger"},
    "clocks": set[str](),
    "session": {"ledger"},
    "setting_values": set[str](),
    "environment": {"errors"},
    "settings": {"errors", "environment", "setting_values"},
    "hub": {"errors", "messages"},
    "recording": {"errors", "messages"},
    "feeds": {"errors", "messages", "recording", "feeds"},
    "days": set[str](),
    "periods": set[str](),
    "performance": {"ledger", "messages"},
    "export": set[str](),
    "history": {"errors", "messages", "ledger", "books", "days", "performance", "history"},
    "report": {"days", "periods", "performance", "history"},
    "sheets": {"ledger", "periods", "performance", "export", "report"},
    "view": CORE | PAST | {"northstar", "view"},
    "pipeline": CORE | {"settings", "hub", "recording", "feeds", "history", "view"},
    "assembly": CORE | {"settings", "days", "feeds", "recording", "history", "pipeline"},
    "turns": {"errors"},
    "api": CORE | PAST | {"history", "pipeline", "turns"},
    "codings": set[str](),
    "shelf": {"codings"},
    "plotlyjs": set[str](),
    "static": {"shelf", "plotlyjs"},
    "template": {"plotlyjs", "static", "policy"},
    "shared": set[str](),
    "page": {"view", "pipeline", "shared", "template"},
    "history_page": PAST | {"northstar", "view", "template"},
    "sockets": {"settings", "access", "hub", "pipeline", "throttle", "connection"},
    "deflate": set[str](),
    "connection": {"deflate"},
    "serving": {"connection"},
    "access": {"settings"},
    "policy": set[str](),
    "throttle": {"errors"},
    "guard": {"errors", "settings", "setting_values", "access", "policy", "throttle", "view"},
    "sign_in": {"errors", "settings", "access", "policy", "template", "throttle", "view"},
    "proxies": {"settings", "setting_values"},
    "metrics": {"northstar", "view", "pipeline", "api"},
    "logs": {"settings"},
    "alive": {"settings", "view", "pipeline", "api"},
    "server": CORE
    | {"northstar", "settings", "hub", "view", "pipeline", "assembly", "api", "periods"}
    | {"static", "plotlyjs", "page", "history_page", "sockets", "metrics", "alive", "logs"}
    | {"access", "guard", "policy", "proxies", "shared", "sign_in", "template", "turns"},
    "passwords": {"errors", "access"},
    "command": {"northstar", "errors", "settings", "server", "serving", "logs", "passwords"},
    "__main__": {"command"},
    "app": {"command"},
}
# Within the feeds: what they share comes first, no feed knows of another, no protocol either.
FEEDS = "northstar.feeds"
LINK, UPSTREAM, PACE = f"{FEEDS}.link", f"{FEEDS}.upstream", f"{FEEDS}.pace"
ENGINE = f"{FEEDS}.engine"
PROTOCOLS = {f"{FEEDS}.websocket", f"{FEEDS}.socketio"}
BETWEEN_FEEDS = {
    LINK: set[str](),
    FEEDS: {LINK},
    UPSTREAM: set[str](),
    PACE: set[str](),
    ENGINE: {UPSTREAM, PACE},
    **{protocol: {UPSTREAM, PACE, ENGINE} for protocol in PROTOCOLS},
    f"{FEEDS}.live": {FEEDS, LINK, UPSTREAM, PACE, *PROTOCOLS},
    f"{FEEDS}.demo": {FEEDS, LINK},
    f"{FEEDS}.replay": {FEEDS, LINK},
}
# Packages that only some parts may import.
WAITING = {"asyncio", "anyio", "socket", "aiohttp", "socketio", "websockets", "threading"}
STORING = {"sqlalchemy", "alembic", "sqlite3", "psycopg"}
DRAWING = {"dash", "dash_extensions", "plotly"}
MAY_WAIT = {"shelf", "static", "feeds", "hub", "history", "pipeline", "sockets"}
MAY_WAIT |= {
    "deflate",
    "connection",
    "turns",
    "sign_in",
    "metrics",
    "alive",
    "shared",
    "server",
    "serving",
    "command",
}
MAY_DRAW = {"plotlyjs", "static", "view", "template", "page", "history_page", "server"}
MAY_STORE = {"history"}


def module_name(path: Path) -> str:
    """Return the dotted name of a file below the project's folder."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


KNOWN = {module_name(path) for path in MODULES}


def part_of(module: str) -> str:
    """Return the part of the package that a module belongs to."""
    return module.split(".")[1] if "." in module else module


def imports(source: str) -> Iterator[str]:
    """Yield the dotted name of every module that `source` imports, wherever it does so."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the whole way"
            module = node.module or ""
            for name in (f"{module}.{alias.name}" for alias in node.names):
                yield name if name in KNOWN else module


def faults(module: str, source: str) -> Iterator[str]:
    """Yield every import of `source` that points the wrong way."""
    part = part_of(module)
    assert part in MAY_IMPORT, f"say in MAY_IMPORT what {part} may import"
    for imported in imports(source):
        package = imported.split(".")[0]
        fine = (
            (package not in WAITING or part in MAY_WAIT)
            and (package not in DRAWING or part in MAY_DRAW)
            and (package not in STORING or part in MAY_STORE)
            and (package != "northstar" or part_of(imported) in MAY_IMPORT[part])
            and (part != "feeds" or not _between_feeds(module, imported))
        )
        if not fine:
            yield f"{module} imports {imported}"


def _between_feeds(module: str, imported: str) -> bool:
    """Tell whether a feed knows of another, or what feeds share knows of a feed."""
    return part_of(imported) == "feeds" and imported not in BETWEEN_FEEDS[module]


@pytest.mark.parametrize("path", [ROOT / "app.py", *MODULES], ids=module_name)
def test_imports(path: Path) -> None:
    """Every import points from the outside to the inside."""
    assert list(faults(module_name(path), path.read_text())) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("northstar.errors", "from northstar import messages"),
        ("northstar.messages", "import northstar.ledger"),
        ("northstar.ledger", "def audit():\n    from northstar.books import audit"),
        ("northstar.ledger", "from asyncio import Event"),
        ("northstar.books", "import plotly.graph_objects as go"),
        ("northstar.session", "from northstar.view.money import Notation"),
        ("northstar.ledger", "from northstar.session import Session"),
        ("northstar.hub", "from northstar.feeds.link import Link"),
        ("northstar.feeds.demo", "from northstar.feeds.websocket import WebSocketFeed"),
        ("northstar.feeds.demo", "from northstar.feeds import websocket"),
        ("northstar.feeds.link", "from northstar.feeds import Accept"),
        ("northstar.feeds.websocket", "from northstar.ledger import Ledger"),
        ("northstar.feeds.websocket", "from northstar.feeds.socketio import read_socketio"),
        ("northstar.view.panels", "from northstar.pipeline import Pipeline"),
        ("northstar.view.panels", "import threading"),
        ("northstar.pipeline", "if TYPE_CHECKING:\n    from northstar.server import create_server"),
        ("northstar.pipeline", "from dash import Dash"),
        ("northstar.pipeline", "from northstar.page import Page"),
        ("northstar.view.layout", "from northstar.page import Page"),
        ("northstar.page", "from northstar.server import create_server"),
        ("northstar.page", "import asyncio"),
        ("northstar.static", "from northstar.page import ASSETS"),
        ("northstar.history.store", "from northstar.hub import Hub"),
        ("northstar.history.store", "from northstar.report import Report"),
        ("northstar.hub", "from northstar.history import History"),
        ("northstar.feeds.demo", "from northstar.history.store import Store"),
        ("northstar.report", "import sqlalchemy"),
        ("northstar.sheets", "from northstar.view.money import Notation"),
        ("northstar.performance", "from northstar.history.store import Moment"),
    ],
)
def test_import_that_points_backwards(module: str, source: str) -> None:
    """This test would notice it, however it is written."""
    assert len(list(faults(module, source))) == 1


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_module_docstring(path: Path) -> None:
    """Every module says what it is for."""
    assert ast.get_docstring(ast.parse(path.read_text()))


@pytest.mark.parametrize(
    "path",
    [
        ROOT / "app.py",
        *MODULES,
        *sorted((ROOT / "tests").glob("*.py")),
        *sorted((ROOT / "assets").glob("*.js")),
        *sorted((ROOT / "assets").glob("*.css")),
    ],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_length(path: Path) -> None:
    """At 400 lines there is a second noun in a file."""
    assert len(path.read_text().splitlines()) <= MAX_LINES


@pytest.mark.parametrize("name", Settings.model_fields)
def test_setting_in_the_readme(name: str) -> None:
    """The README has every setting, by its variable and its flag."""
    readme = (ROOT / "README.md").read_text()

    assert re.search(rf"{variable(name)}\b", readme)
    assert re.search(rf"{flag(name)}(?![\w-])", readme)


def test_requirements_in_the_readme() -> None:
    """The README names every package that the dashboard runs on, to say why."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    packages = [match[0] for line in lines if (match := re.match(r"[\w-]+", line))]
    readme = (ROOT / "README.md").read_text().lower()

    assert len(packages) > 5
    assert [name for name in packages if not re.search(rf"\b{name}\b", readme)] == []
