"""What northstar/web/files/dash_app.py and view/shared/html.py rely on in Dash, hook by hook."""

import inspect
import json
import re

import httpx
import plotly
import pytest
from dash import Dash, dash_table, dcc, html, page_container
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from fastapi.routing import APIRoute

from northstar.web.files.dash_app import (
    CALLBACKS,
    DASH_PATHS,
    DEPENDENCIES,
    GRAPH,
    LAYOUT,
    ROUTED,
    ROUTED_BY,
    SHARED,
    SUITES,
    UNUSED,
    DashApp,
    build_fingerprint,
    package_folder,
    split_address,
)

PLOTLY = "/vendor/plotly.js?m=1"
CONFIG = re.compile(r'<script id="_dash-config" type="application/json">(.*?)</script>')


@pytest.fixture
def page() -> DashApp:
    """Return a page below another one that shares its files."""
    page = DashApp(
        FastAPI(), base="/", plotly=PLOTLY, name="page", requests_pathname_prefix="/below/"
    )
    page.layout = html.Div(dcc.Graph())
    return page


async def get(page: Dash, path: str) -> httpx.Response:
    """Return the response to a request, below the page's base path."""
    base = page.config.requests_pathname_prefix.removesuffix("/")
    transport = httpx.ASGITransport(page.server, root_path=base)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get(f"{base}{path}")


async def written(page: Dash) -> str:
    """Return a page as a browser gets it."""
    return (await get(page, "/")).text


async def config_of(page: Dash) -> dict[str, object]:
    """Return the configuration that a page gets from the server."""
    found = CONFIG.search(await written(page))
    assert found
    return dict(json.loads(found[1]))


def routes(page: Dash) -> set[str]:
    """Return the paths of Dash's routes below the page's."""
    found = [route for route in page.server.routes if isinstance(route, APIRoute)]
    return {route.path.removeprefix("/") for route in found}


async def test_init_app() -> None:
    """A second `Dash.init_app` only changes the prefix that Dash's middleware matches."""
    happened: list[str] = []
    page = Dash("based", server=FastAPI(), backend="fastapi", requests_pathname_prefix="/base/")
    page.layout = html.Div()
    page.backend.before_request(lambda: happened.append("prepared"))
    routes = list(page.server.routes)
    assert (await get(page, f"/{LAYOUT}")).status_code == 200
    assert happened == []

    page.init_app(routes_pathname_prefix="/base/")
    assert (await get(page, f"/{LAYOUT}")).status_code == 200
    assert happened == ["prepared"]
    assert page.server.routes == routes


def noting(page: DashApp) -> dict[str, str]:
    """Return a dict for the parts of a page, which its next rendering fills."""
    noted: dict[str, str] = {}

    def write(**parts: str) -> str:
        noted.update(parts)
        return "".join(parts.values())

    page.interpolate_index = write
    return noted


async def test_index() -> None:
    """`Dash.index` returns what `interpolate_index` writes, also in a route of our own."""
    server = FastAPI()

    @server.get("/", response_class=PlainTextResponse)
    async def own() -> str:
        return app.rendered()

    app = DashApp(server, base="/", plotly=PLOTLY, name="page")
    app.layout = html.Div()
    noted = noting(app)

    assert await written(app) == "".join(noted.values())
    assert {"app_entry", "config", "metas", "renderer", "scripts"} <= {*noted}


async def test_renderer(page: DashApp) -> None:
    """The part `renderer` is one inline script, which starts Dash; no other part does."""
    noted = noting(page)
    await written(page)
    starting = [name for name, part in noted.items() if "new DashRenderer(" in part]

    assert starting == ["renderer"]
    assert re.fullmatch(r"<script( (id|type)=\"[^\"]+\")*>[^<]+</script>", noted["renderer"])


def test_unset_read_only() -> None:
    """`config.unset_read_only` lets `config.serve_locally` be changed, which is fixed otherwise."""
    page = Dash("plain", server=FastAPI(), backend="fastapi")
    with pytest.raises(AttributeError):
        page.config.serve_locally = False

    page.config.unset_read_only(["serve_locally"])
    page.config.serve_locally = False
    assert page.config.serve_locally is False


def test_to_plotly_json() -> None:
    """`Component.to_plotly_json` has the type and the properties, in a dict that can be changed."""
    part = html.Div(["a", html.B("b")], id="c", className="d", **{"data-e": 1})
    written = part.to_plotly_json()
    assert written["type"] == "Div"
    children = written["props"].pop("children")

    assert children == part.children
    assert written["props"] == {"id": "c", "className": "d", "data-e": 1}
    assert part.to_plotly_json()["props"]["children"] == children


async def test_generate_scripts_html(page: DashApp) -> None:
    """`Dash._generate_scripts_html` writes the tags of `Dash._collect_and_register_resources`."""
    text = await written(page)

    assert page.library_address.startswith("/_dash-component-suites/")
    assert text.count(f'<script src="{page.library_address}"></script>') == 1
    assert text.count("<script src=") == 1


async def test_library(page: DashApp) -> None:
    """The joined file has every script of a page unchanged in Dash's order."""
    plain = Dash("plain", server=FastAPI(), backend="fastapi")
    plain.layout = page.layout
    addresses = re.findall(rf'<script src="/{SUITES}/dash/([^"]+)"', await written(plain))
    paths = [path for path, _ in map(split_address, addresses) if not path.startswith(UNUSED)]
    paths.insert(paths.index(SHARED) + 1, GRAPH)
    scripts = [(package_folder("dash") / path).read_bytes() for path in paths]

    library = page.library.read()
    places = [library.index(script) for script in scripts]
    assert places == sorted(places)
    assert len(paths) == len(addresses) - len(UNUSED) + 1


async def test_resources() -> None:
    """Dash's list of its own scripts contains the names `UNUSED`, `SHARED` and `GRAPH`."""
    parameters = inspect.signature(Dash._collect_and_register_resources).parameters
    assert [*parameters][:2] == ["self", "resources"]
    assert {"include_async", "url_attr"} <= {*parameters}
    paths = {resource.get("relative_package_path", "") for resource in dcc._js_dist}
    assert {SHARED, GRAPH} <= paths
    assert any(
        resource["relative_package_path"].startswith("dash_table/")
        for resource in dash_table._js_dist
    )
    page = Dash("whole", server=FastAPI(), backend="fastapi")
    page.layout = html.Div()
    assert "/deps/polyfill@" in await written(page)


async def test_plotlyjs_url(page: DashApp) -> None:
    """`Dash._plotlyjs_url` is in a page's configuration if `config.serve_locally` is not set."""
    assert (await config_of(page))["plotlyjs_url"] == PLOTLY


async def test_websocket_capability(page: DashApp) -> None:
    """`Dash.backend.websocket_capability` decides whether a page opens a socket."""
    assert "websocket" not in await config_of(page)

    page.backend.websocket_capability = True
    assert "websocket" in await config_of(page)


def test_registered_paths(page: DashApp) -> None:
    """`Dash.registered_paths` has the files that may be served after `Dash._setup_server`."""
    assert SHARED not in page.registered_paths.get("dash", ())
    assert SHARED in page.files["dash"]
    assert "package_data/plotly.min.js" in page.files["plotly"]
    assert "dash.py" not in page.files["dash"]


@pytest.mark.parametrize("path", [SUITES, LAYOUT, DEPENDENCIES, CALLBACKS])
def test_path_of_a_route(page: DashApp, path: str) -> None:
    """Dash has a route at each path that we name."""
    assert path in {route.partition("/")[0] for route in routes(page)}


@pytest.mark.parametrize("start", DASH_PATHS)
def test_start_of_paths(page: DashApp, start: str) -> None:
    """Dash's routes start with our prefixes, except its page and one for development."""
    assert any(route.startswith(start) for route in routes(page))
    assert {each for each in routes(page) if not each.startswith(DASH_PATHS)} == {
        "",
        "_reload-hash",
    }


@pytest.mark.parametrize("path", [f"/{LAYOUT}", f"/{DEPENDENCIES}"])
async def test_serve_layout_and_dependencies(page: DashApp, path: str) -> None:
    """`Dash.serve_layout` and `Dash.dependencies` answer Dash's first requests and are cached."""
    await written(page)
    answer = await get(page, path)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "private, max-age=30"


def test_dash_stores() -> None:
    """`window.dash_stores` has the stores, and `history.past` of each is the undo history."""
    renderer = package_folder("dash") / "dash-renderer/build/dash_renderer.min.js"
    script = renderer.read_text()

    assert "window.dash_stores" in script
    assert "{past:[],present:{},future:[]}" in script
    assert ".history" in script


def test_fingerprint() -> None:
    """`dash.fingerprint` puts a version into an address and recognises it again."""
    address = build_fingerprint("package_data/plotly.min.js", plotly.__version__, "1f")

    assert address != "package_data/plotly.min.js"
    assert split_address(address) == ("package_data/plotly.min.js", "1f")
    assert split_address("package_data/plotly.min.js") == ("package_data/plotly.min.js", "")


async def test_callback_of_pages() -> None:
    """Dash Pages has one server callback with these outputs and inputs."""
    page = Dash("pages", server=FastAPI(), backend="fastapi", use_pages=True, pages_folder="")
    page.layout = html.Div(page_container)
    await written(page)
    callbacks = (await get(page, f"/{DEPENDENCIES}")).json()
    [callback] = [each for each in callbacks if not each["clientside_function"]]

    assert callback["output"] == f"..{'...'.join(ROUTED)}.."
    assert [f"{each['id']}.{each['property']}" for each in callback["inputs"]] == ROUTED_BY
    assert callback["state"] == []
