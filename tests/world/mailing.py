"""Real servers at the other end of channels: a mail server and a gateway, and what arrived there."""

import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from wallet.channels.model import Parcel

PARCEL = Parcel(
    delivery_id="d1",
    vendor_name="Stadtwerke",
    vendor_host="stadtwerke.example",
    topic_name="Störungen",
    subject="Kein Strom",
    text="Morgen von 8 bis 10 Uhr.",
    thread_link="https://wallet.example/inbox/t1",
    written_at=1_790_000_000,
    withdraw_link="https://wallet.example/stop/abc",
    reply_to="r.abc@wallet.example",
)


@dataclass
class Mailbox:
    """`answers` is what the server says to the next mails instead of taking them."""

    arrived: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    refuses: str = ""

    async def handle_RCPT(self, _server: SMTP, _session: Any, envelope: Any, address: str, _: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.refuses:
            return self.refuses
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answers:
            return self.answers.pop(0)
        self.arrived.append(envelope.content)
        self.recipients.extend(envelope.rcpt_tos)
        return "250 taken"

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(content, policy=default) for content in self.arrived]  # type: ignore[arg-type]

    def counted(self) -> Counter[str]:
        return Counter(str(mail["Message-ID"]) for mail in self.mails)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def mail_server() -> Iterator[tuple[str, Mailbox]]:
    """Its address for WALLET_SMTP_URL, and what comes in."""
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{controller.port}", box
    finally:
        controller.stop()


@dataclass
class Gateway:
    """Takes one key once, as docs/channels.md asks of gateways."""

    url: str = ""
    taken: dict[str, dict[str, str]] = field(default_factory=dict)
    seen: list[dict[str, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def take(self, headers: Any, said: dict[str, str]) -> int:
        self.seen.append({name.lower(): value for name, value in headers.items()})
        if self.answers:
            return self.answers.pop(0)
        self.taken.setdefault(headers["Idempotency-Key"], said)
        return 202


@contextmanager
def gateway() -> Iterator[Gateway]:
    found = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if len(body) < int(self.headers["Content-Length"]):
                return  # whoever sent it was killed meanwhile
            self.send_response(found.take(self.headers, json.loads(body)))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class PushService:
    """Keeps what browsers would get."""

    url: str = ""
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)


@contextmanager
def push_service() -> Iterator[PushService]:
    found = PushService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.posts.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(found.answers.pop(0) if found.answers else 201)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/abc"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


def until(holds: Callable[[], bool], *, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)
