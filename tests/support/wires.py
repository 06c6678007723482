"""A TCP proxy that can go silent as a network does: connections stay open without data."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from support.programs import HOST

CHUNK = 65_536
LISTENS = b"LISTEN "


class Wire:
    """Forwards data to the port `target`, in an event loop on its own thread."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._is_whole = asyncio.Event()
        self._is_heard = asyncio.Event()
        self._is_broken = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._is_ready = threading.Event()
        self._ends = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=[self._serve()])
        self._thread.start()
        self._is_ready.wait()
        self.mend()

    def cut(self) -> None:
        """Hold back all data from now on."""
        self._loop.call_soon_threadsafe(self._is_whole.clear)

    def break_off(self) -> None:
        """Close all connections, and each new one at once."""
        self._loop.call_soon_threadsafe(self._close)

    def deafen(self) -> None:
        """Hold back notifications on connections that listen for them."""
        self._loop.call_soon_threadsafe(self._is_heard.clear)

    def mend(self) -> None:
        """Forward everything again, including held data."""
        self._is_broken = False
        self._loop.call_soon_threadsafe(self._is_whole.set)
        self._loop.call_soon_threadsafe(self._is_heard.set)

    def stop(self) -> None:
        """Close all connections and stop listening."""
        self._loop.call_soon_threadsafe(self._ends.set)
        self._thread.join()
        self._loop.close()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._join, HOST, 0)
        self.port = server.sockets[0].getsockname()[1]
        self._is_ready.set()
        await self._ends.wait()
        server.close()
        self._is_whole.set()
        self._is_heard.set()
        self._close()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*rest, return_exceptions=True)  # some are cancelled

    def _close(self) -> None:
        self._is_broken = True
        for writer in self._writers:
            writer.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Connect a client to the target until one of the two closes."""
        with suppress(OSError), self._held(writer):
            if self._is_broken:
                return
            await self._is_whole.wait()
            answers, requests = await asyncio.open_connection(HOST, self._target)
            listens = asyncio.Event()
            with self._held(requests):
                pumps = [
                    asyncio.ensure_future(self._pump(reader, requests, listens)),
                    asyncio.ensure_future(self._pump(answers, writer, listens, back=True)),
                ]
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)

    @contextmanager
    def _held(self, writer: asyncio.StreamWriter) -> Iterator[None]:
        """Close the connection of `writer` at the end of the context or earlier."""
        self._writers.add(writer)
        try:
            yield
        finally:
            self._writers.discard(writer)
            writer.transport.abort() if self._is_broken else writer.close()

    async def _pump(
        self,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        listens: asyncio.Event,
        *,
        back: bool = False,
    ) -> None:
        while chunk := await source.read(CHUNK):
            if LISTENS in chunk and not back:
                listens.set()
            if back and listens.is_set():
                await self._is_heard.wait()
            await self._is_whole.wait()
            target.write(chunk)
            await target.drain()
