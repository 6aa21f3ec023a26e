"""TLS before a server that speaks plain HTTP, as a host's reverse proxy does it."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

HOST = "127.0.0.1"


@contextmanager
def before(port: int, authority: Path) -> Iterator[str]:
    """Yields the https address that leads to this port; `authority` is made by sites.certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority, authority.with_suffix(".key"))

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inner_reader, inner_writer = await asyncio.open_connection(HOST, port)
            await asyncio.gather(copy(reader, inner_writer), copy(inner_reader, writer))
        except OSError:
            writer.close()

    loop = asyncio.new_event_loop()  # in a thread of its own: Playwright's runs in this one
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(asyncio.start_server(connected, HOST, 0, ssl=context), loop).result()
    yield f"https://{HOST}:{server.sockets[0].getsockname()[1]}"
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until one side has nothing more to say; then the other hears that, too."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()
