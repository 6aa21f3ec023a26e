"""A wallet that serves, a person with a browser, and a vendor made of nothing but a library from npm."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx

from wallet.demo.browser import Browser, Page
from wallet.demo.stage import HOST, LOGIN, PASSWORD, move_in, own_environment, reserve, running, wait_until_ready


@dataclass(frozen=True)
class Wallet:
    """A process of its own, with one person in it. `address` is behind a proxy, where there is one."""

    issuer: str
    address: str
    environment: dict[str, str]

    def registers(self, **metadata: Any) -> dict[str, Any]:
        """A vendor that registers itself over HTTP."""
        answer = httpx.post(f"{self.address}/oauth/register", json=metadata, trust_env=False)
        assert answer.status_code == 201, answer.text
        registered: dict[str, Any] = answer.json()
        return registered


def free_port() -> int:
    with reserve(0) as door:
        port: int = door.getsockname()[1]
    return port


@contextmanager
def open_wallet(home: Path, *, port: int, issuer: str) -> Iterator[Wallet]:
    environment = own_environment(home) | {
        "WALLET_REGISTRATION": "open",
        "WALLET_ISSUER": issuer,
        "WALLET_FRONT_CHANNEL_TOKENS": "on",
    }
    address = f"http://{HOST}:{port}"
    move_in(environment)
    with running("wallet", ("wallet", "serve", "--port", str(port)), environment) as serving:
        wait_until_ready(serving, f"{address}/readyz")
        yield Wallet(issuer, address, environment)


@dataclass
class Corner:
    """The vendor's own address, which remembers how the person came back."""

    address: str
    arrivals: list[tuple[str, str]] = field(default_factory=list)

    @property
    def back(self) -> str:
        return f"{self.address}/back"


@contextmanager
def open_corner() -> Iterator[Corner]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.arrive(b"")

        def do_POST(self) -> None:
            self.arrive(self.rfile.read(int(self.headers["Content-Length"])))

        def arrive(self, body: bytes) -> None:
            corner.arrivals.append((corner.address + self.path, body.decode()))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        corner = Corner(f"http://{HOST}:{server.server_port}")
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield corner
        server.shutdown()


@dataclass
class Ana:
    """The person: she signs in where she is asked to, and allows all that is wanted."""

    browser: Browser
    corner: Corner

    def follows(self, address: str) -> dict[str, str]:
        """Lead her browser on until it is back at the vendor; returns how it came there."""
        page = self.browser.open(address)
        if 'name="password"' in page.text:
            page = self.browser.submit(page, page.form("login", "password"), login=LOGIN, password=PASSWORD)
        if 'name="answer"' in page.text:
            form = page.form("answer")
            page = self.browser.submit(page, form, ticked=form.choices, answer="allow")
        if "data-send" in page.text:
            page = self.browser.submit(page, page.form(action=self.corner.address))
        assert page.url.startswith(self.corner.address), f"{page.url}: {page.text[:2000]}"
        address, body = self.corner.arrivals.pop()
        return {"address": address, "body": body}

    def leaves(self, address: str) -> Page:
        """Follow a vendor's link to sign out, and sign out everywhere."""
        page = self.browser.open(address)
        return self.browser.submit(page, page.form("where"), where="everywhere")


class LibraryFailed(Exception):
    """The library was not content. `said` is what it threw."""

    def __init__(self, said: dict[str, Any]) -> None:
        super().__init__(said)
        self.said = said


class Library:
    """openid-client in a process of its own."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def __call__(self, command: str, **given: Any) -> Any:
        """Raises LibraryFailed."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"command": command, **given}) + "\n")
        self.process.stdin.flush()
        said = json.loads(self.process.stdout.readline())
        if "failure" in said:
            raise LibraryFailed(said["failure"])
        return said["answer"]


@dataclass
class Shop:
    """A vendor that knows where the wallet is, and what the registration said."""

    wallet: Wallet
    ana: Ana
    library: Library
    client_id: str = ""

    @property
    def back(self) -> str:
        return self.ana.corner.back

    def joins(self, method: str = "client_secret_basic", **metadata: Any) -> None:
        usual = {"client_name": "Shop", "redirect_uris": [self.back], "token_endpoint_auth_method": method}
        registered = self.wallet.registers(**usual | metadata)
        self.begins(registered, method)

    def begins(self, registered: dict[str, Any], method: str = "client_secret_basic") -> None:
        """All that the library is told."""
        self.client_id = registered["client_id"]
        secret = registered.get("client_secret")
        self.library(
            "discover", issuer=self.wallet.issuer, client_id=self.client_id, client_secret=secret, method=method
        )

    def asks(self, *, signed: bool = False, pushed: bool = False, **parameters: str) -> str:
        wanted = {"redirect_uri": self.back, "scope": "openid email", **parameters}
        address: str = self.library("ask", parameters=wanted, signed=signed, pushed=pushed)
        return address

    def signs_in(self, **asked: Any) -> dict[str, Any]:
        """Ask, let the person answer, redeem the code."""
        tokens: dict[str, Any] = self.library("redeem", **self.ana.follows(self.asks(**asked)))
        return tokens

    def reads(self, tokens: dict[str, Any], sub: str) -> dict[str, Any]:
        claims: dict[str, Any] = self.library("read", token=tokens["access_token"], sub=sub)
        return claims
