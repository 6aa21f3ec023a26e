"""Set the stage: a wallet with one person in it and a shop, as two processes, and clear it all away again."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from tempfile import TemporaryDirectory

import httpx

from wallet.demo.mail import Mailbox, mail_server
from wallet.errors import SetupError

HOST = "127.0.0.1"
WALLET_PORT, SHOP_PORT, MAIL_PORT = 8420, 8421, 8425
PORTS_TRIED = 50
START_SECONDS, STOP_SECONDS = 60, 10
LOGIN, PASSWORD = "ana", "willkommen-zuhause"
VALUES = {
    "name": "Ana Müller",
    "given_name": "Ana",
    "family_name": "Müller",
    "email": "ana@example.org",
    "birthdate": "1990-12-24",
    "address.street_address": "Lindenweg 5",
    "address.postal_code": "10115",
    "address.locality": "Berlin",
    "address.country": "DE",
    "household.size": "3",
    "electricity.kwh_year": "2500",
}


@dataclass(frozen=True, slots=True)
class Child:
    """A server of ours, with the file that holds what it said."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def check(self) -> None:
        """Raises SetupError with its last words if it is not running."""
        if self.process.poll() is not None:
            said = self.log.read_text(errors="replace").strip().rpartition("\n")[2] or "It said nothing."
            raise SetupError(f"The {self.name} has stopped. {said}")


@dataclass(frozen=True, slots=True)
class Stage:
    """Where everything is."""

    wallet: str
    shop: str
    children: tuple[Child, ...]
    mailbox: Mailbox


@contextmanager
def set_stage() -> Iterator[Stage]:
    """Wallet, shop and mail server, running; gone with everything they wrote when the block ends. Raises SetupError.

    The home is always a temporary one, and no WALLET_ setting of this process is passed on: whoever has a wallet
    can play the demo beside it.
    """
    with ExitStack() as stack:
        home = Path(stack.enter_context(TemporaryDirectory(prefix="hausrecht-demo-", ignore_cleanup_errors=True)))
        environment = own_environment(home)
        doors = [stack.enter_context(reserve(port)) for port in (WALLET_PORT, SHOP_PORT, MAIL_PORT)]
        wallet_port, shop_port, mail_port = (door.getsockname()[1] for door in doors)
        wallet, shop = f"http://{HOST}:{wallet_port}", f"http://{HOST}:{shop_port}"
        move_in(environment)
        environment |= register_shop(environment, wallet=wallet, shop_port=shop_port)
        for door in doors:
            door.close()
        mailbox = stack.enter_context(mail_server(HOST, mail_port))
        environment |= {"WALLET_SMTP_URL": mailbox.url, "WALLET_MAIL_FROM": "wallet@wallet.example"}
        servers = (
            running("wallet", ("wallet", "serve", "--port", str(wallet_port)), environment),
            running("shop", ("wallet.demo.shop", "--port", str(shop_port)), environment),
        )
        children = tuple(stack.enter_context(server) for server in servers)
        for child, address in zip(children, (f"{wallet}/readyz", f"{shop}/"), strict=True):
            wait_until_ready(child, address)
        yield Stage(wallet, shop, children, mailbox)


def own_environment(home: Path) -> dict[str, str]:
    """This process's environment without any setting of a wallet or a shop, and without a proxy between our own two."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WALLET_", "SHOP_"))}
    return {**kept, "WALLET_HOME": str(home), "WALLET_SIGN_UP": "open", "NO_PROXY": HOST, "no_proxy": HOST}


def reserve(first: int) -> socket.socket:
    """Hold the next free port from `first` on, or any other where those are taken, until its server is started."""
    for port in range(first, first + PORTS_TRIED):
        try:
            return socket.create_server((HOST, port))
        except OSError:
            continue
    return socket.create_server((HOST, 0))


def move_in(environment: Mapping[str, str]) -> None:
    """Add the person, by the commands an operator would use."""
    ours("wallet", "person", "add", LOGIN, "--password-stdin", environment=environment, given=f"{PASSWORD}\n")
    pairs = [f"{name}={value}" for name, value in VALUES.items()]
    ours("wallet", "person", "set", LOGIN, *pairs, environment=environment)


def register_shop(environment: Mapping[str, str], *, wallet: str, shop_port: int) -> dict[str, str]:
    """Register the shop by what it says of itself; returns all the shop gets to know of the wallet."""
    metadata = ours("wallet.demo.shop", "--metadata", "--port", str(shop_port), environment=environment)
    registered = json.loads(ours("wallet", "vendor", "add", "-", environment=environment, given=metadata))
    return {
        "SHOP_DISCOVERY_URL": f"{wallet}/.well-known/openid-configuration",
        "SHOP_CLIENT_ID": registered["client_id"],
        "SHOP_CLIENT_SECRET": registered["client_secret"],
        "SHOP_SECRET_KEY": token_urlsafe(32),
    }


def ours(module: str, *arguments: str, environment: Mapping[str, str], given: str = "") -> str:
    """What one of our own modules prints. Raises SetupError with its last words where it fails."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(  # noqa: S603 - our own modules
        command, env=environment, input=given, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise SetupError(f"{module} {arguments[0]} failed: {done.stderr.strip().rpartition(chr(10))[2]}")
    return done.stdout


@contextmanager
def running(name: str, command: tuple[str, ...], environment: Mapping[str, str]) -> Iterator[Child]:
    """A server in a session of its own, so that Ctrl-C reaches us first and we stop it in order."""
    log = Path(environment["WALLET_HOME"]) / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own modules
            [sys.executable, "-m", *command],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Child(name, process, log)
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a child and its workers: politely, and after a while for certain."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until_ready(child: Child, address: str) -> None:
    """Raises SetupError where it stops or does not answer in time."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        child.check()
        try:
            if httpx.get(address, trust_env=False, timeout=5).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.05)
    raise SetupError(f"The {child.name} did not answer at {address} within {START_SECONDS} seconds.")
