"""wallet vendor: register vendors, list and remove them, let them register themselves."""

import json
from collections.abc import Iterator, Sized
from contextlib import contextmanager
from typing import IO

import click
import orjson
from sqlalchemy import Connection

from vendor_api.errors import VendorApiError
from vendor_api.oauth.registration import add_by_operator, mint_initial_token
from vendor_api.vendors import registry, sector
from vendor_api.vendors.metadata import checked
from vendor_api.vendors.response_types import offered
from wallet.opening import open_here


@click.group()
def vendor() -> None:
    """Vendors that may ask the people on this host.

    \b
    Example: wallet vendor list
    """


@vendor.command(name="add")
@click.argument("file", type=click.File("rb"))
def add(file: IO[bytes]) -> None:
    """Register vendors from client metadata (RFC 7591): one object or an array, `-` for standard input.

    A given client_id and client_secret are kept. Prints what was registered as JSON.

    \b
    Example: wallet vendor add shop.json
    """
    try:
        given = orjson.loads(file.read())
    except ValueError as error:
        raise click.ClickException(f"This is not JSON: {error}.") from error
    entries = given if isinstance(given, list) else [given]
    house = open_here()
    types = offered(front_channel=house.settings.front_channel_tokens == "on")

    for number, entry in enumerate(entries, start=1):
        with naming(number, entries):
            sector.confirm(house.outbound, checked(entry, offered=types), now=house.clock())

    def work(db: Connection) -> list[dict[str, object]]:
        done = []
        for number, entry in enumerate(entries, start=1):
            with naming(number, entries):
                done.append(add_by_operator(db, house.secrets, entry, offered=types, now=house.clock()))
        return done

    registered = house.database.write(work)
    click.echo(json.dumps(registered if isinstance(given, list) else registered[0], indent=2))


@contextmanager
def naming(number: int, entries: Sized) -> Iterator[None]:
    """Say which of several vendors can not be registered, and why."""
    try:
        yield
    except VendorApiError as error:
        place = f"vendor {number}: " if len(entries) > 1 else ""
        raise click.ClickException(f"{place}{error}.") from error


@vendor.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="With the whole metadata, as a JSON array.")
def list_vendors(as_json: bool) -> None:
    """List vendors: client_id and name, one a line.

    \b
    Example: wallet vendor list
    """
    found = open_here().database.read(registry.everyone)
    if as_json:
        everything = [
            {**vendor.metadata, "client_id": vendor.client_id, "client_id_issued_at": vendor.created_at}
            for vendor in found
        ]
        click.echo(json.dumps(everything, indent=2))
        return
    for vendor in found:
        click.echo(f"{vendor.client_id}\t{vendor.text('client_name', 'en') or ''}")


@vendor.command(name="remove")
@click.argument("client_id")
def remove(client_id: str) -> None:
    """Remove a vendor. Its codes and tokens end at once; people's ledgers keep what happened.

    \b
    Example: wallet vendor remove shop
    """
    if not open_here().database.write(registry.remove, client_id):
        raise click.ClickException(f"There is no vendor {client_id!r}; `wallet vendor list` shows them.")
    click.echo(f"Removed {client_id}.")


@vendor.command(name="invite")
def invite() -> None:
    """Print an initial access token: whoever has it may register vendors for a week (WALLET_REGISTRATION=token).

    \b
    Example: wallet vendor invite
    """
    house = open_here()
    click.echo(mint_initial_token(house.secrets, now=house.clock()))
