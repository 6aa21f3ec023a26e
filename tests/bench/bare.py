"""Answer every request with the same tokens: the client against a server that costs nothing. Usage: bare.py PORT"""

from __future__ import annotations

import asyncio
import json
import sys

TOKENS = {
    "access_token": "a" * 43,
    "expires_in": 3600,
    "id_token": "i" * 500,
    "refresh_token": "r" * 43,
    "scope": "openid email profile",
    "token_type": "Bearer",
}
BODY = json.dumps(TOKENS).encode()
HEAD = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n".encode()


class Bare(asyncio.Protocol):
    """Takes whatever arrives in one piece for one request, which holds for this benchmark's client."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(HEAD + BODY)


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Bare, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
