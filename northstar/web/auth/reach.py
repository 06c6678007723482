"""Determine where a request comes from; from another machine, it requires a sign-in."""

from starlette.requests import HTTPConnection

from northstar.settings.parsing import is_loopback

# Headers that proxies add besides X-Forwarded-*; direct clients such as browsers send none.
OF_PROXIES = {"forwarded", "via", "x-real-ip"}


def sender(request: HTTPConnection) -> str:
    """Return the address that a request came from, for the log and the record of changes."""
    return request.client.host if request.client else "an unknown address"


def way_from_outside(request: HTTPConnection) -> str | None:
    """Return how a request may have come from another machine; None if it did not.

    The settings do not show an undeclared proxy, or the address that `uvicorn app:server` listens
    on.
    """
    host, _ = request.scope.get("server") or ("a Unix socket", None)
    return _proxy(request) if is_loopback(host) else f"to {host}"


def _proxy(request: HTTPConnection) -> str | None:
    """Return the signs that a request came through a proxy; None without any."""
    signs = [name.title() for name in request.headers if _is_of_a_proxy(name)]
    if request.scope.get("root_path"):  # as with `uvicorn --root-path`
        signs.append("a root path")
    return f"through a proxy ({signs[0]})" if signs else None


def _is_of_a_proxy(header: str) -> bool:
    return header in OF_PROXIES or header.startswith("x-forwarded-")
