"""Put the same load on any server: a few keep-alive connections, one thread, a bounded list of jobs, loopback only."""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Generic, TypeVar

from cpu import spent

T = TypeVar("T")

CONNECTIONS = 8
PATIENCE = 20  # seconds without any answer after which a run gives up
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class BenchError(Exception):
    """One sentence that says why the figures of this run would mean nothing; it ends the run."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer: `head` is the status line and the headers as they came."""

    status: int
    head: bytes
    body: bytes

    def headers(self, name: str) -> list[str]:
        found = re.findall(rb"\r\n%s: *([^\r]*)" % name.encode(), self.head, re.IGNORECASE)
        return [value.decode("latin-1") for value in found]


@dataclass(frozen=True, slots=True)
class Pace:
    """Jobs a second, the server's CPU seconds for each, and the client's own load on its core (0 to 1)."""

    per_second: float
    cost: float
    busy: float


# A job yields the bytes of a request, is sent the answer, and returns its result.
Job = Generator[bytes, Answer, T]


class _Line(Generic[T]):
    """One connection and the job that is using it."""

    def __init__(self, port: int, results: list[T]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._results = results
        self._job: Job[T]
        self._buffer = b""

    def take(self, jobs: Iterator[Job[T]]) -> bool:
        """Start the next job; says whether there was one."""
        for self._job in jobs:
            self.socket.sendall(next(self._job))
            return True
        return False

    def advance(self, jobs: Iterator[Job[T]]) -> bool:
        """Read what has come and go on with it; says whether this line still has work."""
        answer = self._read()
        if answer is None:
            return True
        try:
            self.socket.sendall(self._job.send(answer))
        except StopIteration as ended:
            self._results.append(ended.value)
            return self.take(jobs)
        return True

    def _read(self) -> Answer | None:
        piece = self.socket.recv(65536)
        if not piece:
            raise BenchError("The server hung up instead of answering.")
        self._buffer += piece
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = self._buffer[: end + 2]
        length = LENGTH.search(head)
        if length is None:
            raise BenchError(f"An answer came without Content-Length: {head[:60]!r}.")
        total = end + 4 + int(length[1])
        if len(self._buffer) < total:
            return None
        body, self._buffer = self._buffer[end + 4 : total], b""
        return Answer(int(head[9:12]), head, body)


def run(port: int, jobs: Sequence[Job[T]], *, group: int) -> tuple[list[T], Pace]:
    """Do all jobs, each connection one after the other. What they returned comes in the order they ended.

    `group` is the server's process group. Raises BenchError.
    """
    waiting, results = iter(jobs), list[T]()
    with selectors.DefaultSelector() as selector, ExitStack() as sockets:
        lines = [_Line(port, results) for _ in range(CONNECTIONS)]
        for line in lines:
            sockets.enter_context(line.socket)
            selector.register(line.socket, selectors.EVENT_READ, line)
        used, computed, started = spent(group), time.process_time(), time.perf_counter()
        working = sum([line.take(waiting) for line in lines])
        while working:
            ready = selector.select(PATIENCE)
            if not ready:
                raise BenchError(f"The server gave no answer for {PATIENCE} seconds.")
            working -= sum([not key.data.advance(waiting) for key, _ in ready])
        seconds = time.perf_counter() - started
        busy = (time.process_time() - computed) / seconds
        return results, Pace(len(jobs) / seconds, (spent(group) - used) / len(jobs), busy)
