"""The description of the API: an OpenAPI document, and its interactive page.

Undocumented parts of FastAPI used here (`starlette_app` lists the others):

- the page of `get_swagger_ui_html()`: its inline script is in a `<script>` tag without attributes.
  Without it, the hash in the page's Content-Security-Policy is missing, and the page stays empty.
"""

import re

from fastapi import FastAPI, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import JSONResponse

from northstar.web.auth.security_headers import hash_of, page_policy
from northstar.web.starlette_app import remove_route

OPENAPI = "/api/openapi.json"
DOCS_FILES = "/api/docs/static"
INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def add_api_docs(server: FastAPI) -> None:
    """Add the routes of the description, which respect the base path."""
    remove_route(server, OPENAPI)  # FastAPI's own ignores unknown names in a query

    @server.get(OPENAPI, include_in_schema=False)
    async def description(request: Request) -> Response:
        """Return the OpenAPI document, with the base path as its server."""
        base = request.scope.get("root_path", "")
        servers = {"servers": [{"url": base}]} if base else {}
        return JSONResponse({**server.openapi(), **servers})

    @server.get("/api/docs", include_in_schema=False)
    async def docs(request: Request) -> Response:
        """Return the interactive documentation of the API."""
        base = request.scope.get("root_path", "")
        page = get_swagger_ui_html(
            openapi_url=f"{base}{OPENAPI}",
            title="NorthStar API",
            swagger_js_url=f"{base}{DOCS_FILES}/swagger-ui-bundle.js",
            swagger_css_url=f"{base}{DOCS_FILES}/swagger-ui.css",
            swagger_favicon_url=f"{base}/assets/favicon.svg",
        )
        page.headers.update(page_policy(map(hash_of, inline_scripts(page))))
        return page


def inline_scripts(page: Response) -> list[str]:
    """Return the inline scripts of the interactive page."""
    return INLINE.findall(bytes(page.body).decode())
