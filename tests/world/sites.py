"""A vendor's own web site, with a certificate of an authority nobody else knows."""

import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import orjson
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

NAMES = ("localhost", "shop.test")
JSON = {"Content-Type": "application/json"}


def certificate(folder: Path) -> Path:
    """A file with a certificate for NAMES and 127.0.0.1 that is its own authority, and its key in another beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an authority of our own")])
    names = [*map(x509.DNSName, NAMES), x509.IPAddress(ip_address("127.0.0.1"))]
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "authority.pem"
    file.write_bytes(made.public_bytes(Encoding.PEM))
    file.with_suffix(".key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return file


def allowed(authority: Path) -> dict[str, str]:
    """The settings with which a wallet fetches from such sites."""
    return {"outbound_allow": "127.0.0.0/8,::1/128", "outbound_ca_file": str(authority)}


@dataclass
class Site:
    """Answers every path alike: `status`, `headers`, `body`; or as `speaks` does, on the raw connection."""

    authority: Path
    port: int = 0
    scheme: str = "https"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: dict(JSON))
    body: bytes = b'{"hello": "world"}'
    speaks: Callable[[Any], None] | None = None
    seen: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.port}/document"

    def shows(self, content: object, **headers: str) -> None:
        self.status, self.body, self.headers = 200, orjson.dumps(content), {**JSON, **headers}


@contextmanager
def serving(authority: Path, *, scheme: str = "https") -> Iterator[Site]:
    site = Site(authority, scheme=scheme)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(site))
    server.daemon_threads, server.block_on_close = True, False
    site.port = server.server_port
    if scheme == "https":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority, authority.with_suffix(".key"))
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield site
    server.shutdown()
    server.server_close()


def handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            site.seen.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            if site.speaks is not None:
                site.speaks(self.wfile)
                return
            self.send_response(site.status)
            for name, value in {"Content-Length": str(len(site.body)), **site.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(site.body)

        do_GET = do_POST = answer  # noqa: N815 - the names http.server looks for

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                self.close_connection = True  # the wallet hung up, as it should

        def log_message(self, *_: object) -> None:
            """Quietly."""

    return Handler
