"""What northstar/web/sockets relies on in websockets, hook by hook."""

import pytest
from websockets.extensions.permessage_deflate import (
    PerMessageDeflate,
    ServerPerMessageDeflateFactory,
)
from websockets.server import ServerProtocol


@pytest.mark.parametrize("name", ["available_extensions", "handshake_exc"])
def test_attribute_of_a_connection(name: str) -> None:
    """`ServerProtocol` has an attribute that we read or set."""
    assert hasattr(ServerProtocol(), name)


@pytest.mark.parametrize("name", ["fail", "data_to_send"])
def test_method_of_a_connection(name: str) -> None:
    """`ServerProtocol` has a method that we call."""
    assert callable(getattr(ServerProtocol, name, None))


def test_process_request_params() -> None:
    """`process_request_params` returns what was agreed on, and an extension with its windows."""
    factory = ServerPerMessageDeflateFactory(
        server_no_context_takeover=True, client_no_context_takeover=True
    )
    asked = [("server_max_window_bits", "12"), ("client_max_window_bits", None)]

    _, agreed = factory.process_request_params(asked, [])

    assert isinstance(agreed, PerMessageDeflate)
    assert agreed.local_max_window_bits == 12
    assert agreed.local_no_context_takeover
    assert agreed.remote_no_context_takeover
    assert agreed.remote_max_window_bits
