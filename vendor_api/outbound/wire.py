"""One exchange over one connection, to exactly the addresses that were checked and within one deadline."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Any, Final
from urllib.parse import SplitResult

import httpcore

from vendor_api.errors import CannotFetch
from vendor_api.outbound.addresses import Address

LARGEST_BODY: Final = 64 * 1024
# Sec-GPC: nobody for whom the wallet goes out wants their data sold or shared (Global Privacy Control).
ALWAYS: Final = {"Accept-Encoding": "identity", "Connection": "close", "User-Agent": "hausrecht", "Sec-GPC": "1"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a vendor's server answered; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Deadline:
    """The end of everything one exchange may take."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds. Raises httpcore.ReadTimeout where there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left


class Pinned(httpcore.NetworkBackend):
    """Connects to the addresses that were checked, whatever the name leads to by now."""

    def __init__(self, addresses: Sequence[Address], deadline: Deadline) -> None:
        self._addresses, self._deadline, self._sockets = addresses, deadline, httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        for address in self._addresses:
            try:
                return Timed(self._sockets.connect_tcp(str(address), port, self._deadline.left()), self._deadline)
            except httpcore.ConnectError:
                continue
        raise httpcore.ConnectError


class Timed(httpcore.NetworkStream):
    """A connection whose every step ends with the deadline, also where the other side sends a byte at a time."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return Timed(self._stream.start_tls(ssl_context, server_hostname, self._deadline.left()), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def exchange(
    method: str,
    parts: SplitResult,
    addresses: Sequence[Address],
    *,
    headers: Mapping[str, str],
    body: bytes | None,
    trust: SSLContext | None,
    deadline: Deadline,
) -> Reply:
    """Send one request and read the answer; `trust` is needed for https. Raises CannotFetch.

    httpcore is what httpx speaks through. It knows no redirects, cookies, proxies or compression, so none can happen.
    """
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    url = httpcore.URL(scheme=parts.scheme, host=str(parts.hostname), port=parts.port, target=path)
    sent = [*{"Host": parts.netloc, **ALWAYS, **headers}.items()]
    try:
        with (
            httpcore.ConnectionPool(ssl_context=trust, network_backend=Pinned(addresses, deadline)) as pool,
            pool.stream(method, url, headers=sent, content=body) as answer,
        ):
            found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
            check_answer(answer.status, found)
            return Reply(answer.status, found, read(answer.iter_stream()))
    except httpcore.TimeoutException:
        raise CannotFetch("its server did not answer in time") from None
    except (httpcore.NetworkError, httpcore.ProtocolError):
        raise CannotFetch("its server can not be reached, has no valid certificate or does not speak HTTP") from None


def check_answer(status: int, headers: Mapping[str, str]) -> None:
    if 300 <= status < 400:
        raise CannotFetch("its server redirects elsewhere, which is not followed")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise CannotFetch("its server answers compressed, though it was asked not to")
    length = headers.get("content-length", "0")
    if length.isascii() and length.isdigit() and len(length) < 20 and int(length) > LARGEST_BODY:
        raise CannotFetch("the answer is too large")


def read(parts: Iterable[bytes]) -> bytes:
    body = b""
    for part in parts:
        body += part
        if len(body) > LARGEST_BODY:
            raise CannotFetch("the answer is too large")
    return body
