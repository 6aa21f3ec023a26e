"""Run the wallet under granian: choose the port, prepare the house, start the workers."""

import os
import socket
import sys
from dataclasses import replace

import click
from sqlalchemy import Connection, select

from vendor_api.uris import is_loopback_host
from wallet.errors import SetupError
from wallet.house import House
from wallet.opening import open_house
from wallet.people.tables import people
from wallet.settings import DEFAULT_ISSUER, load_settings

DEFAULT_PORT = 8420
PORTS_TRIED = 50


def serve(*, host: str, port: int | None, workers: int) -> None:
    """Serve until interrupted. Raises SetupError where the port is taken or the issuer is not clear."""
    settings = load_settings()
    has_issuer = bool(os.environ.get("WALLET_ISSUER")) or settings.issuer != DEFAULT_ISSUER
    port = port or free_port(host, moving=not has_issuer)
    check_port(host, port)
    if not has_issuer:
        if not is_loopback_host(host):
            raise SetupError(
                "Set WALLET_ISSUER to the https address people and vendors will use, such as https://wallet.example."
            )
        settings = replace(settings, issuer=f"http://{'[::1]' if ':' in host else host}:{port}")
    house = open_house(settings)
    os.environ["WALLET_ISSUER"] = settings.issuer
    welcome(house)
    run(host, port, workers)


def run(host: str, port: int, workers: int) -> None:
    """Become the server: what preparing the house took is no longer needed."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "wallet.server", host, str(port), str(workers)])  # noqa: S606 - our own module


def welcome(house: House) -> None:
    """Say where the wallet is, and on an empty host how its first person gets in."""
    issuer = house.settings.issuer
    click.echo(f"Hausrecht is at {issuer} (home: {house.settings.home}). Ctrl-C stops it.")
    if house.settings.sign_up == "invite" and house.database.read(is_empty):
        from wallet.people.invitations import invite

        token = house.database.write(invite, now=house.clock())
        click.echo(f"Nobody lives here yet. Create your wallet: {issuer}/sign-up?invitation={token}")


def is_empty(db: Connection) -> bool:
    return db.execute(select(people.c.person_id).limit(1)).first() is None


def free_port(host: str, *, moving: bool) -> int:
    """The usual port, or the next free one where nothing depends on the usual one."""
    for port in range(DEFAULT_PORT, DEFAULT_PORT + (PORTS_TRIED if moving else 1)):
        if is_free(host, port):
            return port
    return DEFAULT_PORT


def check_port(host: str, port: int) -> None:
    if not is_free(host, port):
        raise SetupError(f"Port {port} on {host} is taken or not yours to use; choose another with --port.")


def is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True
