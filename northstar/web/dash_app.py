"""What we use of Dash beyond its documentation; nothing else does.

- `Dash._collect_and_register_resources()`: the scripts and styles of a page, as data, before they
  are tags. Without it, a page would load scripts that nothing on it uses, and those of the history
  page would have other addresses than those of the live page.
- `Dash._plotlyjs_url`: where a chart fetches plotly.js from, told to the page only where files come
  from elsewhere (`config.serve_locally`). Without it, the page would load the whole of plotly.js,
  from an address that no browser keeps.
- `Dash.backend.websocket_capability`: without it, each tab would open a socket of Dash's own.
- `Dash.registered_paths`: the files of each package that may be served. Without it, ours could not
  be told from any other file of a package.
- `dash.fingerprint`: how an address has the version of its file. Without it, no file of a package
  could be cached for ever.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, TypeAlias

from dash import Dash
from dash.fingerprint import build_fingerprint, check_fingerprint
from fastapi import FastAPI

__all__ = ["DashApp", "build_fingerprint", "check_fingerprint"]

Resource: TypeAlias = dict[str, Any]

# Scripts that Dash puts into every page and that nothing on ours uses: there is no table on it, and
# of the polyfill, made for Internet Explorer, only what assets/regenerator.js has.
UNUSED = ("dash_table/", "deps/polyfill@")
# A chart asks for its own code late, too, and at an address that has no fingerprint. It does not
# where that code is in the page already, behind what it shares with other components.
SHARED, GRAPH = "dcc/dash_core_components-shared.js", "dcc/async-graph.js"

# The addresses of the scripts in the page that is being written.
_scripts: ContextVar[list[str]] = ContextVar("scripts")


class DashApp(Dash):  # type: ignore[misc]  # Dash has no types
    """A page of `server` whose charts load plotly.js from the address `plotly`.

    The addresses of all files begin with `base`, so that several pages share them.
    """

    def __init__(self, server: FastAPI, *, base: str, plotly: str, **options: Any) -> None:
        super().__init__(server=server, backend="fastapi", **options)
        self._base = base
        # No callback runs over Dash's own socket, so the page must not open one for each tab.
        self.backend.websocket_capability = False
        # The addresses of scripts and styles do not hang on this setting.
        self.config.unset_read_only(["serve_locally"])
        self.config.serve_locally = False
        self._plotlyjs_url = plotly

    @property
    def files(self) -> Mapping[str, Collection[str]]:
        """The files that may be served, by package; complete once a page was written."""
        files: Mapping[str, Collection[str]] = self.registered_paths
        return files

    def index(self, *args: Any, **options: Any) -> str:
        """Return the page; while it is written, `scripts_in_page` has its scripts."""
        token = _scripts.set([])
        try:
            return str(super().index(*args, **options))
        finally:
            _scripts.reset(token)

    @property
    def scripts_in_page(self) -> Sequence[str]:
        """The addresses of the scripts in the page that is being written."""
        return _scripts.get()

    def _collect_and_register_resources(
        self, resources: Sequence[Resource], *, url_attr: str = "src", **options: Any
    ) -> list[str]:
        needed = [*_needed(resources)]
        found = super()._collect_and_register_resources(needed, url_attr=url_attr, **options)
        own = self.config.requests_pathname_prefix
        addresses = [self._base + address.removeprefix(own) for address in found]
        noted = _scripts.get(None)  # Dash asks outside of a page, too, to register the files
        if noted is not None and url_attr == "src":
            noted += addresses
        return addresses


def _needed(resources: Sequence[Resource]) -> Iterator[Resource]:
    """Yield what a page needs; the charts' code as a script that it has from the start."""
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


def _is_used(path: str) -> bool:
    return not path.startswith(UNUSED)
