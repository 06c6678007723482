"""Adapter for the undocumented parts of Dash.

No other module uses them, except `view/shared/html.py`, which lists its own.

- `Dash.init_app()`: a second call changes the prefix of the paths that Dash's middleware matches,
  and adds no routes. Without it, no page below a base path could be rendered.
- `Dash.index()`: the page as `interpolate_index()` writes it, within a request that the middleware
  matched. Without it, our pages could not be rendered with their content.
- the part `renderer` of the page: one inline script, which starts Dash and needs all other scripts.
  Without it, `pages/load.js` could not load the scripts after the first paint.
- `config.unset_read_only()`: `serve_locally` can be changed. Without it, see `_plotlyjs_url`.
- `Dash._collect_and_register_resources()`: the scripts and styles of a page, as data, before they
  are tags. Without it, a page would load unused scripts, and the history page would load them from
  other addresses than the live page.
- `Dash._generate_scripts_html()`: the tags of a page's scripts. Without it, a page would load nine
  files that compress less well than one.
- `Dash._plotlyjs_url`: where a chart fetches plotly.js from; Dash passes it to the page only if
  files come from elsewhere (`config.serve_locally`). Without it, the page would load the whole of
  plotly.js, from an address that browsers do not cache.
- `Dash.backend.websocket_capability`: without it, each tab would open an additional Dash socket.
- `Dash.registered_paths`, which `Dash._setup_server()` completes before the first request that Dash
  answers: the files of each package that may be served. Without them, any file of a package could
  be requested.
- the outputs and inputs of the callback by which Dash Pages shows the layout of an address, the one
  callback that runs on the server. Without them, anyone could make Dash log tracebacks.
- `Dash.serve_layout()`, `Dash.dependencies()`: the responses to what Dash asks for first. Without
  them, Firefox and WebKit, which preload both, would ask for them twice.
- `window.dash_stores`, the Redux stores of a page, and `history.past` in their state: cleared by
  `assets/75-stream.js`. Without it, the undo history would store every message.
- `dash.fingerprint`: the encoding of a file's version in its address, of which the time of the file
  is replaced by its content's. Without it, files of packages could not be cached indefinitely.
- `_dash-…` and `_favicon…`: the paths of Dash's own routes, below a page's. Without them, the guard
  would refuse Dash's requests, and a page would preload other addresses than Dash asks for.
"""

import re
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeAlias

from dash import Dash
from dash.fingerprint import build_fingerprint, check_fingerprint
from fastapi import FastAPI

from northstar.web.files.cache import File
from northstar.web.files.joined import joined_files
from northstar.web.files.versions import file_version

__all__ = ["DashApp", "build_fingerprint", "package_folder", "split_address"]

Resource: TypeAlias = dict[str, Any]

# Paths of Dash's routes, below a page's: the files of its packages, what Dash asks for first, and
# its callbacks; and what all of them begin with.
SUITES = "_dash-component-suites"
LAYOUT, DEPENDENCIES = "_dash-layout", "_dash-dependencies"
CALLBACKS = "_dash-update-component"
DASH_PATHS = ("_dash-", "_favicon")

# Scripts that Dash adds to every page and ours does not use: it has no Dash table, and of the
# polyfill for Internet Explorer it needs only what assets/10-regenerator.js provides.
UNUSED = ("dash_table/", "deps/polyfill@")
# A chart loads its own code late, from an address without a fingerprint, unless the page already
# contains that code after the part shared with other components.
SHARED, GRAPH = "dcc/dash_core_components-shared.js", "dcc/async-graph.js"

BRIEFLY = "private, max-age=30"  # longer than a page takes to load, on a slow link too

ROUTED = ["_pages_content.children", "_pages_store.data"]
ROUTED_BY = ["_pages_location.pathname", "_pages_location.search"]

# What distinguishes the versions of a file in an address: for Dash a time, for us a hash.
STAMP = re.compile(r"(\.v[\w-]+m)([0-9a-fA-F]+)(?=\.)")

# The scripts of a page as one file, beside those that a component would load later. Dash refuses a
# page without its renderer, which it recognizes by that word.
LIBRARY = "dash/dcc/dash_renderer-and-components.js"


class DashApp(Dash):  # type: ignore[misc]  # Dash has no types
    """A page of `server` whose charts load plotly.js from the address `plotly`.

    All file addresses begin with `base`, so that several pages share them.
    """

    def __init__(self, server: FastAPI, *, base: str, plotly: str, **options: Any) -> None:
        super().__init__(server=server, backend="fastapi", **options)
        self._base = base
        # No callback uses Dash's own socket, so a tab must not open one.
        self.backend.websocket_capability = False
        # The addresses of scripts and styles do not depend on this setting.
        self.config.unset_read_only(["serve_locally"])
        self.config.serve_locally = False
        self._plotlyjs_url = plotly
        # The server's router knows the base path, so the routes exist; Dash's middleware does not.
        self.init_app(routes_pathname_prefix=self.config.requests_pathname_prefix)
        self._scripts: dict[Path, None] = {}  # of a page, in their order

    @property
    def files(self) -> Mapping[str, Collection[str]]:
        """The files that may be served, by package; read after the layout has been set."""
        self._setup_server()
        files: Mapping[str, Collection[str]] = self.registered_paths
        return files

    @cached_property
    def library(self) -> File:
        """The scripts of the page as a file in memory; read after the layout has been set."""
        self._setup_server()  # which finds those in the folder of assets
        super()._generate_scripts_html()
        return joined_files(LIBRARY, tuple(self._scripts))

    @property
    def library_address(self) -> str:
        return f"{self._base}{SUITES}/{LIBRARY}?m={self.library.version}"

    def rendered(self) -> str:
        """Return the page as `interpolate_index` writes it; called within a request of the page."""
        return str(self.index())

    def serve_layout(self) -> Any:
        """Return the response with the layout."""
        return _briefly_cached(super().serve_layout())

    def dependencies(self) -> Any:
        """Return the response with the callbacks."""
        return _briefly_cached(super().dependencies())

    def _generate_scripts_html(self) -> str:
        """Return a tag for the library, and those of inline scripts."""
        return f'<script src="{self.library_address}"></script>{super()._generate_scripts_html()}'

    def _collect_and_register_resources(
        self, resources: Sequence[Resource], *, url_attr: str = "src", **options: Any
    ) -> list[str]:
        needed = [*_needed(resources)]
        found = super()._collect_and_register_resources(needed, url_attr=url_attr, **options)
        own = self.config.requests_pathname_prefix
        assets = Path(self.config.assets_folder)
        files = [_file_of(address.removeprefix(own), assets) for address in found]
        if url_attr == "src":
            self._scripts.update(dict.fromkeys(file for _, file in files))
            return []
        return [f"{self._base}{_by_content(*file)}" for file in files]


def _briefly_cached(response: Any) -> Any:
    """Return a response that a browser preloads, for the request of Dash that follows.

    Dash sends a `Content-Type` with it. Firefox and WebKit take that request for another one than
    the preload's, and would send it too.
    """
    response.headers["Cache-Control"] = BRIEFLY
    return response


def _needed(resources: Sequence[Resource]) -> Iterator[Resource]:
    """Yield the resources of a page, with the charts' code as a script loaded from the start."""
    graphs = [each for each in resources if each.get("relative_package_path") == GRAPH]
    for resource in resources:
        match resource:
            case {"relative_package_path": list(paths)}:
                yield {**resource, "relative_package_path": [*filter(_is_used, paths)]}
            case {"relative_package_path": path} if path == GRAPH or not _is_used(path):
                pass
            case _:
                yield resource
                if resource.get("relative_package_path") == SHARED:
                    yield from ({**graph, "dynamic": False} for graph in graphs)


def split_address(address: str) -> tuple[str, str]:
    """Return the path of a package's file, and the version in its address, "" if there is none."""
    path, has_version = check_fingerprint(address)
    found = STAMP.search(address) if has_version else None
    return path, found[2] if found else ""


@cache
def package_folder(package: str) -> Path:
    """Return the folder of an imported package."""
    return Path(str(sys.modules[package].__file__)).parent.resolve()


def _file_of(address: str, assets: Path) -> tuple[str, Path]:
    """Return an address of Dash's, and the file that it stands for."""
    folder, rest = address.split("/", 1)
    if folder != SUITES:
        return address, assets / rest.partition("?m=")[0]
    package, below = rest.split("/", 1)
    path, _ = split_address(below)
    return address, package_folder(package) / path


def _by_content(address: str, file: Path) -> str:
    """Replace the time of a file in its address by the version of its content."""
    before, query, _ = address.partition("?m=")
    version = file_version(file)
    return f"{before}?m={version}" if query else STAMP.sub(rf"\g<1>{version}", address, count=1)


def _is_used(path: str) -> bool:
    return not path.startswith(UNUSED)
