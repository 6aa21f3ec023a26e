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
    asyncio.run_coroutine_threadsafe(ended(server), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def ended(server: asyncio.Server) -> None:
    """Also for connections that browsers keep open."""
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until one side has nothing more to say; then the other hears that, too."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()
