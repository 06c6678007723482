"""A plain WebSocket stream for the dashboard, made with the `websockets` package."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from websockets.exceptions import ConnectionClosedError
from websockets.sync.server import Server, ServerConnection, serve

from support.programs import unused_port


class Stream:
    """A stream that sends a test's messages, and the last one to each new client."""

    def __init__(self, port: int = 0) -> None:
        self._last: str | bytes | None = None
        self._clients: set[ServerConnection] = set()
        self._lock = threading.Lock()
        self._has_stopped = False
        self._server: Server = serve(self._welcome, "127.0.0.1", port or unused_port())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.port: int = self._server.socket.getsockname()[1]

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/pnl-stream"

    @property
    def clients(self) -> int:
        with self._lock:
            return len(self._clients)

    def send(self, text: str | bytes) -> None:
        with self._lock:
            self._last = text
            for client in self._clients:
                client.send(text)

    def hang_up(self, code: int, reason: str) -> None:
        """Close every connection with a reason; clients may reconnect."""
        with self._lock:
            clients = list(self._clients)
        for client in clients:
            client.close(code, reason)

    def stop(self) -> None:
        """Close every connection and stop listening."""
        self._server.shutdown()
        with self._lock:
            self._has_stopped = True
            clients = list(self._clients)
        for client in clients:
            client.close()
        self._thread.join(timeout=5)

    def _welcome(self, client: ServerConnection) -> None:
        with self._lock:
            if self._has_stopped:  # during the handshake
                return
            self._clients.add(client)
            if self._last is not None:
                client.send(self._last)
        try:
            for _ in client:
                pass
        except ConnectionClosedError:
            pass  # the dashboard was killed
        finally:
            with self._lock:
                self._clients.discard(client)


@contextmanager
def stream(port: int = 0) -> Iterator[Stream]:
    """Run a stream on `port` (0: a free one) while the context is open."""
    source = Stream(port)
    try:
        yield source
    finally:
        source.stop()
