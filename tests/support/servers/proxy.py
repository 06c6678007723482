"""The connection between two programs: forwards every byte until it is killed."""

import argparse
import asyncio
import os

HOST = "127.0.0.1"
CHUNK_BYTES = 1 << 16


async def run(port: int, to: int) -> None:
    """Connect each client of `port` to port `to` for ever."""

    async def carry(near: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far, far_writer = await asyncio.open_connection(HOST, to)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pass_on(near, far_writer), _pass_on(far, writer))

    async with await asyncio.start_server(carry, HOST, port) as server:
        await server.serve_forever()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy until the reader's side ends, then close the writer's."""
    try:
        while chunk := await reader.read(CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=os.environ.get("PORT", "0"))
    parser.add_argument("--to", type=int, required=True)
    told = parser.parse_args()
    asyncio.run(run(told.port, told.to))
