"""What northstar/web/sockets relies on in uvicorn, hook by hook."""

from collections.abc import Callable

import pytest
import uvicorn
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

HTTP_METHODS = [
    "connection_made",
    "connection_lost",
    "data_received",
    "on_message_begin",
    "on_url",
    "on_header",
    "on_headers_complete",
    "on_body",
    "on_message_complete",
    "handle_websocket_upgrade",
    "send_400_response",
    "pause_writing",
    "resume_writing",
    "_start_asgi_task",
    "_should_upgrade",
]
SOCKET_METHODS = [
    "connection_made",
    "connection_lost",
    "data_received",
    "handle_parser_exception",
    "run_asgi",
]
HTTP_ATTRIBUTES = ["loop", "parser", "transport", "flow", "client", "headers", "cycle", "pipeline"]
CYCLE_ATTRIBUTES = ["disconnected", "keep_alive", "message_event", "more_body", "response_complete"]
SOCKET_ATTRIBUTES = [
    "app",
    "loop",
    "conn",
    "transport",
    "handshake_complete",
    "initial_response",
    "disconnected",
]


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        *((HttpToolsProtocol, name) for name in HTTP_METHODS),
        *((WebSocketsSansIOProtocol, name) for name in SOCKET_METHODS),
        (uvicorn.Server, "handle_exit"),
        (uvicorn.Server, "shutdown"),
    ],
)
def test_method(owner: type, name: str) -> None:
    """A method that we replace or call is there."""
    assert callable(getattr(owner, name, None))


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        *((HttpToolsProtocol, name) for name in HTTP_ATTRIBUTES),
        *((RequestResponseCycle, name) for name in CYCLE_ATTRIBUTES),
        *((WebSocketsSansIOProtocol, name) for name in SOCKET_ATTRIBUTES),
        (uvicorn.Server, "should_exit"),
        (ProxyHeadersMiddleware, "trusted_hosts"),
    ],
)
def test_attribute(owner: type, name: str) -> None:
    """An attribute that we read or set is set when its owner is made."""
    assert name in made_with(owner.__init__)  # type: ignore[misc]  # its own


@pytest.mark.parametrize(
    ("method", "name"),
    [
        (HttpToolsProtocol.on_message_begin, "url"),
        (WebSocketsSansIOProtocol.handle_connect, "request"),
        (WebSocketsSansIOProtocol.handle_connect, "response"),
    ],
    ids=lambda value: getattr(value, "__qualname__", value),
)
def test_attribute_set_later(method: Callable[..., object], name: str) -> None:
    """An attribute that a request brings is set by the method that takes it."""
    assert name in made_with(method)


def made_with(method: Callable[..., object]) -> tuple[str, ...]:
    """Return the names that a method reads and sets."""
    names: tuple[str, ...] = method.__code__.co_names
    return names
