"""Baseline: a bare `websockets` server that broadcasts one text at a fixed rate."""

import asyncio
import sys
import time

from websockets.asyncio.server import ServerConnection, broadcast, serve


async def main(port: int, rate: float, size: int) -> None:
    """Serve until killed; the text has the start and the size of a dashboard frame."""

    async def handle(viewer: ServerConnection) -> None:
        await viewer.wait_closed()

    async with serve(handle, "127.0.0.1", port, compression=None) as server:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            head = f'{{"sent_ms":{time.monotonic() * 1000},"props":"'
            broadcast(server.connections, head + "x" * (size - len(head) - 2) + '"}')
            due += 1 / rate
            await asyncio.sleep(due - loop.time())


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])))
