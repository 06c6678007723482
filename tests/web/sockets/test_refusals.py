"""The log of requests that never reach the application."""

import socket

import pytest
from fastapi import FastAPI

from northstar.web.sockets.listening import listener
from northstar.web.sockets.uvicorn_server import served
from support.inprocess import ANSWER_S, serving


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (b"GET / HTTP/1.1\r\nbad\r\n\r\n", "Invalid HTTP request received from 127.0.0.1"),
        (b"\x16\x03\x01\x02\x00\x01", "Invalid HTTP request received from 127.0.0.1"),  # TLS
        (
            b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n",
            "Invalid HTTP request received from 127.0.0.1: Too many headers",
        ),
        (
            b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000,
            "Invalid HTTP request received from 127.0.0.1: The request head is too large",
        ),
        (
            b"GET / HTTP/1.1\r\nConnection: upgrade, close\r\nUpgrade: h2c\r\n\r\n",
            "Unsupported upgrade request from 127.0.0.1",
        ),
    ],
    ids=["line", "tls", "headers", "head", "upgrade"],
)
def test_client_in_the_log(request_: bytes, said: str, caplog: pytest.LogCaptureFixture) -> None:
    """The log of a refused request has its client, and the reason if it is ours."""
    caplog.set_level("WARNING", "uvicorn.error")  # other servers of this process set another one
    with (
        listener(("127.0.0.1", 0)) as bound,
        serving(served(FastAPI()), bound),
        socket.create_connection(bound.getsockname(), timeout=ANSWER_S) as client,
    ):
        client.sendall(request_)
        while client.recv(65_536):
            pass

    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        said
    ]
